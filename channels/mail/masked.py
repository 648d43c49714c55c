"""A mail that could not be read, as one that may be kept: its headers and its text, masked; without its files."""

from collections.abc import Iterator

from care.masking import mask, masked_handle
from care.ports import Redactor
from channels import payload
from channels.mail import html, structure

_ADDRESSES = ("from", "sender", "reply-to", "to", "x-original-from", "x-original-sender", "return-path")
_IDS = ("message-id", "in-reply-to", "references", "date", "auto-submitted", "precedence", "list-id", "list-post")
_PARTS_MAX = 20
_HEADER_MAX = 2_000


def masked_mail(raw: bytes, redactor: Redactor) -> str:
    """The mail as one of plain text, by which it is read again."""
    mail = structure.parse(raw)
    lines = []
    for name in (*_ADDRESSES, *_IDS):
        for value in mail.headers.all(name):
            # Word by word: an address stays, a card number in its place does not.
            safe = " ".join(masked_handle(word, redactor=redactor) for word in _one_line(value).split(" "))
            lines.append(f"{name}: {safe}")
    if subject := _one_line(mail.headers.get("subject")):
        lines.append(f"subject: {mask(subject, redactor=redactor).text}")
    lines += ["content-type: text/plain; charset=utf-8", "content-transfer-encoding: 8bit", ""]
    said = payload.tidy_text("\n\n".join(_texts(mail)))
    return "\n".join([*lines, mask(said, redactor=redactor).text if said.strip() else ""])


def _one_line(value: str) -> str:
    return " ".join(payload.tidy_text(value).split())[:_HEADER_MAX]


def _texts(mail: structure.Leaf | structure.Branch) -> Iterator[str]:
    leaves = [mail] if isinstance(mail, structure.Leaf) else mail.leaves
    shown = [leaf for leaf in leaves if leaf.media_type.startswith("text/") and not leaf.is_attached][:_PARTS_MAX]
    plain = [leaf for leaf in shown if leaf.media_type != "text/html"]
    for leaf in plain or shown:
        yield html.html_text(leaf.text).text if leaf.media_type == "text/html" else leaf.text
