"""Rewording a finished draft by an outside helper: what leaves the machine, and whether what comes back is still ours.

Only the draft itself is handed out, each of its facts a token; no word of the customer, of knowledge beside it or of
the conversation. What comes back is offered only where every token is there again and nothing was added: no fact, no
number, no link, no promise, no question. Else the draft stays as it was, and the reason is kept with it.
"""

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Protocol

from care.ports import Redactor
from care.reply import Draft

TAKEN = "taken"
"""What `Draft.rewriting` says of a text that was taken over; any other word is why it was not."""
_LONGER, _SHORTER = 1.25, 0.3
"""How much longer, and at least how long, a reworded text may be, of the draft's words."""
_NAME = re.compile(r"(?<=[^\W\d_] )[A-ZÀ-Þ][\w'’-]*|(?<=, )[A-ZÀ-Þ][\w'’-]*")
_PLAIN_FACT = re.compile(
    r"\[\[\w+\]\]|(?:https?://|www\.)\S+|\S+@\S+|@\w+|\^\w+|[$€£¥]?\d[\w.,:/%-]*"
    r"|\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b|\b(?:today|tomorrow|tonight|yesterday)\b"
    r"|\b(?:january|february|march|april|june|july|august|september|october|november|december)\b",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"⟦\d+⟧")
_STRANGE = re.compile(
    r"[⟦⟧{}<>|\\`#*_~\[\]\x00-\x08\x0b-\x1f\u200b-\u200f\u202a-\u202e\u2066-\u2069]|\bhttps?\b|www\.|://"
)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_NEGATION = re.compile(r"\b(?:not|no|never|nobody|nothing|none|cannot|without)\b|n['’]t\b", re.IGNORECASE)
_COMMITS = re.compile(
    r"\b(?:refund|reimburs|replac|credit|voucher|coupon|compens|free|guarant|promis|discount|waiv|cancel|send|ship|deliver"
    r"|call|ring|phone|pay|paid|money|fix|solv|resolv|repair|escalat|manager|within|hour|minute|day|week|month|immediate"
    r"|instant|soon|asap|shortly|always|never|ensure|assure|confirm|approv|grant|offer|gift|bonus|doctor|lawyer|police"
    r"|password|pin|card|code|account|click|visit|download|one|two|three|four|five|six|seven|eight|nine|ten|dozen"
    r"|hundred|thousand|half|double|twice)\w*",
    re.IGNORECASE,
)
_FILLING = frozenset(
    "a an and are as at be been but by can could do does for from get has have here how i if in into is it its"
    " just let like me more my of on once or our out please so sorry some that the their them then there these"
    " they this those to up us was we were what when where which while who will with would you your about again"
    " all also any back best both check come done each find first give glad go going good got happy help hear"
    " hello hi keep know later least less look looking make may might need next now off over own put quite"
    " really right see send short still sure take tell thank thanks than that's thing through time too try"
    " under until very want way well what's write yes yet".split()
)


class RewriterFailed(Exception):
    """An outside rewriter said nothing that can be used. why: in a word or two, for counts."""

    def __init__(self, why: str) -> None:
        super().__init__(f"The rewriter gave no text ({why}).")
        self.why = why


class Rewriter(Protocol):
    """Words a text anew, somewhere else. Raises RewriterFailed, within its deadline, for whatever goes wrong."""

    def reword(self, text: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Rewording:
    """Everything it takes to have drafts reworded. vocabulary: words that a text may gain beside those of its draft."""

    rewriter: Rewriter
    redactor: Redactor
    vocabulary: frozenset[str] = field(default=frozenset(), repr=False)

    def of(self, draft: Draft) -> Draft:
        """The draft in other words, where these are as true; else as it is. `rewriting` says which, and why."""
        handed, facts = tokens_of(draft.text)
        try:
            said = self.rewriter.reword(handed)
        except RewriterFailed as failed:
            return replace(draft, rewriting=failed.why)
        if problem := _problem_with(handed, said, allowed=self.vocabulary):
            return replace(draft, rewriting=problem)
        text = _TOKEN.sub(lambda match: facts[match[0]], said.strip())
        if self.redactor.redact(text, is_public=None).may_not_go_out:
            return replace(draft, rewriting="sensitive")
        return replace(draft, text=text, rewriting=TAKEN)


def tokens_of(text: str) -> tuple[str, dict[str, str]]:
    """A text with each of its facts and names as a token, and what each token stands for."""
    facts: dict[str, str] = {}

    def token(match: re.Match[str]) -> str:
        if match[0].partition("'")[0].partition("’")[0] == "I":
            return match[0]
        ending = re.search(r"[.,!?;:]*\Z", match[0])
        cut = len(match[0]) - (len(ending[0]) if ending else 0)
        name = f"⟦{len(facts) + 1}⟧"
        facts[name] = match[0][:cut]
        return name + match[0][cut:]

    return _NAME.sub(token, _PLAIN_FACT.sub(token, text)), facts


def _problem_with(before: str, after: str, *, allowed: Collection[str]) -> str:
    """Why a reworded text is not the same answer in other words; "" where it is. Both with tokens."""
    words, gained = _words(before), _words(after) - _words(before)
    n_before, n_after = len(before.split()), len(after.split())
    checks = (
        ("facts", Counter(_TOKEN.findall(before)) != Counter(_TOKEN.findall(after))),
        ("strange", bool(_STRANGE.search(_TOKEN.sub("", after)) and not _STRANGE.search(_TOKEN.sub("", before)))),
        ("facts", bool(_PLAIN_FACT.search(_TOKEN.sub(" ", after))) or not _named(after) <= _named(before) | words),
        ("promise", not _commits(after) <= _commits(before)),
        ("meaning", len(_NEGATION.findall(before)) != len(_NEGATION.findall(after))),
        ("question", after.count("?") > before.count("?")),
        ("length", n_after > n_before * _LONGER + 2 or n_after < n_before * _SHORTER),
        ("layout", after.strip().count("\n") > before.count("\n")),
        ("words", not gained <= _FILLING | frozenset(allowed)),
    )
    return next((name for name, is_wrong in checks if is_wrong), "")


def _words(text: str) -> frozenset[str]:
    return frozenset(word.casefold().replace("’", "'") for word in _WORD.findall(text))


def _named(text: str) -> frozenset[str]:
    found = (name.partition("'")[0].partition("’")[0] for name in _NAME.findall(text))
    return frozenset(name.casefold() for name in found if name != "I")


def _commits(text: str) -> frozenset[str]:
    return frozenset(match[0].casefold() for match in _COMMITS.finditer(text))
