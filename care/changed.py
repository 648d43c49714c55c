"""Whether what came in under an id that we know says something else than what was kept under it."""

from collections.abc import Iterable

from care.message import Inbound, Message
from care.sensitive import Handling
from care.unit_of_work import Store


def changed(inbound: Iterable[Inbound], *, store: Store) -> list[str]:
    """The ids, ours, of the messages that were kept with another text. What was kept stays as it is."""
    with store(read=True) as work:
        pairs = [(item, work.messages.find(item.origin.channel, item.origin.outside_id)) for item in inbound]
    return [kept.id for item, kept in pairs if kept is not None and _says_else(item.text, kept)]


def _says_else(text: str, kept: Message) -> bool:
    # Of what is withheld nobody knows what it said.
    return kept.masking.handling is not Handling.WITHHELD and _signs(_masked_alike(text, kept)) != _signs(kept.text)


def _masked_alike(text: str, kept: Message) -> str:
    """The text with masks where the kept one has them; what stands behind a mask is not compared."""
    parts, at = [], 0
    for span in sorted(kept.masking.spans, key=lambda span: span.start):
        if span.handling is not Handling.ALLOW:
            parts += [text[at : span.start], span.replacement]
            at = span.end
    return "".join([*parts, text[at:]])


def _signs(text: str) -> str:
    """What can be read of a text: what a store tidies away makes no other text of it."""
    return "".join(sign for sign in text if sign.isprintable() and not sign.isspace())
