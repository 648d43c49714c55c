"""What of a mail its writer typed now, without what a mail program quoted, and without the signature.

The rules ask for evidence, and leave out nothing without it: a line that starts with `>` may be a customer's own. When
a rule would leave nothing, or would lose a word of danger, everything stays.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from care.subject import FORWARD_SUBJECT, REPLY_SUBJECT
from channels.mail.danger import words_of_danger, would_be_lost
from channels.mail.html import SURE
from channels.mail.phrases import (
    ADDRESS,
    CLOCK,
    DATE,
    DEVICE,
    FORWARDED,
    GREETING,
    HEADER_LINE,
    ORIGINAL,
    RULE,
    WROTE,
)

LOOKED_AT = 300
"""Characters of a line that rules look at, so that a hostile line cannot make them slow."""
LINES_MAX = 2_000
"""Lines of a body that rules look at; what comes behind them goes where the last of them went."""

_WORD = re.compile(r"[^\W_]")
_SAID = re.compile(r"[^\W_]|[?!\u2600-\u27bf\U0001f000-\U0001faff]")
_ATTRIBUTION_LINES = 4
_SIGNATURE_LINES = 12
_SENTENCE = re.compile(r"(?:\S+\s+){4,}\S+")
_LABEL = re.compile(r"[\w -]{1,25}:\s")
_CONTACT = re.compile(
    r"\b(?:tel|phone|mobile?|mob|fax|telefon|handy|tél|téléphone|telefono|teléfono|telefoon|web|www|https?|e-?mail)\b|@\w"
    r"|\+\d{1,3}[\s\d()/-]{6,}|\b0\d{2,5}[\s/-]\d{4,}",
    re.IGNORECASE,
)


# Domains where everybody may have an address: that of a shop says nothing of the others.
_SHARED = re.compile(
    r"(?:gmail|googlemail|outlook|hotmail|live|msn|yahoo|ymail|gmx|web|t-online|freenet|icloud|me|mac|aol|proton|protonmail|pm"
    r"|tutanota|mail|yandex|orange|wanadoo|free|laposte|libero|seznam|wp|onet|o2|interia|ziggo|kpnmail|qq|163|126|naver)"
    r"\.[a-z.]{2,6}"
)


@dataclass(frozen=True, slots=True)
class Letter:
    """What is known of a mail before its text is read.

    ours: addresses that mail to us goes to, in lower case. is_answer: it answers another mail, by its headers.
    """

    author: str = ""
    name: str = ""
    subject: str = ""
    ours: frozenset[str] = frozenset()
    is_answer: bool = False

    @property
    def is_forward(self) -> bool:
        return FORWARD_SUBJECT.match(self.subject[:40]) is not None

    @property
    def is_reply(self) -> bool:
        return not self.is_forward and (self.is_answer or REPLY_SUBJECT.match(self.subject[:40]) is not None)

    def is_from_us(self, address: str) -> bool:
        """Whether an address is one of ours, or at least at our domain."""
        address = address.casefold()
        domains = {own_address.rpartition("@")[2] for own_address in self.ours} - {
            self.author.casefold().rpartition("@")[2]
        }
        domain = address.rpartition("@")[2]
        return address in self.ours or (domain in domains and _SHARED.fullmatch(domain) is None)


_ENDINGS = (":", "：", "...", "…", "写道", "寫道")


@dataclass(eq=False)
class _Line:
    text: str
    is_sure: bool
    is_dropped: bool = False
    is_from_us: bool = False

    @cached_property
    def look(self) -> str:
        return " ".join(self.text[:LOOKED_AT].split())

    @cached_property
    def header(self) -> re.Match[str] | None:
        return HEADER_LINE.fullmatch(self.look) if ":" in self.look or "：" in self.look else None

    @cached_property
    def is_end_of_attribution(self) -> bool:
        return self.look.endswith(_ENDINGS) or WROTE.search(self.look[-14:]) is not None

    @property
    def is_quoted(self) -> bool:
        return self.is_sure or self.look.startswith(">")

    @property
    def is_blank(self) -> bool:
        return not self.look


def own_words(body: str, letter: Letter) -> str:
    """The part of a body that its writer typed now; all of it when the rules would leave nothing. Linear."""
    words = _own_words(body, letter)
    return words if says_anything(words) else plain(body)


def parts_of_own_words(bodies: Sequence[str], letter: Letter) -> str:
    """The same for a mail whose text came in several parts."""
    own = "\n\n".join(words for body in bodies if (words := _own_words(body, letter)))
    whole = "\n\n".join(words for body in bodies if (words := plain(body)))
    return own if _says_something(own) or not has_words(whole) else whole


def plain(body: str) -> str:
    """All of a body, its lines tidied."""
    return _joined([line.removeprefix(SURE) for line in body.split("\n")])


def says_anything(text: str) -> bool:
    """Whether there is anything in it: words, an emoji, or just `???`."""
    return _SAID.search(text) is not None


def has_words(text: str) -> bool:
    return _WORD.search(text) is not None


def _says_something(text: str) -> bool:
    """More than a greeting or what a telephone adds."""
    lines = [" ".join(line[:LOOKED_AT].split()) for line in text.split("\n")]
    told = [line for line in lines if says_anything(line) and not (len(line) < 100 and DEVICE.match(line))]
    return bool(told) and not (len(told) == 1 and _is_greeting(told[0]))


def _is_greeting(line: str) -> bool:
    return len(line.split()) <= 4 and not line.endswith(("?", "!", ".")) and GREETING.fullmatch(line) is not None


def _own_words(body: str, letter: Letter) -> str:
    listed = body.split("\n", LINES_MAX)
    rest = listed.pop() if len(listed) > LINES_MAX else ""
    lines = [_Line(line.removeprefix(SURE), line.startswith(SURE)) for line in listed]
    end = _mark(lines, letter)
    if rest:
        lines.append(_Line(rest.replace(SURE, ""), False, is_dropped=lines[-1].is_dropped))
    _mark_signature(lines[:end], letter)
    kept = _joined([line.text for line in lines if not line.is_dropped])
    ours = {line.text for line in lines if line.is_dropped and line.is_from_us}
    # What we wrote ourselves, or were told in this thread already, is no news of danger.
    unsure = "\n".join(line.text for line in lines if line.is_dropped and not line.is_from_us)
    if unsure and would_be_lost(unsure, kept):
        return _joined([line.text for line in lines if not (line.is_dropped and line.text in ours)])
    return kept


def _joined(lines: Sequence[str]) -> str:
    text = "\n".join(line.rstrip() for line in lines)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _mark(lines: list[_Line], letter: Letter) -> int:
    """Mark what is quoted as dropped. Returns where the writer's own part ends."""
    at, is_attributed, is_from_us = 0, False, False
    while at < len(lines):
        line = lines[at]
        if FORWARDED.fullmatch(line.look) and not line.look.startswith(">"):
            # The matter of a mail that forwards another is what it forwards.
            for quoted in lines[at:]:
                quoted.is_dropped = False
            return at
        if line.is_quoted and not (line.is_sure and _attribution(lines, at) is not None):
            end = _end_of_quote(lines, at)
            if is_attributed or _is_surely_quoted(lines, at, end, letter):
                _drop(lines[at:end], is_from_us=is_from_us)
            at = end
            continue
        tail = _tail(lines, at, letter)
        if tail is not None:
            if tail.is_kept:
                return at
            _drop(lines[at:], is_from_us=tail.is_from_us)
            return at
        attributed = _attribution(lines, at)
        if attributed is not None and _is_followed_by_quote(lines, attributed.end):
            if not letter.is_forward and attributed.is_strong and attributed.may_go(letter):
                is_attributed, is_from_us = True, attributed.is_from_us(letter)
                _drop(lines[at : attributed.end], is_from_us=is_from_us)
            at = attributed.end
            continue
        at += 1
    return len(lines)


