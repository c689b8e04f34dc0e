#!/usr/bin/env python3
"""Writes the wire fixtures beside it: Plivo's messages, and what the codec must make of them. The form of a
line is told in ../twilio/make.py. Messages follow Plivo's published AudioStream reference.
"""
import base64, json, os

here = os.path.dirname(os.path.abspath(__file__))
quiet = base64.b64encode(b"\xff" * 160).decode()
stream, call = "20170ada-f610-433b-8758-c02a2aab3662", "9e5f4f0e-0b2b-4d0c-8a3a-6f2f3b1f0c11"


def media(chunk, payload=quiet, track="inbound", of=stream):
    fields = {"track": track, "timestamp": "1705312200000", "chunk": chunk, "payload": payload}
    return {"event": "media", "sequenceNumber": 42, "streamId": of, "media": fields, "extra_headers": ""}


def start(encoding="audio/x-mulaw", rate=8000, **changed):
    fields = {"callId": call, "streamId": stream, "accountId": "MAXXXXXXXXXXXXXXXXXX", "tracks": ["inbound"],
              "mediaFormat": {"encoding": encoding, "sampleRate": rate}}
    fields.update(changed)
    return {"event": "start", "sequenceNumber": 1, "start": fields, "extra_headers": "userId=12"}


def dtmf(digit, sequence):
    return {"event": "dtmf", "sequenceNumber": sequence, "streamId": stream,
            "dtmf": {"track": "inbound", "digit": digit, "timestamp": "1705312200000"}, "extra_headers": ""}


def gives(message, *events):
    return {"in": message, "gives": list(events)}


def ignored(message, reason):
    return {"in": message, "ignored": reason}


def played(name):
    return {"event": "playedStream", "sequenceNumber": 60, "streamId": stream, "name": name}


def checkpoint(name):
    return {"out": "mark " + name, "message": {"event": "checkpoint", "streamId": stream, "name": name}}


cleared = {"event": "clearedAudio", "sequenceNumber": 61, "streamId": stream}
clear = {"out": "clear", "message": {"event": "clearAudio", "streamId": stream}}
sound = {"out": "silence", "message": {"event": "playAudio", "streamId": stream, "media": {
    "contentType": "audio/x-mulaw", "sampleRate": 8000, "payload": quiet}}}
begin = gives(start(), f"started {call} ")

fixtures = {
    "call": [
        {"out": "clear", "message": None},
        begin,
        gives(media(1), "frame"),
        sound,
        checkpoint("p3s1"),
        gives(dtmf("5", 50), "digit 5"),
        ignored(dtmf("5", 50), "Duplicate"),
        gives(played("p3s1"), "played p3s1"),
        {"out": "end", "message": None},
    ],
    # Checkpoints of cleared sound do not return: `clearedAudio` stands for them, once.
    "clear": [
        begin,
        checkpoint("p1s0"),
        checkpoint("p1s1"),
        clear,
        checkpoint("p2s0"),
        gives(played("p1s0"), "played p1s0"),
        gives(cleared, "played p1s1"),
        ignored(played("p1s1"), "Late"),
        gives(cleared),
        gives(played("p2s0"), "played p2s0"),
        ignored(played("p2s0"), "Late"),
        ignored(played("p9s9"), "Late"),
    ],
    "disorder": [
        begin,
        gives(media(1), "frame"),
        gives(media(3)),
        gives(media(2), "frame", "frame"),
        ignored(media(2), "Late"),
        gives(media(6)),
        gives(media(7)),
        gives(media(8), "lost", "lost", "frame", "frame", "frame"),
    ],
    "lenient": [
        gives(start("audio/x-mulaw;rate=8000", "8000"), f"started {call} "),
        gives(media("1", payload=quiet.rstrip("=")), "frame"),
        gives(dtmf(7, "51"), "digit 7"),
        ignored({"event": "weather", "streamId": stream}, "UnknownEvent"),
        ignored(media(2, track="outbound"), "OtherTrack"),
    ],
    # What Plivo sends where nobody asks for µ-law.
    "linear": [
        gives(start("audio/x-l16", 16000), f"started {call} "),
        gives(media(1, payload=base64.b64encode(b"\0" * 640).decode()), "frame"),
        sound,
    ],
    "hostile": [
        ignored(media(1), "BeforeStart"),
        ignored(cleared, "BeforeStart"),
        ignored(start(callId="../x"), 'Missing("name of the call")'),
        ignored(start(streamId='"}'), 'Missing("name of the stream")'),
        ignored(start("audio/x-l16", 44100), "Format"),
        ignored(start("audio/ogg"), "Format"),
        begin,
        ignored(start(), "SecondStart"),
        ignored(media(1, of="other"), "OtherStream"),
        ignored(media(1, payload="?"), "Payload"),
        ignored({"event": "playedStream", "streamId": stream}, "UnknownMark"),
        ignored({**played("x"), "name": ["p1s1"]}, "UnknownMark"),
        ignored({"event": "media", "streamId": stream}, 'Missing("media")'),
        {"raw": "", "ignored": "Malformed"},
        {"raw": "{}", "ignored": "Malformed"},
        {"raw": "{\"event\":\"start\",\"start\":7}", "ignored": "Malformed"},
        {"raw": "[" * 5000, "ignored": "Malformed"},
        gives(media(18446744073709551615), "frame"),
    ],
}

for name, lines in fixtures.items():
    with open(os.path.join(here, name + ".jsonl"), "w") as file:
        for line in lines:
            file.write(json.dumps(line, separators=(",", ":")) + "\n")
