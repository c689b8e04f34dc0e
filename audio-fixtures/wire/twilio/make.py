#!/usr/bin/env python3
"""Writes the wire fixtures beside it: Twilio's messages, and what the codec must make of them.

A line `{"in": message, "gives": [...]}` is a message from Twilio (`"raw"` where it is no JSON) and the
events it must give; `{"in": ..., "ignored": reason}` one that must change nothing. A line
`{"out": what, "message": message}` is something to send and the message that Twilio must get.
Messages follow Twilio's published Media Streams message reference.
"""
import base64, json, os

here = os.path.dirname(os.path.abspath(__file__))
quiet = base64.b64encode(b"\xff" * 160).decode()


def media(chunk=None, payload=quiet, timestamp=None, track="inbound", sid="MZ0", **more):
    fields = {"track": track, "payload": payload}
    if chunk is not None:
        fields["chunk"] = chunk
    if timestamp is not None:
        fields["timestamp"] = timestamp
    return {"event": "media", "sequenceNumber": "9", "streamSid": sid, "media": fields, **more}


def start(**changed):
    fields = {
        "accountSid": "AC0", "streamSid": "MZ0", "callSid": "CA0", "tracks": ["inbound"],
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        "customParameters": {"from": "+15551230000", "token": "t"},
    }
    fields.update(changed)
    return {"event": "start", "sequenceNumber": "1", "streamSid": "MZ0", "start": fields}


def dtmf(digit, sequence):
    return {"event": "dtmf", "sequenceNumber": sequence, "streamSid": "MZ0",
            "dtmf": {"track": "inbound_track", "digit": digit}}


def gives(message, *events):
    return {"in": message, "gives": list(events)}


def ignored(message, reason):
    return {"in": message, "ignored": reason}


connected = {"event": "connected", "protocol": "Call", "version": "1.0.0"}
stop = {"event": "stop", "sequenceNumber": "378", "streamSid": "MZ0", "stop": {"accountSid": "AC0", "callSid": "CA0"}}
mark = {"event": "mark", "sequenceNumber": "6", "streamSid": "MZ0", "mark": {"name": "p3s1"}}
begin = [ignored(connected, "Idle"), gives(start(), "started CA0 t")]

fixtures = {
    "call": [
        {"out": "clear", "message": None},
        *begin,
        gives(media("1", timestamp="155"), "frame"),
        gives(media("2", timestamp="175"), "frame"),
        {"out": "silence", "message": {"event": "media", "streamSid": "MZ0", "media": {"payload": quiet}}},
        {"out": "mark p3s1", "message": {"event": "mark", "streamSid": "MZ0", "mark": {"name": "p3s1"}}},
        gives(dtmf("1", "5"), "digit 1"),
        gives(mark, "played p3s1"),
        {"out": "clear", "message": {"event": "clear", "streamSid": "MZ0"}},
        {"out": "end", "message": None},
        gives(stop, "stopped"),
        ignored(media("3"), "AfterStop"),
        {"out": "clear", "message": None},
    ],
    "lenient": [
        gives(start(mediaFormat={"encoding": "audio/x-mulaw", "sampleRate": "8000", "channels": "1"},
                    customParameters={"token": 42}, rain=True), "started CA0 42"),
        gives(media(1, timestamp=155, rain=[1, {"a": None}]), "frame"),
        gives(media("2", payload=quiet.rstrip("=")), "frame"),
        gives(media("3", payload=base64.b64encode(b"\xff" * 100).decode())),
        gives(media("4", payload=base64.b64encode(b"\xff" * 380).decode()), "frame", "frame", "frame"),
        gives(dtmf(5, 9), "digit 5"),
        gives(dtmf("a", None), "digit A"),
        gives(dtmf("#", None), "digit #"),
        ignored({"event": "weather", "streamSid": "MZ0"}, "UnknownEvent"),
        ignored(media("5", track="outbound"), "OtherTrack"),
    ],
    "disorder": [
        *begin,
        gives(media("1"), "frame"),
        gives(media("3")),
        gives(media("2"), "frame", "frame"),
        ignored(media("2"), "Late"),
        gives(media("6")),
        gives(media("7")),
        gives(media("8"), "lost", "lost", "frame", "frame", "frame"),
        gives(media("900000")),
        gives(media("900001")),
        gives(media("900002"), *["lost"] * 10, "frame", "frame", "frame"),
        gives(dtmf("1", "5"), "digit 1"),
        ignored(dtmf("1", "5"), "Duplicate"),
        gives(dtmf("1", "6"), "digit 1"),
        gives(media("900004")),
        gives(stop, "lost", "frame", "stopped"),
    ],
    "timed": [
        *begin,
        gives(media(timestamp="155"), "frame"),
        gives(media(timestamp="175"), "frame"),
        gives(media(timestamp="194"), "frame"),
        gives(media(timestamp="274"), "lost", "lost", "lost", "frame"),
        ignored(media(timestamp="200"), "Late"),
        gives(media(), "frame"),
    ],
    "hostile": [
        ignored(media("1"), "BeforeStart"),
        ignored({"event": "start", "streamSid": "MZ0"}, 'Missing("start")'),
        ignored(start(callSid="../../x"), 'Missing("name of the call")'),
        ignored(start(callSid="C" * 65), 'Missing("name of the call")'),
        ignored(start(streamSid='"},"x":{"'), 'Missing("name of the stream")'),
        ignored(start(mediaFormat={"encoding": "audio/l16", "sampleRate": 16000}), "Format"),
        ignored(start(customParameters={"token": "t" * 300}), "Malformed"),
        gives(start(), "started CA0 t"),
        ignored(start(), "SecondStart"),
        ignored(media("1", sid="MZ1"), "OtherStream"),
        ignored(media("1", payload="?"), "Payload"),
        ignored(media("1", payload=""), 'Missing("media.payload")'),
        ignored(media("1", payload={"a": 1}), 'Missing("media.payload")'),
        ignored({"event": "media", "streamSid": "MZ0", "media": "x"}, "Malformed"),
        ignored({"event": "media", "streamSid": "MZ0"}, 'Missing("media")'),
        ignored(dtmf("12", "5"), "Digit"),
        ignored(dtmf("", "5"), "Digit"),
        ignored({**mark, "mark": {"name": "end of prompt"}}, "UnknownMark"),
        ignored({**mark, "mark": {"name": "p99999999999s1"}}, "UnknownMark"),
        ignored({"event": ["media"]}, "UnknownEvent"),
        {"raw": "", "ignored": "Malformed"},
        {"raw": "[]", "ignored": "Malformed"},
        {"raw": "{\"event\":\"media\"", "ignored": "Malformed"},
        {"raw": "[" * 5000, "ignored": "Malformed"},
        {"raw": "null", "ignored": "Malformed"},
        gives(media("18446744073709551615"), "frame"),
        gives(media("18446744073709551615"), "frame"),
    ],
}

for name, lines in fixtures.items():
    with open(os.path.join(here, name + ".jsonl"), "w") as file:
        for line in lines:
            file.write(json.dumps(line, separators=(",", ":")) + "\n")