def _drop(lines: Sequence[_Line], *, is_from_us: bool) -> None:
    for line in lines:
        line.is_dropped = True
        # Only what is marked line by line: behind an attribution alone an answer may stand unmarked.
        line.is_from_us = is_from_us and line.is_quoted


def _end_of_quote(lines: Sequence[_Line], at: int) -> int:
    """The first line behind a quote that begins at `at`; blank lines inside belong to it."""
    end = last = at
    while end < len(lines) and (lines[end].is_quoted or lines[end].is_blank):
        if end > at and lines[end].is_sure and _attribution(lines, end) is not None:
            break
        if lines[end].is_quoted:
            last = end
        end += 1
    return last + 1


def _is_surely_quoted(lines: Sequence[_Line], at: int, end: int, letter: Letter) -> bool:
    """Whether lines that nobody introduced are a mail of ours."""
    if letter.is_forward:
        return False
    if any(line.is_sure for line in lines[at:end]):
        return True
    told = [line.look.lstrip("> ") for line in lines[at:end] if line.look.strip("> ")]
    if not told:
        return False
    if _greets(told[0], letter.name) and len(told) > 1:
        return True
    is_edge = not any(has_words(line.look) for line in lines[:at]) or not any(
        has_words(line.look) for line in lines[end:]
    )
    return letter.is_answer and is_edge and len(told) >= 3


