"""Masking that fails closed: what cannot be checked is withheld, never kept or shown as it came."""

import logging
from collections.abc import Mapping
from dataclasses import replace

from care.errors import Problem, SensitiveBlocked
from care.message import Author
from care.ports import Redactor
from care.sensitive import WITHHELD_TEXT, Handling, Redaction

log = logging.getLogger("tactful.journey")


def mask(text: str, *, redactor: Redactor, before: str | None = None, is_public: bool | None = None) -> Redaction:
    """The text made safe to keep; withheld where the redactor fails, whatever it fails with.

    before: the author's previous message in the thread, masked. is_public: who can read it, None where nobody knows.
    """
    try:
        return redactor.redact(text, before=before, is_public=is_public)
    except Exception as error:  # noqa: BLE001  a detector that fails must never fail open
        # Its words could quote the customer; its class is enough to find it.
        log.error("text withheld: the detector failed with %s", type(error).__name__)
        return Redaction(text=WITHHELD_TEXT, handling=Handling.WITHHELD, problem=type(error).__name__)


def masked_author(author: Author, *, redactor: Redactor) -> Author:
    """The author without what they wrote where a name should be: an address stays, a card number does not."""
    name = author.name
    if name and mask(name, redactor=redactor).handling.leaves_the_open:
        name = None
    return replace(author, name=name, handle=masked_handle(author.handle, redactor=redactor))


def masked_handle(handle: str, *, redactor: Redactor) -> str:
    """A name that a network gave, without what somebody wrote in its place."""
    # Bare digits are the network's own id and the only way to answer, whatever they happen to check as.
    if handle.isdigit():
        return handle
    redaction = mask(handle, redactor=redactor)
    return redaction.text if redaction.handling is Handling.OFFLINE else handle


def check_labels(labels: Mapping[str, str], *, redactor: Redactor) -> None:
    """Labels come from a list, but a program may send anything: what is sensitive must not become one.

    Raises SensitiveBlocked.
    """
    for words in (*labels, *labels.values()):
        redaction = mask(words, redactor=redactor)
        if redaction.handling.leaves_the_open:
            kinds = ", ".join(redaction.categories) or "text that could not be checked"
            raise SensitiveBlocked([Problem("labels", f"holds {kinds}", "choose a label")])
