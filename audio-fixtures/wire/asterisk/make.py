#!/usr/bin/env python3
"""Writes the wire fixtures beside it: messages of Asterisk's chan_websocket, as Asterisk 22.10.1 sent them
on a loopback socket (JSON and words; without the credential), and those of 22.6, which knows no marks.

The form of a line is that of `../twilio/make.py`; `raw` is a text that is no JSON, `hex` a binary message;
`text` is what must be sent, `bytes` the beginning of a binary message that must be.
"""
import json, os

here = os.path.dirname(os.path.abspath(__file__))
quiet = "ff" * 160

json_start = {
    "event": "MEDIA_START", "connection_id": "conn1", "channel": "WebSocket/conn1/0x7f744000be80",
    "channel_id": "1795366864.26", "format": "ulaw", "optimal_frame_size": 160, "ptime": 20,
    "channel_variables": {
        "DIALEDPEERNUMBER": "conn1/c(ulaw)f(json)v(ex=ws)", "MEDIA_WEBSOCKET_CONNECTION_ID": "conn1",
        "MEDIA_WEBSOCKET_OPTIMAL_FRAME_SIZE": "160", "__MYVAR": "hello world",
    },
}
words_start = ("MEDIA_START connection_id:conn1 channel:WebSocket/conn1/0x7f74400034d0 "
               "channel_id:1795366929.35 format:slin16 optimal_frame_size:640 ptime:20")
old_start = "MEDIA_START connection_id:conn1 channel:WebSocket/conn1/0x7f74 format:ulaw optimal_frame_size:160"


def event(name, **fields):
    return {"event": name, "channel_id": "1795366864.26", **fields}


fixtures = {
    "json": [
        {"out": "clear"},
        {"hex": quiet, "gives": []},
        {"in": event("DTMF_END", digit="1"), "ignored": "BeforeStart"},
        {"in": json_start, "gives": ["started 1795366864-26 "]},
        # What came before the start is not lost.
        {"hex": quiet, "gives": ["frame", "frame"]},
        {"hex": quiet, "gives": ["frame"]},
        {"hex": "ff" * 80, "gives": []},
        {"hex": "ff" * 240, "gives": ["frame", "frame"]},
        {"in": event("DTMF_END", digit="1"), "gives": ["digit 1"]},
        {"in": event("DTMF_END", digit="*"), "gives": ["digit *"]},
        {"in": event("DTMF_END", digit="#"), "gives": ["digit #"]},
        {"in": event("DTMF_END", digit="12"), "ignored": "Digit"},
        {"in": event("DTMF_END"), "ignored": "Digit"},
        {"out": "silence", "bytes": "ff" * 160},
        {"out": "mark p1s0", "text": '{"command":"MARK_MEDIA","correlation_id":"p1s0"}'},
        {"in": event("MEDIA_MARK_PROCESSED", correlation_id="p1s0"), "gives": ["played p1s0"]},
        {"in": event("MEDIA_MARK_PROCESSED", correlation_id="m1"), "ignored": "UnknownMark"},
        {"out": "clear", "text": '{"command":"FLUSH_MEDIA"}'},
        {"in": event("STATUS", queue_length=0, xon_level=800, xoff_level=900, queue_full=False, bulk_media=False,
                     media_paused=False), "ignored": "Idle"},
        {"in": event("MEDIA_BUFFERING_COMPLETED", correlation_id="b1"), "ignored": "Idle"},
        {"in": event("ERROR", error_text="Unable to parse JSON command"), "ignored": "Idle"},
        {"in": event("MEDIA_XOFF"), "gives": []},
        {"out": "silence"},
        {"in": event("MEDIA_XON"), "gives": [], "answers": [160]},
        {"in": event("QUEUE_DRAINED"), "gives": []},
        {"in": event("WEATHER"), "ignored": "UnknownEvent"},
        {"in": json_start, "ignored": "SecondStart"},
        {"in": {}, "ignored": "Malformed"},
        {"in": [1], "ignored": "UnknownEvent"},
        {"raw": "{", "ignored": "Malformed"},
        {"raw": "", "ignored": "Malformed"},
        {"out": "end", "text": '{"command":"HANGUP"}'},
    ],
    "words": [
        {"raw": words_start, "gives": ["started 1795366929-35 "]},
        {"hex": "00" * 640, "gives": ["frame"]},
        {"raw": "DTMF_END digit:1 channel_id:1795366929.35", "gives": ["digit 1"]},
        {"raw": "DTMF_END digit:# channel_id:1795366929.35", "gives": ["digit #"]},
        {"out": "silence", "bytes": "00" * 640},
        {"out": "mark p1s0", "text": "MARK_MEDIA p1s0"},
        {"raw": "MEDIA_MARK_PROCESSED p1s0", "gives": ["played p1s0"]},
        {"out": "clear", "text": "FLUSH_MEDIA"},
        {"raw": "QUEUE_DRAINED", "gives": []},
        {"raw": "STATUS channel_id:1795366929.35 queue_length:0 xon_level:800 xoff_level:900 queue_full:false "
                "bulk_media:false media_paused:false", "ignored": "Idle"},
        {"raw": "ERROR channel_id:1795366929.35 error_text:SET_MEDIA_DIRECTION only supports JSON format.\n",
         "ignored": "Idle"},
        {"out": "end", "text": "HANGUP"},
    ],
    "old": [
        {"raw": old_start, "gives": ["started conn1 "]},
        {"raw": "DTMF_END digit:1", "gives": ["digit 1"]},
        {"out": "silence", "bytes": "ff" * 160},
        {"out": "mark p1s0", "text": "REPORT_QUEUE_DRAINED"},
        {"raw": "QUEUE_DRAINED", "gives": ["played p1s0"]},
        {"out": "silence", "bytes": "ff" * 160},
        {"out": "mark p1s1", "text": "REPORT_QUEUE_DRAINED"},
        # The caller's own sound is the clock where the queue is never empty.
        {"hex": quiet, "gives": ["frame", "played p1s1"]},
        {"out": "end", "text": "HANGUP"},
    ],
    "codec": [
        {"in": {**json_start, "format": "opus"}, "ignored": "Format"},
        {"in": {**json_start, "format": "slin", "optimal_frame_size": "320"}, "gives": ["started 1795366864-26 "]},
        {"hex": "00" * 320, "gives": ["frame"]},
    ],
}

for name, lines in fixtures.items():
    with open(os.path.join(here, name + ".jsonl"), "w") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)
