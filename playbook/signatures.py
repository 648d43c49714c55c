"""How a play's file says that somebody approved its words: the `signed:` lines of its front matter."""

import hashlib
import json
import re
from collections.abc import Iterable

from care.plays import SIGNED_FOR, SignOff
from playbook.source import Entry

_BLOCK = re.compile(r"^signed:.*\n(?:[ \t-].*\n|[ \t]*\n)*", re.MULTILINE)


def read_signed(entry: Entry) -> tuple[SignOff, ...]:
    """The sign-offs of a play: who approved its words, for which matter, on which day."""
    signed = []
    for row in entry.rows():
        row.only("for", "by", "on", "words")
        matter, by, day = row.need("for").one_of(SIGNED_FOR), row.need("by").text(), row.need("on").day()
        if matter and by and day:
            signed.append(SignOff(matter, by, day, row.get("words").text()))
    return tuple(signed)


def digest_of(body: str) -> str:
    """What a sign-off keeps of a play's words, whatever its blank lines and ends of lines."""
    words = "\n".join(line.rstrip() for line in body.splitlines() if line.strip())
    return hashlib.sha256(words.encode()).hexdigest()[:16]


def with_signed(front: str, signed: Iterable[SignOff]) -> str:
    """Front matter with these sign-offs in place of those that it had."""
    rows = [
        f"  - {{for: {sign_off.matter}, by: {json.dumps(sign_off.by, ensure_ascii=False)}, on: {sign_off.on}, "
        f'words: "{sign_off.digest}"}}'
        for sign_off in signed
    ]
    return "\n".join([without_signed(front), "signed:", *rows]) if rows else without_signed(front)


def without_signed(front: str) -> str:
    """Front matter as it would be without its sign-offs: who approves a play changes none of its words."""
    return _BLOCK.sub("", f"{front}\n").rstrip("\n") if re.search(r"^signed:", front, re.MULTILINE) else front
