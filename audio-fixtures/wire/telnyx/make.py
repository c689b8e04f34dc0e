#!/usr/bin/env python3
"""Writes the wire fixtures beside it: Telnyx's messages, and what the codec must make of them. The form of
a line is told in ../twilio/make.py. Messages follow Telnyx's published media-streaming reference; the shapes
of `dtmf`, `stop` and `error` are from memory.
"""
import base64, json, os

here = os.path.dirname(os.path.abspath(__file__))
ulaw = base64.b64encode(b"\xff" * 160).decode()
alaw = base64.b64encode(b"\xd5" * 160).decode()
stream = "32de0dea-53cb-4b21-89a4-9e1819c043bc"


def media(chunk, payload=ulaw, track="inbound", **more):
    fields = {"track": track, "chunk": chunk, "timestamp": "5", "payload": payload}
    return {"event": "media", "sequence_number": "4", "stream_id": stream, "media": fields, **more}


def start(encoding="PCMU", **changed):
    fields = {
        "user_id": "3e6f9986-0e64-4b06-b2d0-d27a4ee5f2de", "call_control_id": "v3:abc_DEF-123",
        "call_session_id": "b2ff1d06-aa2b-4ab9-9b2e-4d7d5d9b1b9e", "from": "+15551230000", "to": "+15559870000",
        "tags": [], "client_state": "aGF2ZSBhIG5pY2UgZGF5ID1d", "custom_parameters": {},
        "media_format": {"encoding": encoding, "sample_rate": 8000, "channels": 1},
    }
    fields.update(changed)
    return {"event": "start", "sequence_number": "1", "stream_id": stream, "start": fields}


def dtmf(digit, sequence):
    return {"event": "dtmf", "stream_id": stream, "sequence_number": sequence,
            "occurred_at": "2026-11-23T10:00:00.000000Z", "dtmf": {"digit": digit}}


def gives(message, *events):
    return {"in": message, "gives": list(events)}


def ignored(message, reason):
    return {"in": message, "ignored": reason}


connected = {"event": "connected", "version": "1.0.0"}
stop = {"event": "stop", "sequence_number": "9", "stream_id": stream,
        "stop": {"user_id": "3e6f9986-0e64-4b06-b2d0-d27a4ee5f2de", "call_control_id": "v3:abc_DEF-123"}}
mark = {"event": "mark", "stream_id": stream, "sequence_number": "6", "mark": {"name": "p3s1"}}
error = {"event": "error", "stream_id": stream,
         "payload": {"code": 100003, "title": "malformed_frame", "detail": "too short"}}
named = "started v3-abc_DEF-123 "

fixtures = {
    "call": [
        {"out": "clear", "message": None},
        ignored(connected, "Idle"),
        gives(start(), named),
        gives(media("1"), "frame"),
        {"out": "silence", "message": {"event": "media", "media": {"payload": ulaw}}},
        {"out": "mark p3s1", "message": {"event": "mark", "mark": {"name": "p3s1"}}},
        gives(dtmf("1", "5"), "digit 1"),
        ignored(dtmf("1", "5"), "Duplicate"),
        gives(mark, "played p3s1"),
        {"out": "clear", "message": {"event": "clear"}},
        ignored(error, "Idle"),
        {"out": "end", "message": None},
        gives(stop, "stopped"),
        ignored(media("3"), "AfterStop"),
        {"out": "clear", "message": None},
    ],
    # In Europe and India the caller's sound is A-law; ours stays µ-law.
    "european": [
        gives(start("PCMA"), named),
        gives(media("1", payload=alaw), "frame"),
        {"out": "silence", "message": {"event": "media", "media": {"payload": ulaw}}},
    ],
    "disorder": [
        gives(start(), named),
        gives(media("1"), "frame"),
        gives(media("3")),
        gives(media("2"), "frame", "frame"),
        ignored(media("2"), "Late"),
        gives(media("6")),
        gives(media("7")),
        gives(media("8"), "lost", "lost", "frame", "frame", "frame"),
        gives(media("10")),
        gives(stop, "lost", "frame", "stopped"),
    ],
    "lenient": [
        gives(start(media_format={"encoding": "pcmu", "sample_rate": "8000"}, custom_parameters={"token": "t"}, rain=1),
              named + "t"),
        gives(media(1, payload=ulaw.rstrip("="), rain=[1]), "frame"),
        gives(media("2", payload=base64.b64encode(b"\xff" * 100).decode())),
        gives(dtmf("#", None), "digit #"),
        ignored({"event": "weather"}, "UnknownEvent"),
        ignored(media("3", track="outbound"), "OtherTrack"),
        ignored({"event": "error", "payload": {}}, "Idle"),
        ignored({"event": "error"}, "Idle"),
    ],
    "hostile": [
        ignored(media("1"), "BeforeStart"),
        ignored({"event": "start", "stream_id": stream}, 'Missing("start")'),
        ignored(start(call_control_id="../../x"), 'Missing("name of the call")'),
        ignored(start(call_control_id=""), 'Missing("name of the call")'),
        ignored(start(call_control_id="v" * 300), 'Missing("name of the call")'),
        ignored({**start(), "stream_id": '"},"x":{"'}, 'Missing("name of the stream")'),
        ignored(start("G722", ), "Format"),
        ignored(start("L16"), "Format"),
        ignored(start(media_format={"encoding": "PCMU", "sample_rate": 16000}), "Format"),
        ignored(start(custom_parameters={"token": "t" * 300}), "Malformed"),
        gives(start(), named),
        ignored(start(), "SecondStart"),
        ignored({**media("1"), "stream_id": "other"}, "OtherStream"),
        ignored(media("1", payload="?"), "Payload"),
        ignored(media("1", payload=""), 'Missing("media.payload")'),
        ignored(media("1", payload=["x"]), 'Missing("media.payload")'),
        ignored({"event": "media", "media": "x"}, "Malformed"),
        ignored({"event": "media"}, 'Missing("media")'),
        ignored(dtmf("12", "5"), "Digit"),
        ignored({**mark, "mark": {"name": "end of prompt"}}, "UnknownMark"),
        {"raw": "", "ignored": "Malformed"},
        {"raw": "[]", "ignored": "Malformed"},
        {"raw": "{\"event\":\"media\",\"event\":", "ignored": "Malformed"},
        {"raw": "[" * 5000, "ignored": "Malformed"},
        gives(media("18446744073709551615"), "frame"),
        gives(media("18446744073709551615"), "frame"),
    ],
}

for name, lines in fixtures.items():
    with open(os.path.join(here, name + ".jsonl"), "w") as file:
        for line in lines:
            file.write(json.dumps(line, separators=(",", ":")) + "\n")