def _greets(line: str, name: str) -> bool:
    names = {part.casefold() for part in re.split(r"\W+", name) if len(part) > 1}
    return GREETING.match(line) is not None and not names.isdisjoint(re.split(r"\W+", line[:60].casefold()))


@dataclass(frozen=True, slots=True)
class _Tail:
    is_kept: bool
    is_from_us: bool = False


def _tail(lines: Sequence[_Line], at: int, letter: Letter) -> _Tail | None:
    """What is to be said of everything from here on, None: nothing special begins here."""
    line = lines[at]
    if line.is_blank:
        return None
    is_original = ORIGINAL.fullmatch(line.look) is not None
    if is_original or RULE.fullmatch(line.look):
        below = next((n for n in range(at + 1, min(at + 4, len(lines))) if not lines[n].is_blank), None)
        block = _header_block(lines, below) if below is not None else None
        if block is None:
            return _Tail(is_kept=not letter.is_reply) if is_original else None
    else:
        block = _header_block(lines, at)
    if block is not None:
        return _judged(block, letter)
    attributed = _attribution(lines, at)
    if attributed is None or _is_followed_by_quote(lines, attributed.end):
        return None
    is_parted = attributed.end < len(lines) and lines[attributed.end].is_blank
    if attributed.address or (is_parted and DATE.search(attributed.text) and CLOCK.search(attributed.text)):
        return _Tail(is_kept=letter.is_forward or not attributed.may_go(letter))
    return None


def _judged(sender: str, letter: Letter) -> _Tail:
    """A block of headers begins: an answer to it, or the mail that is passed on to us?"""
    if letter.is_forward:
        return _Tail(is_kept=True)
    address = ADDRESS.search(sender)
    if address is not None and letter.is_from_us(address.group()):
        return _Tail(is_kept=False)
    return _Tail(is_kept=not letter.is_reply)


def _header_block(lines: Sequence[_Line], at: int) -> str | None:
    """The sender of a block like `From: … Sent: … To: … Subject: …`, None where there is no such block."""
    fields: dict[str, str] = {}
    n_other = 0
    first = lines[at].header
    if first is None or not (first["from"] or first["sent"]):
        return None
    for line in lines[at : at + 12]:
        match = line.header
        if match is None:
            n_other += not line.is_blank
            # A list of recipients goes on over lines.
            if n_other > 3 or (line.is_blank and len(fields) >= 2):
                break
            continue
        label = next(name for name in ("from", "sent", "to", "subject") if match[name])
        fields.setdefault(label, match[match.re.groups])
    is_whole = len(fields) >= 3 or (
        "from" in fields and "subject" in fields and ADDRESS.search(fields["from"]) is not None
    )
    return fields.get("from", "") if is_whole and ("from" in fields or len(fields) >= 3) else None


