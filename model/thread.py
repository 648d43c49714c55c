"""What came before: a message in the middle of a conversation is about what the conversation is about.

A bundle that learnt from threads weighs what was said before by trained marks of the message. One that did not reads a
bare follow-up ("still nothing", "any update?") as the customer's last full message.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from care.message import Turn
from model.text import normalise

MARKS = ("in a thread", "we asked", "we spoke last", "words", "bare", "no words")
"""What is said of a message and its thread, in the order of the gate's weights."""
N_PRIORS = 3
"""So many of the first marks also tell what is likely by themselves."""

_MAX_WORDS = 9
_PART = re.compile(r"[?!.,;:…]+|\n")
_OPENING = re.compile(
    r"^(?:(?:@user|and|so|well|ok|okay|hi|hello|hey|um|again|guys|please|pls|plz|sorry|but|now|yes|yeah|no|"
    r"nope)\b\W*)*",
    re.IGNORECASE,
)
# Each part of the message, its opening words taken off, has to be one of these or empty.
_BARE = re.compile(
    "|".join(
        (
            r"still (?:nothing|no\b.{0,20}|waiting|not .{0,20}|the same|the case|broken|down|happening|here|"
            r"getting it)"
            r"(?: yet| here| now)?",
            r"still (?:doesn'?t|does not|don'?t|isn'?t|can'?t|cannot) \w+(?: \w+)?",
            r"any(?:one|body)(?: there| know| home)?|anyone here",
            r"any (?:news|updates?|progress|luck|idea|answer|reply|help|number|plans?|solution)(?: on (?:this|"
            r"that|it))?",
            r"nothing(?: yet| so far| happened| changed| new| again| to say)?",
            r"same(?: problem| issue| thing| error| story)?(?: here| again| as before| for me)?",
            r"please (?:answer|reply|respond|help)|(?:answer|reply|respond|help)(?: me)?",
            r"what now|bump|waiting|i'?m waiting|how (?:long|much longer).{0,15}|when|why|please|or no",
            r"(?:did|have|has|could|can|will|would) (?:you|anyone|somebody|someone) "
            r"(?:see|seen|get|got|read|check|answer|reply|respond)(?:ed|d)?(?: (?:this|that|it|my message))?",
            r"(?:is|was) (?:it|this|that) (?:done|fixed|sorted|happening|possible)(?: yet| now)?",
            r"(?:it|this|that)(?:'s| is| has| does| did| was)?(?: (?:still|not|again|back|happening|"
            r"happened))+(?: \w+){0,2}",
            r"(?:it |this |that )?(?:didn'?t|doesn'?t|did not|does not|still doesn'?t|still does not) (?:work|"
            r"help|change)"
            r".{0,20}",
            r"happening again|tried (?:that|this|it)(?: already| again| too)?|as i (?:said|wrote)(?: before| above)?",
            r"(?:days?|hours?|weeks?|\d+ \w+) later.{0,25}|(?:it'?s|it has|its) been .{0,25}",
            r"(?:here it is|there you go)|(?:the )?(?:order|number|reference|ref|id)? ?(?:is|:)? ?#?[\w-]*\d[\w-]*",
        )
    ),
    re.IGNORECASE,
)
_CLOSING = re.compile(r"\bthank|\bthx\b|\bcheers\b|\bnever ?mind\b|👍|❤|🔥|😂", re.IGNORECASE)


def is_bare(text: str) -> bool:
    """Whether a normalised text says nothing by itself."""
    if len(text.split()) > _MAX_WORDS or _CLOSING.search(text):
        return False
    parts = [_OPENING.sub("", part.strip()).strip(" -") for part in _PART.split(text)]
    return all(not part or _BARE.fullmatch(part) or not any(map(str.isalnum, part)) for part in parts)


def in_context(text: str, thread: Sequence[Turn]) -> str | None:
    """The text to read instead when `text` says nothing by itself: the customer's last full message and this one.

    text: normalised. None when it stands alone or nothing came before.
    """
    if not thread or not is_bare(text):
        return None
    for turn in reversed(thread):
        if turn.by_customer:
            before = normalise(turn.text)
            if before and not is_bare(before):
                return before
    return None


_MOST_TURNS = 3
_MOST_CHARS = 300
_FILLER = re.compile(r"@user|\burl\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Context:
    """What was said before a message, as it is read beside it. marks: in the order of MARKS."""

    text: str = field(repr=False)
    marks: tuple[float, ...]


def context_of(text: str, thread: Sequence[Turn]) -> Context | None:
    """What to read beside a normalised text: the customer's last turns and our last one, oldest first."""
    if not thread:
        return None
    last_of_ours = max((at for at, turn in enumerate(thread) if not turn.by_customer), default=-1)
    theirs = [at for at, turn in enumerate(thread) if turn.by_customer][-_MOST_TURNS:]
    kept = sorted({*theirs, *([last_of_ours] if last_of_ours >= 0 else [])})
    said = normalise(" ".join(normalise(thread[at].text)[:_MOST_CHARS] for at in kept))
    words = _FILLER.sub(" ", text).split()
    we_spoke = not thread[-1].by_customer
    asked = we_spoke and "?" in thread[-1].text
    length = math.log1p(len(words)) / 3
    marks = (1.0, float(asked), float(we_spoke), length, float(is_bare(text)), float(not words))
    return Context(said, marks)


_TURN = re.compile(r"^(us|they):\s*", re.IGNORECASE)
_BETWEEN = re.compile(r"\s*//\s*(?=(?:us|they):)", re.IGNORECASE)


def turns_of(written: str) -> tuple[Turn, ...]:
    """A thread written in one cell, oldest first: "they: it is broken // us: Which model is it?". Else no turns."""
    turns = []
    for part in _BETWEEN.split(written.strip()):
        match = _TURN.match(part)
        if match is None:
            return ()
        turns.append(Turn(part[match.end() :], match.group(1).lower() == "they", datetime(2000, 1, 1, tzinfo=UTC)))
    return tuple(turns)
