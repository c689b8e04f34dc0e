#!/usr/bin/env python3
"""Writes the wire fixtures beside it and in ../freeswitch_playback: messages of the mod_audio_fork family after
the modules' sources and documentation. The form is that of `../asterisk/make.py`.
"""
import base64, json, os

here = os.path.dirname(os.path.abspath(__file__))
start = {"in": {"call_id": "c1", "token": "t", "from": "+15551230000", "sampleRate": 8000}, "gives": ["started c1 t"]}
sound = {"hex": "00" * 320, "gives": ["frame"]}
common = [
    {"out": "silence"},
    sound | {"gives": None, "ignored": "BeforeStart"},
    {"raw": "not JSON", "ignored": "Malformed"},
    {"in": {}, "ignored": "Missing(\"call_id\")"},
    {"in": {"call_id": "a/b"}, "ignored": "Missing(\"call_id\")"},
    {"in": {"call_id": "c1", "sampleRate": "fast"}, "ignored": "Format"},
    {"in": {"call_id": "c1", "sampleRate": 7}, "ignored": "Format"},
    start,
    sound,
    {"hex": "00", "gives": []},
    {"hex": "00" * 319, "gives": ["frame"]},
    {"in": {"event": "dtmf", "dtmf": "5"}, "gives": ["digit 5"]},
    {"in": {"event": "dtmf", "dtmf": 2, "duration": "1600"}, "gives": ["digit 2"]},
    {"in": {"type": "dtmf", "data": {"digit": "#"}}, "gives": ["digit #"]},
    {"in": {"event": "dtmf"}, "ignored": "Missing(\"dtmf\")"},
    {"in": {"event": "dtmf", "dtmf": "12"}, "ignored": "Digit"},
    {"in": {"type": "playDone"}, "ignored": "Idle"},
    {"in": {"type": "weather"}, "ignored": "UnknownEvent"},
    {"in": [1], "ignored": "Malformed"},
]
end = [{"out": "end", "message": {"type": "hangup"}}, {"hex": "", "gives": ["stopped"]}, sound | {"gives": None, "ignored": "AfterStop"}]
file = {"type": "streamAudio", "data": {
    "audioDataType": "raw", "sampleRate": 8000, "audioData": base64.b64encode(b"\0" * 320).decode()}}

fixtures = {
    "../freeswitch/call": [
        *common,
        {"out": "silence"},
        {"out": "mark p1s0", "message": file},
        sound | {"gives": ["frame", "played p1s0"]},
        {"out": "silence"},
        {"out": "clear", "message": {"type": "killAudio"}},
        {"out": "mark p2s0"},
        sound | {"gives": ["frame", "played p2s0"]},
        *end,
    ],
    "../freeswitch_playback/call": [
        *common,
        {"out": "silence", "bytes": "00" * 320},
        {"out": "mark p1s0"},
        sound | {"gives": ["frame", "played p1s0"]},
        {"out": "clear", "message": {"type": "killAudio"}},
        *end,
    ],
    "../freeswitch_playback/stereo": [
        {"in": {"call_id": "c1", "sampleRate": "16000", "mixType": "stereo"}, "gives": ["started c1 "]},
        {"hex": "0000ffff" * 320, "gives": ["frame"]},
        {"out": "silence", "bytes": "00" * 640},
    ],
}

for name, lines in fixtures.items():
    with open(os.path.join(here, name + ".jsonl"), "w") as out:
        out.writelines(json.dumps(line) + "\n" for line in lines)