@dataclass(frozen=True, slots=True)
class _Attribution:
    text: str
    end: int
    address: str

    @property
    def is_strong(self) -> bool:
        """Written by a program: with an address, or with a year or a time of day."""
        return bool(self.address or DATE.search(self.text) or CLOCK.search(self.text))

    def is_from_us(self, letter: Letter) -> bool:
        return bool(self.address) and letter.is_from_us(self.address)

    def may_go(self, letter: Letter) -> bool:
        """Not where a customer passes on, in a mail of its own, what somebody else wrote."""
        return not self.address or letter.is_from_us(self.address) or letter.is_reply


def _attribution(lines: Sequence[_Line], at: int) -> _Attribution | None:
    """`On Monday … wrote:` from line `at` on, over at most four lines."""
    is_sure = lines[at].is_sure
    if not any(line.is_end_of_attribution for line in lines[at : at + _ATTRIBUTION_LINES]):
        return None
    joined = ""
    for end in range(at + 1, min(at + 1 + _ATTRIBUTION_LINES, len(lines) + 1)):
        line = lines[end - 1]
        if line.is_blank or line.is_sure != is_sure or (line.is_quoted and not line.is_sure):
            return None
        joined = f"{joined} {line.look}".strip()
        if len(joined) > 400:
            return None
        if not line.is_end_of_attribution:
            continue
        address = ADDRESS.search(joined)
        is_dated = DATE.search(joined) is not None or CLOCK.search(joined) is not None
        wrote = WROTE.search(joined) is not None
        is_known = (wrote and (address or is_dated)) or (address and is_dated and joined.endswith((":", "：")))
        # Several sentences: a person's own words.
        if not is_known or _is_prose(joined):
            return None
        return _Attribution(joined, end, address.group() if address else "")
    return None


_SENTENCE_END = re.compile(r"[a-zà-ÿ]{3,}[.!?] +[A-ZÀ-Þ][a-zà-ÿ]+ [a-zà-ÿ]+")


def _is_prose(joined: str) -> bool:
    return _SENTENCE_END.search(joined) is not None or len(joined.split()) > 40


def _is_followed_by_quote(lines: Sequence[_Line], at: int) -> bool:
    for line in lines[at : at + 3]:
        if not line.is_blank:
            return line.is_quoted
    return False


def _mark_signature(lines: Sequence[_Line], letter: Letter) -> None:
    """Mark the signature of the writer's own part, and what a telephone adds under it."""
    kept = [line for line in lines if not line.is_dropped]
    for at in _delimiters(kept):
        head, tail = kept[max(0, at - 50) : at], [line for line in kept[at + 1 :] if not line.is_blank]
        is_exact = kept[at].text in ("-- ", "--\u00a0")
        if _says_something("\n".join(line.text for line in head)) and _is_signature(tail, letter, is_exact=is_exact):
            for line in kept[at:]:
                line.is_dropped = True
            break
    for line in reversed([line for line in lines if not line.is_dropped and not line.is_blank]):
        if len(line.look) > 100 or not DEVICE.match(line.look) or words_of_danger(line.look):
            break
        line.is_dropped = True


def _delimiters(lines: Sequence[_Line]) -> Iterator[int]:
    for at in range(max(0, len(lines) - 2 * _SIGNATURE_LINES), len(lines)):
        if lines[at].text.rstrip() in ("--", "—", "––", "- --", "__"):
            yield at


def _is_signature(tail: Sequence[_Line], letter: Letter, *, is_exact: bool) -> bool:
    if not tail:
        return True
    if len(tail) > _SIGNATURE_LINES:
        return False
    text = "\n".join(line.look for line in tail)
    names = {part.casefold() for part in re.split(r"\W+", letter.name) if len(part) > 1}
    is_named = ":" not in tail[0].look and not names.isdisjoint(re.split(r"\W+", tail[0].look.casefold()))
    has_sentence = any(_SENTENCE.search(line.look) is not None for line in tail)
    if is_exact and (is_named or DEVICE.match(tail[0].look) is not None):
        # Under a name, sentences are the small print of a company.
        return True
    if has_sentence or any(_LABEL.match(line.look) and not _CONTACT.match(line.look) for line in tail):
        # A sentence, or a form: `Order: AB-10442`.
        return False
    is_short = len(tail) <= 4 and not re.search(r"[\d:]", text)
    return is_named or _CONTACT.search(text) is not None or (is_exact and is_short)
