#!/usr/bin/env python3
"""Writes the wire fixtures beside it: SignalWire's messages, and what the codec must make of them. The form of
a line is told in ../twilio/make.py. The messages are Twilio's with SignalWire's names for calls.
"""
import base64, json, os

here = os.path.dirname(os.path.abspath(__file__))
quiet = base64.b64encode(b"\xff" * 160).decode()
call, stream = "b1c7b2f0-35b8-4f7b-9a0c-5a8d6c2f9e11", "0f2f5a9e-7a53-4b40-9a8e-0c1b2d3e4f50"


def media(chunk, payload=quiet, of=stream):
    return {"event": "media", "sequenceNumber": "9", "streamSid": of,
            "media": {"track": "inbound", "chunk": chunk, "timestamp": "5", "payload": payload}}


def start(**changed):
    fields = {"accountSid": "a", "streamSid": stream, "callSid": call, "tracks": ["inbound"],
              "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
              "customParameters": {"token": "t"}}
    fields.update(changed)
    return {"event": "start", "sequenceNumber": "1", "streamSid": stream, "start": fields}


def gives(message, *events):
    return {"in": message, "gives": list(events)}


def ignored(message, reason):
    return {"in": message, "ignored": reason}


def mark(name):
    return {"event": "mark", "sequenceNumber": "6", "streamSid": stream, "mark": {"name": name}}


def out(name):
    return {"out": "mark " + name, "message": {"event": "mark", "streamSid": stream, "mark": {"name": name}}}


clear = {"out": "clear", "message": {"event": "clear", "streamSid": stream}}
dtmf = {"event": "dtmf", "sequenceNumber": "5", "streamSid": stream, "dtmf": {"track": "inbound_track", "digit": "1"}}
stop = {"event": "stop", "sequenceNumber": "9", "streamSid": stream, "stop": {"accountSid": "a", "callSid": call}}
begin = gives(start(), f"started {call} t")

fixtures = {
    "call": [
        ignored({"event": "connected", "protocol": "Call", "version": "0.2.0"}, "Idle"),
        begin,
        gives(media("1"), "frame"),
        {"out": "silence", "message": {"event": "media", "streamSid": stream, "media": {"payload": quiet}}},
        out("p3s1"),
        gives(mark("p3s1"), "played p3s1"),
        gives(dtmf, "digit 1"),
        gives(stop, "stopped"),
    ],
    # Whether marks of cleared sound return is not documented: either way is right.
    "clear": [
        begin,
        out("p1s0"),
        clear,
        ignored(mark("p1s0"), "Late"),
        out("p2s0"),
        gives(mark("p2s0"), "played p2s0"),
    ],
    "hostile": [
        ignored(media("1"), "BeforeStart"),
        ignored(start(callSid="../x"), 'Missing("name of the call")'),
        ignored(start(mediaFormat={"encoding": "L16", "sampleRate": 24000}), "Format"),
        begin,
        ignored(media("1", of="other"), "OtherStream"),
        ignored(media("1", payload="?"), "Payload"),
        {"raw": "[" * 5000, "ignored": "Malformed"},
    ],
}

for name, lines in fixtures.items():
    with open(os.path.join(here, name + ".jsonl"), "w") as file:
        for line in lines:
            file.write(json.dumps(line, separators=(",", ":")) + "\n")
