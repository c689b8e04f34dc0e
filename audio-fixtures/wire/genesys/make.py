#!/usr/bin/env python3
"""Writes the wire fixtures beside it: AudioHook messages of Genesys's Audio Connector, and what the codec must
make of them. The form of the lines: see ../twilio/make.py and ../vonage/make.py; `answers` are the messages that
must be sent at once. Messages follow the AudioHook protocol's reference, with the Audio Connector's additions.
"""
import json, os

here = os.path.dirname(os.path.abspath(__file__))
session = "e160e428-53e2-487c-977d-96989bf5c99d"
conversation = "090eaa2f-72fa-480a-83e0-8667ff89c0ec"
nobody = "00000000-0000-0000-0000-000000000000"
media = {"type": "audio", "format": "PCMU", "channels": ["external"], "rate": 8000}
stereo = {"type": "audio", "format": "PCMU", "channels": ["external", "internal"], "rate": 8000}


def message(kind, seq, parameters, serverseq=0, **changed):
    return {"version": "2", "id": session, "type": kind, "seq": seq, "serverseq": serverseq,
            "position": "PT0S", "parameters": parameters, **changed}


def ours(kind, seq, clientseq, parameters):
    return {"version": "2", "id": session, "type": kind, "seq": seq, "clientseq": clientseq, "parameters": parameters}


def opening(**changed):
    fields = {"organizationId": "d7934305-0972-4844-938e-9060eef73d05", "conversationId": conversation,
              "participant": {"id": "883efee8-3d6c-4537-b500-6d7ca4b92fa0", "ani": "tel:+15551230000",
                              "aniName": "Jane Doe", "dnis": "+15559870000"},
              "media": [stereo, media], "language": "en-US", "inputVariables": {"queue": "orders"}}
    fields.update(changed)
    return fields


def heard(line, *events, answers=()):
    return {**line, "gives": list(events), **({"answers": list(answers)} if answers else {})}


def ignored(line, reason, answers=()):
    return {**line, "ignored": reason, **({"answers": list(answers)} if answers else {})}


text = lambda *arguments, **changed: {"in": message(*arguments, **changed)}
sends = lambda what, sent: {"out": what, "message": sent}
opened = ours("opened", 1, 1, {"startPaused": False, "media": [media]})
begin = [heard(text("open", 1, opening()), f"started {conversation} ", answers=[opened])]
silence = lambda count, *last: [sends("silence", None) for _ in range(count)] + list(last)

