#!/usr/bin/env python3
"""Writes the wire fixtures beside it: messages of kiosk/1, and what the codec must make of them.

A line `{"in": message, "gives": [...]}` is a text message from the page (`"raw"` where it is no JSON)
and the events it must give (`"answers"`: what is said to it at once); `{"sound": n, ...}` a binary one with n bytes of silence; `"ignored"` names
why a message must change nothing. A line `{"out": what, "message": message}` is something to send and
the message that the page must get. The protocol is described in `src/line/KIOSK.md`.
"""
import json, os

here = os.path.dirname(os.path.abspath(__file__))


def start(**changed):
    return {"type": "start", "format": "pcm16le", "rate": 16000, "token": "K0", **changed}


def gives(message, *events):
    return {"in": message, "gives": list(events)}


def starts(message):
    ready = {"type": "ready", "session": "K0", "rate_out": 16000}
    return {**gives(message, "started K0 "), "answers": [ready]}


def ignored(message, reason):
    return {"in": message, "ignored": reason}


def sound(count, *events):
    return {"sound": count, "gives": list(events)}


def marked(name="p3s1", how="played"):
    return {"type": "marked", "name": name, "how": how}


stop = {"type": "stop"}
begin = starts(start())
frames = ["frame"] * 5

fixtures = {
    "call": [
        {"out": "clear", "message": None},
        begin,
        sound(640, "frame"),
        sound(3200, *frames),
        {"out": "silence", "message": 640},
        {"out": "mark p3s1", "message": {"type": "mark", "name": "p3s1"}},
        gives({"type": "dtmf", "digit": "1"}, "digit 1"),
        gives({"type": "text", "text": " where is my order "}, "typed where is my order"),
        gives(marked(), "played p3s1"),
        gives(marked("p3s2", "cleared"), "played p3s2"),
        {"out": "clear", "message": {"type": "clear"}},
        {"out": "end", "message": {"type": "end", "why": "completed"}},
        gives(stop, "stopped"),
        {"sound": 640, "ignored": "AfterStop"},
        {"out": "clear", "message": None},
    ],
    "person": [
        {"out": "handover", "message": {"type": "end", "why": "handover", "reason": "requested"}},
        begin,
        {"out": "handover", "message": {"type": "end", "why": "handover", "reason": "requested"}},
    ],
    "lenient": [
        starts({"type": "start", "token": "K0", "rain": [1, {"a": None}]}),
        gives({"type": "dtmf", "digit": 5, "held_ms": 80}, "digit 5"),
        gives({"type": "dtmf", "digit": "a"}, "digit A"),
        gives({"type": "dtmf", "digit": "#"}, "digit #"),
        gives({"type": "marked", "name": "p1s0"}, "played p1s0"),
        ignored({"type": "ping"}, "Idle"),
        ignored({"type": "text", "text": "  "}, "Idle"),
        ignored({"type": "weather"}, "UnknownEvent"),
        {"sound": 0, "ignored": "Idle"},
        sound(641, "frame"),
        sound(639, "frame"),
        sound(100),
        sound(540, "frame"),
    ],
    "telephone": [starts(start(rate="8000")), sound(320, "frame"), sound(640, "frame", "frame")],
    "studio": [starts(start(rate=48000)), sound(1920, "frame"), sound(9600, *frames)],
    "disc": [starts(start(rate=44100)), sound(8820, *frames)],
    "hostile": [
        {"sound": 640, "ignored": "BeforeStart"},
        ignored(stop, "BeforeStart"),
        ignored({"type": "start"}, 'Missing("token")'),
        ignored(start(token="../../x"), "Token"),
        ignored(start(token=""), "Token"),
        ignored(start(token="t" * 300), "Malformed"),
        ignored(start(token=7), "Malformed"),
        ignored(start(format="opus"), "Format"),
        ignored(start(rate=7999), "Format"),
        ignored(start(rate=96000), "Format"),
        ignored(start(rate=-1), "Format"),
        ignored(start(rate=1e300), "Format"),
        ignored(start(rate=[16000]), "Format"),
        begin,
        ignored(start(), "SecondStart"),
        ignored({"type": "dtmf"}, 'Missing("digit")'),
        ignored({"type": "dtmf", "digit": "12"}, "Digit"),
        ignored({"type": "dtmf", "digit": ""}, "Digit"),
        ignored({"type": "dtmf", "digit": "x"}, "Digit"),
        ignored({"type": "marked"}, 'Missing("name")'),
        ignored(marked("end of prompt"), "UnknownMark"),
        ignored(marked("p99999999999s1"), "UnknownMark"),
        ignored({"type": "text"}, 'Missing("text")'),
        ignored({"type": "text", "text": "x" * 5000}, "Malformed"),
        ignored({"type": ["text"]}, "Malformed"),
        {"raw": "", "ignored": "Malformed"},
        {"raw": "[]", "ignored": "UnknownEvent"},
        {"raw": "{\"type\":\"dtmf\"", "ignored": "Malformed"},
        {"raw": "[" * 5000, "ignored": "Malformed"},
        {"raw": "null", "ignored": "Malformed"},
        sound(640, "frame"),
    ],
}

for name, lines in fixtures.items():
    with open(os.path.join(here, name + ".jsonl"), "w") as file:
        for line in lines:
            file.write(json.dumps(line, separators=(",", ":")) + "\n")
