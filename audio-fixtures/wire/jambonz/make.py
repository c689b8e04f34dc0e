#!/usr/bin/env python3
"""Writes the wire fixtures beside it: the messages of jambonz's audio socket, and what the codec must make of
them. The form of the lines: see ../twilio/make.py and ../vonage/make.py. Messages follow jambonz's
documentation of `listen` and the source of mod_audio_fork.
"""
import json, os

here = os.path.dirname(os.path.abspath(__file__))
call = "aad0115d-ec21-40db-aa02-31b7b01540c5"


def gives(message, *events):
    return {"in": message, "gives": list(events)}


def ignored(message, reason):
    return {"in": message, "ignored": reason}


def first(**changed):
    fields = {"callSid": call, "direction": "inbound", "from": "+15551230000", "to": "+15559870000",
              "callId": "fc5f8190-718a-123b-e6ba-023fd61c5256", "sampleRate": 8000, "mixType": "mono", "token": "t"}
    fields.update(changed)
    return {name: value for name, value in fields.items() if value is not None}


def mark(name, event="playout"):
    return {"type": "mark", "data": {"name": name, "event": event}}


start = f"started {call} t"
sends = lambda what, message: {"out": what, "message": message}
marks = [sends(f"mark p1s{n}", {"type": "mark", "data": {"name": f"p1s{n}"}}) for n in range(30)]

fixtures = {
    "call": [
        sends("clear", None),
        gives(first(), start),
        # The resampler from 8 to 16 kHz is half a block late; the first block fills it.
        {"sound": 320, "gives": ["frame"]},
        sends("silence", 320),
        sends("mark p0s0", {"type": "mark", "data": {"name": "p0s0"}}),
        gives(mark("p0s0"), "played p0s0"),
        gives({"event": "dtmf", "dtmf": "2", "duration": "1600"}, "digit 2"),
        sends("mark p1s0", {"type": "mark", "data": {"name": "p1s0"}}),
        sends("clear", {"type": "killAudio"}),
        gives(mark("p1s0", "cleared"), "played p1s0"),
        ignored({"type": "playDone"}, "Idle"),
        sends("end", {"type": "disconnect"}),
    ],
    "marks": [
        gives(first(), start),
        *marks,
        # jambonz would drop the 31st: it comes back by our own reckoning.
        sends("silence", 320),
        sends("mark p1s30", None),
        {"sound": 320, "gives": ["frame", "played p1s30"]},
    ],
    "lenient": [
        gives(first(callSid=None, call_sid=call, token=None, metadata={"token": "t", "rain": [1]}), start),
        gives({"event": "dtmf", "dtmf": 5}, "digit 5"),
        gives({"event": "dtmf", "data": {"digit": "*"}}, "digit *"),
        ignored({"event": "weather"}, "UnknownEvent"),
        {"sound": 100, "gives": []},
        {"sound": 221, "gives": ["frame"]},
        {"sound": 639, "gives": ["frame", "frame"]},
    ],
    "graceful": [
        gives(first(), start),
        {"sound": 0, "gives": ["stopped"]},
        {"sound": 320, "ignored": "AfterStop"},
        ignored({"event": "dtmf", "dtmf": "1"}, "AfterStop"),
    ],
    "hostile": [
        {"sound": 320, "ignored": "BeforeStart"},
        {"raw": "", "ignored": "Malformed"},
        {"raw": "[]", "ignored": "Malformed"},
        {"raw": "[" * 200, "ignored": "Malformed"},
        ignored(first(callSid=None, callId=None), 'Missing("call_id")'),
        ignored(first(callSid="../../x", callId=None), 'Missing("call_id")'),
        ignored(first(token="t" * 257), "Malformed"),
        ignored(first(sampleRate="fast"), "Format"),
        ignored(first(sampleRate=1), "Format"),
        gives(first(), start),
        ignored({"event": "dtmf"}, 'Missing("dtmf")'),
        ignored({"event": "dtmf", "dtmf": "x"}, "Digit"),
        ignored({"event": "dtmf", "dtmf": "12"}, "Digit"),
        ignored({"type": "mark"}, 'Missing("data.name")'),
        ignored(mark("\u0000"), "UnknownMark"),
    ],
}

for name, lines in fixtures.items():
    with open(os.path.join(here, name + ".jsonl"), "w") as file:
        for line in lines:
            file.write(json.dumps(line, separators=(",", ":")) + "\n")
