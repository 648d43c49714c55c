"""Where a running matter stands: what the conversation shows of it, and which step of a play comes next."""

import re
from collections.abc import Mapping, Sequence

from care.cues import ANSWERS_US
from care.matter import Matter, Step
from care.message import Turn
from care.phrases import PhraseBook
from care.ports import Assessment
from playbook.parts import Fact
from playbook.slots import asked_before, known_before

_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")

# What people try, as we name it, by the words that either side uses for it.
_TRIED = PhraseBook(
    {
        "a restart": ("restart*", "reboot*", "power cycle*", "off and on", "off and back on"),
        "reinstalling it": ("reinstall*", "uninstall*", "re-install*"),
        "an update": ("update/updated/updating the/your/my/it/to", "latest version", "newest version"),
        "a reset": ("factory reset*", "hard reset*", "reset/resetting the/it/your/my ... router/box/hub/device/phone"),
        "signing out and in": ("log/logged/logging/sign/signed/signing out", "log/sign back in"),
        "clearing the cache": ("clear/cleared/clearing ... cache/cookies/data",),
        "unplugging it": ("unplug*",),
        "another browser": ("another/different/other browser/browsers",),
        "another device": ("another/different/other device/phone/computer/laptop",),
        "another network": ("another/different network/connection/wifi",),
    }
)
_PROMISED = PhraseBook(
    {
        "promised": (
            "i/we will look/check/find/get/let/come/write/follow/investigate/update/see/take/ask/raise/go/keep/be",
            "get back to you", "let you know", "keep you posted/updated/informed", "be in touch", "come back to you",
            "looking into", "write back", "answer you", "let me check/find/see/look",
        )
    }
)  # fmt: skip


def matter_of(
    assessed: Assessment, facts: Mapping[str, Fact], *, given_now: Mapping[str, str], premises: frozenset[str]
) -> Matter:
    """What is known of a matter before we answer. given_now: values of this message. premises: those supported here."""
    thread = assessed.thread
    asked = asked_before(thread, facts.values())
    given = {**known_before(thread), **given_now}
    step = _step(assessed, given_now, premises) if assessed.situation.thread == "follow_up" else None
    return Matter(
        asked=tuple(name for name in facts if name in asked),
        given=given,
        given_now=given_now,
        promised=_promised(thread),
        tried=_tried(assessed, step),
        step=step,
    )


def _step(assessed: Assessment, given_now: Mapping[str, str], premises: frozenset[str]) -> Step | None:
    """The step that what they say now leads to; the first that holds."""
    if "failed" in premises and ("gave_step" in premises or _TRIED.is_in(assessed.message.text)):
        return Step.OFFER
    if "solved" in premises and premises.isdisjoint({"failed", "waits"}):
        return Step.CLOSE
    if {"asked_private", "wrote_private"} <= premises:
        return Step.CHECK
    if "will_try" in premises or {"gave_step", "did"} <= premises:
        return Step.CONFIRM
    if given_now or ANSWERS_US in assessed.situation.cues or "waits" in premises:
        return Step.CHECK
    return None


def _tried(assessed: Assessment, step: Step | None) -> tuple[str, ...]:
    """What they say they tried; and what we told them to, once they say how it went."""
    theirs = [turn.text for turn in assessed.thread if turn.by_customer]
    last = next((turn.text for turn in reversed(assessed.thread) if not turn.by_customer), "")
    told = [last] if step in (Step.OFFER, Step.CONFIRM) else []
    texts = [*theirs, assessed.message.text, *told]
    found = frozenset[str]().union(*(_TRIED.keys_in(text) for text in texts))
    return tuple(sorted(found))


def _promised(thread: Sequence[Turn]) -> str:
    """Our last sentence that promised something."""
    for turn in reversed(thread):
        if not turn.by_customer:
            for sentence in reversed(_SENTENCE.findall(turn.text)):
                if _PROMISED.is_in(sentence):
                    return str(sentence).strip()
    return ""
