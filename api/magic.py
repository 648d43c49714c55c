"""What a test key gets: known answers to known texts, and messages that nobody is ever sent an answer to.

    test: intent=order_status urgency=high     these labels with score 1; every other task abstains
    test: card                                 a payment card was found and masked

A key of any other kind has such a text read like all others.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from fastapi import Request

from care.access import ServiceKey
from care.classification import Candidate, Classification, Judgement
from care.message import Inbound
from care.sensitive import Handling, Redaction, SensitiveSpan

_MAGIC = re.compile(r"test:((?:\s+\w+=[\w.-]+)+|\s+card)\s*\Z")
BUNDLE = "test"


def is_test(request: Request) -> bool:
    """Whether a test key asks."""
    caller = getattr(request.state, "caller", None)
    return isinstance(caller, ServiceKey) and caller.is_test


def as_sample(inbound: Inbound) -> Inbound:
    """A message as a sample: in a conversation of its own, beside all real ones, that no live channel answers."""
    origin = inbound.origin
    return replace(
        inbound,
        origin=replace(origin, outside_id=f"test:{origin.outside_id}", thread_key=f"test:{origin.thread_key}"),
        is_sample=True,
    )


def as_told(text: str, read: Classification) -> Classification:
    """What was read of a text, or the known answer to a magic one."""
    match = _MAGIC.match(text)
    if match is None:
        return read
    named = dict(part.split("=", 1) for part in match.group(1).split() if "=" in part)
    tasks = {task: _judged(named.get(task), known) for task, known in read.tasks.items()}
    return Classification(tasks=tasks, sensitive=_card(text, match.start(1)), bundle=BUNDLE)


def all_as_told(texts: Sequence[str], read: Sequence[Classification], *, is_test: bool) -> list[Classification]:
    """What was read of several texts; for a test key the known answers of magic ones among them."""
    return [as_told(*pair) for pair in zip(texts, read, strict=True)] if is_test else [*read]


def _judged(label: str | None, known: Judgement) -> Judgement:
    if label is None:
        return Judgement(known.label, 0.0, True)
    return Judgement(label, 1.0, False, (Candidate(label, 1.0),))


def _card(text: str, start: int) -> Redaction:
    at = text.find("card", start)
    if at < 0:
        return Redaction(text=text)
    span = SensitiveSpan(at, at + 4, "payment_card", 1.0, "[payment card 0000]", Handling.OFFLINE)
    return Redaction(text=text[:at] + span.replacement, spans=(span,), handling=Handling.OFFLINE)
