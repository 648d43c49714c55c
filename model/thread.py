"""What came before: a bare follow-up ("still nothing", "any update?") is about what its thread is about."""

import re
from collections.abc import Sequence

from care.message import Turn
from model.text import normalise

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
