"""What came before: a bare follow-up ("still nothing", "any update?") is about what its thread is about."""

import re
from collections.abc import Sequence

from care.message import Turn
from model.text import normalise

_BARE = re.compile(
    r"^\W*(?:@user\s+)*(?:(?:and|so|well|ok|okay|hi|hello|hey|um|again|guys|please|pls|plz|sorry|but|now|yes|"
    r"yeah|no|nope)\W+)*"
    r"(?:still (?:nothing|no\b.{0,20}|waiting|not .{0,20}|the same|the case|broken|down|happening|here)|"
    r"(?:any|an)\W?(?:one|body)?\s?"
    r"(?:news|updates?|progress|luck|there|idea|answer|reply|help)|nothing (?:yet|so far|happened|changed|new|"
    r"again)?|"
    r"same (?:here|again|problem|issue|thing|as before)|(?:yes|no|yeah|nope|yep|ok|okay)(?: please| thanks| "
    r"it (?:is|does|did))?|"
    r"what now|(?:so|and|well)\?*|hello+|hell?o+\?*|bump|waiting|i'?m waiting|how (?:long|much longer).{0,15}|"
    r"when\?*|why\?*|"
    r"(?:did|have|has|could|can|will|would) (?:you|anyone|somebody|someone) (?:see|get|read|check|look|answer|"
    r"reply|respond|manage).{0,30}|"
    r"(?:it|this|that)(?:'s| is| has| does| did|n'?t| was)? (?:still |not |n'?t |again |back |happening |"
    r"happened )+.{0,25}|"
    r"(?:didn'?t|doesn'?t|did not|does not) (?:work|help|change).{0,20}|tried that.{0,30}|as i (?:said|wrote).{0,30}|"
    r"(?:days?|hours?|weeks?|\d+ \w+) later.{0,25}|(?:it'?s|it has|its) been .{0,25}|that'?s (?:it|right|the "
    r"one|correct)|"
    r"(?:here|there) (?:it|you) (?:is|go).{0,15}|(?:the )?(?:order|number|reference|ref|id)? ?(?:is|:)? "
    r"?#?[\w-]*\d[\w-]*|\W+)"
    r"\W*$",
    re.IGNORECASE,
)
_MAX_WORDS = 9


def in_context(text: str, thread: Sequence[Turn]) -> str | None:
    """The text to read instead when `text` says nothing by itself: the customer's last full message and this one.

    text: normalised. None when it stands alone or nothing came before.
    """
    if not thread or len(text.split()) > _MAX_WORDS or not _BARE.match(text):
        return None
    for turn in reversed(thread):
        if turn.by_customer:
            before = normalise(turn.text)
            if len(before.split()) > _MAX_WORDS or not _BARE.match(before):
                return f"{before} {text}" if text else before
    return None
