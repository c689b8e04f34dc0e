#!/usr/bin/env python3
"""Writes the wire fixtures beside it: AudioSocket packets as Asterisk 22.10.1 sent them on loopback (the UUID,
keys, the milliwatt tone), and what it never sends. The form is that of `../asterisk/make.py`.
"""
import json, os

here = os.path.dirname(os.path.abspath(__file__))


def packet(kind, payload=b""):
    return (bytes([kind]) + len(payload).to_bytes(2, "big") + payload).hex()


uuid = bytes.fromhex("40325ec25efd4bd3805f53576e581d13")
# One period of the tone that Asterisk sent, 1004 Hz at 8 kHz.
tone = bytes.fromhex("00006f40d55a9e3fdafec3be2da532c1")
start = {"hex": packet(0x01, uuid), "gives": ["started 40325ec2-5efd-4bd3-805f-53576e581d13 "]}
silence = {"out": "silence", "bytes": "100140" + "00" * 320}

fixtures = {
    "call": [
        {"out": "silence"},
        {"hex": packet(0x10, tone * 20), "ignored": "BeforeStart"},
        start,
        silence,
        *({"hex": packet(0x03, key.encode()), "gives": ["digit " + key]} for key in "12*#"),
        {"hex": packet(0x10, tone * 20), "gives": ["frame"]},
        {"hex": packet(0x10, tone * 20), "gives": ["frame"]},
        {"out": "mark p1s0"},
        {"out": "clear"},
        {"out": "end", "bytes": "000000"},
        {"hex": packet(0x00), "gives": ["stopped"]},
        {"hex": packet(0x10, tone * 20), "ignored": "AfterStop"},
    ],
    "wide": [
        start,
        # A channel with c(slin16): it is answered in kind.
        {"hex": packet(0x12, tone * 40), "gives": ["frame"]},
        {"out": "silence", "bytes": "120280" + "00" * 640},
        {"hex": packet(0x18, b"\0" * 7680), "gives": ["frame"]},
        {"out": "silence", "bytes": "181e00"},
    ],
    "odd": [
        {"hex": "", "ignored": "Malformed"},
        {"hex": "01", "ignored": "Malformed"},
        {"hex": packet(0x01, uuid[:15]), "ignored": "Malformed"},
        {"raw": "hello", "ignored": "Binary"},
        start,
        start | {"gives": None, "ignored": "SecondStart"},
        {"hex": "100140" + "00" * 8, "ignored": "Malformed"},
        {"hex": packet(0x10), "gives": []},
        {"hex": packet(0x10, b"\0"), "gives": []},
        {"hex": packet(0x10, b"\0" * 319), "gives": ["frame"]},
        {"hex": packet(0x10, b"\0" * 3200), "gives": ["frame"] * 10},
        {"hex": packet(0x03), "ignored": "Digit"},
        {"hex": packet(0x03, b"x"), "ignored": "Digit"},
        {"hex": packet(0xFF, b"\x04"), "ignored": "Idle"},
        {"hex": packet(0x19, b"\0" * 8), "ignored": "UnknownEvent"},
        {"hex": packet(0x77, b"what"), "ignored": "UnknownEvent"},
    ],
}

for name, lines in fixtures.items():
    with open(os.path.join(here, name + ".jsonl"), "w") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)