fixtures = {
    "call": [
        sends("clear", None),
        *begin,
        heard(text("ping", 2, {"rtt": "PT0.1S"}, 1), answers=[ours("pong", 2, 2, {})]),
        heard({"sound": 160}, "frame"),
        # A packet is 2000 bytes: twelve frames are held back, the thirteenth makes it full.
        *silence(12, sends("silence", 2080)),
        # The end of a sentence does not wait.
        *silence(2, sends("mark p0s0", 320)),
        heard({"sound": 2240}, *["frame"] * 14),
        heard({"sound": 160}, "frame", "played p0s0"),
        heard(text("dtmf", 3, {"digit": "5"}, 2), "digit 5"),
        sends("clear", ours("event", 3, 3, {"entities": [{"type": "barge_in", "data": {}}]})),
        sends("handover", ours("disconnect", 4, 3, {
            "reason": "completed",
            "outputVariables": {"action": "transfer", "reason": "requested", "priority": "normal", "verified": "no",
                                "summary": "Wants a refund. Asked for a person."}})),
        sends("silence", None),
        heard(text("close", 4, {"reason": "disconnect"}, 4), "stopped", answers=[ours("closed", 5, 4, {})]),
        ignored(text("ping", 5, {}, 5), "AfterStop"),
        ignored({"sound": 160}, "AfterStop"),
    ],
    "hang_up": [
        *begin,
        sends("end", ours("disconnect", 2, 1, {"reason": "completed", "outputVariables": {"action": "hangup"}})),
        heard(text("close", 2, {"reason": "disconnect"}, 2), "stopped", answers=[ours("closed", 3, 2, {})]),
    ],
    "probe": [
        heard(text("open", 1, opening(conversationId=nobody)), answers=[opened]),
        ignored({"sound": 160}, "Idle"),
        sends("silence", None),
        heard(text("ping", 2, {}, 1), answers=[ours("pong", 2, 2, {})]),
        heard(text("close", 3, {"reason": "end"}, 2), answers=[ours("closed", 3, 3, {})]),
    ],
    "pause": [
        *begin,
        heard(text("paused", 2, {}, 1)),
        heard(text("ping", 3, {}, 1), "frame", answers=[ours("pong", 2, 3, {})]),
        heard(text("resumed", 4, {"start": "PT1S", "discarded": "PT0.06S"}, 2), "lost", "lost", "lost"),
        heard(text("ping", 5, {}, 2), answers=[ours("pong", 3, 5, {})]),
        heard(text("discarded", 6, {"start": "PT1S", "discarded": "PT1H"}, 3), *["lost"] * 10),
        heard(text("update", 7, {"language": "es-US"}, 3), answers=[ours("updated", 4, 7, {})]),
    ],
    "playback": [
        *begin,
        *silence(5, sends("mark p0s0", 800)),
        heard({"sound": 320}, "frame", "frame"),
        # It begins two frames late, so it ends two frames late.
        heard(text("playback_started", 2, {}, 1)),
        heard({"sound": 640}, *["frame"] * 4),
        heard({"sound": 160}, "frame", "played p0s0"),
        *silence(5, sends("mark p1s0", 800)),
        heard(text("playback_completed", 3, {}, 1), "played p1s0"),
    ],
    "limited": [
        *begin,
        heard(text("error", 2, {"code": 429, "message": "Rate limit exceeded", "retryAfter": "PT0.1S"}, 1)),
        *silence(13),
        sends("mark p0s0", None),
        heard({"sound": 640}, *["frame"] * 4),
        heard({"sound": 160}, "frame", answers=[2080]),
        heard(text("error", 3, {"code": 500, "message": "Internal"}, 1)),
    ],
    "stereo": [
        heard(text("open", 1, opening(media=[stereo])), f"started {conversation} ",
              answers=[ours("opened", 1, 1, {"startPaused": False, "media": [stereo]})]),
        heard({"sound": 320}, "frame"),
        heard({"sound": 321}, "frame"),
        heard({"sound": 319}, "frame"),
    ],
    "lenient": [
        heard(text("open", 1, opening(language=None, inputVariables=None, rain=[1]), rain=1), f"started {conversation} ",
              answers=[opened]),
        heard(text("dtmf", 2, {"digit": 5}), "digit 5"),
        ignored(text("weather", 3, {}), "UnknownEvent"),
        heard(text("ping", "4", {}), answers=[ours("pong", 2, 3, {})]),
    ],
    "format": [
        ignored(text("open", 1, opening(media=[{**media, "format": "L16"}])), "Format", answers=[ours("disconnect", 1, 1, {
            "reason": "error", "info": "PCMU at 8000 Hz with the external channel is needed"})]),
    ],
    "hostile": [
        ignored({"sound": 160}, "BeforeStart"),
        ignored(text("ping", 1, {}), "BeforeStart"),
        ignored({"raw": ""}, "Malformed"),
        ignored({"raw": "[]"}, "Malformed"),
        ignored({"raw": "[" * 200}, "Malformed"),
        ignored({"raw": '{"type":1}'}, "Malformed"),
        ignored({"in": {"type": "open"}}, 'Missing("id")'),
        ignored(text("open", 1, {}, id="../x"), 'Missing("id")'),
        ignored(text("open", 1, {}), 'Missing("parameters.conversationId")'),
        ignored(text("open", 1, opening(conversationId="../../x")), 'Missing("parameters.conversationId")'),
        *begin,
        ignored(text("open", 2, opening(), 1), "SecondStart"),
        ignored(text("ping", 3, {}, id="somebody-else"), "OtherStream"),
        ignored(text("dtmf", 3, {}), 'Missing("parameters.digit")'),
        ignored(text("dtmf", 3, {"digit": "x"}), "Digit"),
        ignored(text("dtmf", 3, {"digit": "12"}), "Digit"),
        heard(text("discarded", 3, {"discarded": "PT1e300S"})),
        heard({"sound": 0}),
    ],
}

for name, lines in fixtures.items():
    with open(os.path.join(here, name + ".jsonl"), "w") as file:
        for line in lines:
            file.write(json.dumps(line, separators=(",", ":")) + "\n")
