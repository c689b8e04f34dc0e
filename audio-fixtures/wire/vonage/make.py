#!/usr/bin/env python3
"""Writes the wire fixtures beside it: Vonage's WebSocket messages, and what the codec must make of them.

The form of the lines: see ../twilio/make.py; `{"sound": n}` is a binary message of n zero bytes, and a number
as `message` the length of a binary one. Messages follow Vonage's WebSocket guide; the three shapes of keys are
those seen in code that talks to different ages of the platform.
"""
import json, os

here = os.path.dirname(os.path.abspath(__file__))


def gives(message, *events):
    return {"in": message, "gives": list(events)}


def ignored(message, reason):
    return {"in": message, "ignored": reason}


def connected(**changed):
    fields = {"event": "websocket:connected", "content-type": "audio/l16;rate=16000",
              "call": "CON-aaaaaaaa-bbbb-cccc-dddd-0123456789ab", "token": "t"}
    fields.update(changed)
    return {name: value for name, value in fields.items() if value is not None}


def notify(name):
    return {"event": "websocket:notify", "payload": {"id": name}}


start = "started CON-aaaaaaaa-bbbb-cccc-dddd-0123456789ab t"
cleared = {"event": "websocket:cleared"}
sends = lambda what, message: {"out": what, "message": message}

fixtures = {
    "call": [
        sends("clear", None),
        gives(connected(), start),
        {"sound": 640, "gives": ["frame"]},
        sends("silence", 640),
        sends("mark p0s0", {"action": "notify", "payload": {"id": "p0s0"}}),
        gives(notify("p0s0"), "played p0s0"),
        gives({"event": "websocket:dtmf", "digit": "5", "duration": 260}, "digit 5"),
        sends("mark p1s0", {"action": "notify", "payload": {"id": "p1s0"}}),
        sends("mark p1s1", {"action": "notify", "payload": {"id": "p1s1"}}),
        sends("clear", {"action": "clear"}),
        gives(cleared, "played p1s0", "played p1s1"),
        sends("end", None),
    ],
    "cleared": [
        gives(connected(), start),
        sends("mark p1s0", {"action": "notify", "payload": {"id": "p1s0"}}),
        sends("clear", {"action": "clear"}),
        sends("mark p2s0", {"action": "notify", "payload": {"id": "p2s0"}}),
        gives(cleared, "played p1s0"),
        ignored(cleared, "Idle"),
        gives(notify("p2s0"), "played p2s0"),
        ignored(notify("p2s0"), "UnknownMark"),
    ],
    "lenient": [
        gives(connected(headers={"rain": True}, token=42), "started CON-aaaaaaaa-bbbb-cccc-dddd-0123456789ab 42"),
        gives({"event": "websocket:dtmf", "dtmf": {"digit": "1", "duration": 1}}, "digit 1"),
        gives({"event": "websocket:dtmf", "dtmf": "2"}, "digit 2"),
        gives({"event": "websocket:dtmf", "digit": 3}, "digit 3"),
        gives({"event": "websocket:dtmf", "digit": "#"}, "digit #"),
        ignored({"event": "websocket:weather"}, "UnknownEvent"),
        {"sound": 100, "gives": []},
        {"sound": 541, "gives": ["frame"]},
        {"sound": 1279, "gives": ["frame", "frame"]},
    ],
    "rates": [
        gives(connected(**{"content-type": "audio/l16; rate=8000"}), start),
        {"sound": 320, "gives": ["frame"]},
        sends("silence", 320),
    ],
    "nested": [
        gives({"event": "websocket:connected", "headers": {"call": "CON-1", "token": "t"}}, "started CON-1 t"),
        sends("silence", 640),
    ],
    "hostile": [
        {"sound": 640, "ignored": "BeforeStart"},
        ignored({"event": "websocket:dtmf", "digit": "5"}, "BeforeStart"),
        ignored(connected(call=None), 'Missing("call")'),
        ignored(connected(call="../../x"), 'Missing("call")'),
        ignored(connected(call="C" * 65), 'Missing("call")'),
        ignored(connected(token="t" * 257), "Malformed"),
        ignored(connected(**{"content-type": "audio/l16;rate=44100"}), "Format"),
        ignored(connected(**{"content-type": "audio/pcmu;rate=8000"}), "Format"),
        {"raw": "", "ignored": "Malformed"},
        {"raw": "{", "ignored": "Malformed"},
        {"raw": "[]", "ignored": "Malformed"},
        {"raw": "null", "ignored": "Malformed"},
        {"raw": '{"event":1}', "ignored": "Malformed"},
        {"raw": "[" * 200, "ignored": "Malformed"},
        gives(connected(), start),
        ignored(connected(), "SecondStart"),
        ignored({"event": "websocket:dtmf"}, 'Missing("digit")'),
        ignored({"event": "websocket:dtmf", "digit": "55"}, "Digit"),
        ignored({"event": "websocket:dtmf", "digit": "x"}, "Digit"),
        ignored({"event": "websocket:notify"}, 'Missing("payload.id")'),
        ignored(notify("p9s9"), "UnknownMark"),
        ignored(notify("\u0000"), "UnknownMark"),
        {"sound": 0, "gives": []},
    ],
}

for name, lines in fixtures.items():
    with open(os.path.join(here, name + ".jsonl"), "w") as file:
        for line in lines:
            file.write(json.dumps(line, separators=(",", ":")) + "\n")
