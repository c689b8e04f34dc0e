#!/usr/bin/env python3
"""Writes the wire fixtures beside it: Exotel's messages, and what the codec must make of them. The form of a
line is told in ../twilio/make.py. Messages follow Exotel's published AgentStream reference.
"""
import base64, json, os

here = os.path.dirname(os.path.abspath(__file__))
tenth = base64.b64encode(b"\0" * 1600).decode()  # 100 ms
stream, call = "mz0123456789", "ca0123456789"


def media(chunk, payload=tenth, of=stream, **fields):
    return {"event": "media", "sequence_number": "3", "stream_sid": of,
            "media": {"chunk": chunk, "timestamp": "200", "payload": payload, **fields}}


def start(**changed):
    fields = {"stream_sid": stream, "call_sid": call, "account_sid": "exotel1", "from": "+919876543210",
              "to": "+918047491899", "custom_parameters": {"key1": "value1"},
              "media_format": {"encoding": "audio/x-raw", "sample_rate": "8000", "bit_rate": "16"}}
    fields.update(changed)
    return {"event": "start", "sequence_number": "1", "stream_sid": stream, "start": fields}


def dtmf(digit, sequence):
    return {"event": "dtmf", "sequence_number": sequence, "stream_sid": stream, "dtmf": {"digit": digit, "duration": "100"}}


def gives(message, *events):
    return {"in": message, "gives": list(events)}


def ignored(message, reason):
    return {"in": message, "ignored": reason}


def mark(name):
    return {"event": "mark", "sequence_number": "15", "stream_sid": stream, "mark": {"name": name}}


def out(name):
    return {"out": "mark " + name, "message": {"event": "mark", "stream_sid": stream, "mark": {"name": name}}}


frames = ["frame"] * 5
nothing = {"out": "silence", "message": None}
sound = {"out": "silence", "message": {"event": "media", "stream_sid": stream, "media": {"payload": tenth}}}
clear = {"out": "clear", "message": {"event": "clear", "stream_sid": stream}}
stop = {"event": "stop", "sequence_number": "99", "stream_sid": stream,
        "stop": {"call_sid": call, "account_sid": "exotel1", "reason": "callended"}}
begin = gives(start(), f"started {call} ")

fixtures = {
    # 100 ms make a message.
    "call": [
        ignored({"event": "connected"}, "Idle"),
        begin,
        gives(media("1"), *frames),
        *[nothing] * 4,
        sound,
        out("p3s1"),
        gives(mark("p3s1"), "played p3s1"),
        gives(dtmf("5", "7"), "digit 5"),
        ignored(dtmf("5", "7"), "Duplicate"),
        gives(stop, "stopped"),
    ],
    # What is begun and not full is dropped by a clear.
    "clear": [
        begin,
        out("p1s0"),
        nothing,
        clear,
        *[nothing] * 4,
        sound,
        ignored(mark("p1s0"), "Late"),
    ],
    "wide": [
        gives(start(media_format={"encoding": "raw/slin", "sample_rate": "16000", "bit_rate": "256kbps"}),
              f"started {call} "),
        gives(media("1", payload=base64.b64encode(b"\0" * 3200).decode()), *frames),
        *[nothing] * 4,
        {"out": "silence", "message": {"event": "media", "stream_sid": stream, "media": {
            "payload": base64.b64encode(b"\0" * 3200).decode()}}},
    ],
    "disorder": [
        begin,
        gives(media("1"), *frames),
        gives(media("3")),
        gives(media("2"), *frames * 2),
        ignored(media("2"), "Late"),
    ],
    "lenient": [
        gives(start(media_format=None, custom_parameters={"token": "t"}), f"started {call} t"),
        gives(media(1, track="inbound"), *frames),
        gives(media("2", payload=base64.b64encode(b"\0" * 321).decode()), "frame"),
        gives(media("3", payload=base64.b64encode(b"\0" * 319).decode()), "frame"),
        ignored({"event": "weather", "stream_sid": stream}, "UnknownEvent"),
    ],
    "hostile": [
        ignored(media("1"), "BeforeStart"),
        ignored(start(call_sid="../x"), 'Missing("name of the call")'),
        ignored(start(stream_sid='"}'), 'Missing("name of the stream")'),
        ignored(start(media_format={"encoding": "audio/x-raw", "sample_rate": "44100"}), "Format"),
        ignored(start(media_format={"encoding": "opus", "sample_rate": "8000"}), "Format"),
        begin,
        ignored(start(), "SecondStart"),
        ignored(media("1", of="other"), "OtherStream"),
        ignored(media("1", payload="?"), "Payload"),
        ignored(media("1", payload=""), 'Missing("media.payload")'),
        ignored(dtmf("", "1"), "Digit"),
        {"raw": "", "ignored": "Malformed"},
        {"raw": "[" * 5000, "ignored": "Malformed"},
    ],
}

for name, lines in fixtures.items():
    with open(os.path.join(here, name + ".jsonl"), "w") as file:
        for line in lines:
            file.write(json.dumps(line, separators=(",", ":")) + "\n")
