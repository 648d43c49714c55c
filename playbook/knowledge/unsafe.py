"""What no passage may hold: scripts, template marks, orders to a machine, hidden signs, and values that are secret."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from care import placeholders
from care.ports import Redactor

_ORDERS = tuple(
    re.compile(pattern)
    for pattern in (
        r"\b(?:ignor\w*|disregard|forget|override|bypass|ne tiens pas compte|vergiss|olvida)\b[^.!?\n]{0,40}"
        r"\b(?:instructions?|prompts?|guidelines|(?:previous|prior|above|your|system) (?:rules?|messages?|text)"
        r"|anweisung\w*|befehle?|instrucciones|istruzioni|consignes)\b",
        r"\b(?:you are|act as|pretend (?:to be|you are)|behave (?:as|like))\b[^.!?\n]{0,30}"
        r"\b(?:an? (?:unrestricted |helpful )?(?:ai|language model|llm|chatbot|assistant)|dan|jailbroken)\b",
        r"\b(?:system|developer|hidden|secret) prompts?\b|\bprompt injection\b|\bjailbreak\b|\bdo anything now\b",
        r"<\|?/?(?:im_start|im_end|system|endoftext|assistant)\|?>|\[/?inst\]|<</?sys>>",
        r"^\W{0,4}(?:system|assistant|developer|human) ?: ?\S",
        r"\b(?:reveal|print|output|repeat|leak|show)\b[^.!?\n]{0,30}\b(?:your|the) (?:prompts?|instructions|system"
        r"|configuration|api keys?|secrets?)\b",
        r"\b(?:dear |note to |to any |attention,? )?(?:ai|llm|language model|chatbot|assistant)s?\b[^.!?\n]{0,30}"
        r"\b(?:must|should|shall|has to|have to|please)\b[^.!?\n]{0,40}\b(?:say|reply|answer|respond|approve|promise"
        r"|offer|refund|send|recommend|tell)\b",
        r"\bnew instructions? ?:|\bfrom now on,? (?:you|always|only) (?:will|must|answer|reply|respond|say)\b",
        r"\bwhen (?:asked|summari[sz]ing|answering|replying)\b[^.!?\n]{0,30}\b(?:always|you must|only) (?:say|reply"
        r"|answer|recommend|promise)\b",
    )
)
_SCRIPT = re.compile(
    r"<\s*/?\s*(?:script|iframe|object|embed|svg|style|form|input|link|meta|base)\b|javascript\s*:|vbscript\s*:"
    r"|data\s*:\s*text/html|<[a-z][^>\n]{0,200}\bon[a-z]{3,20}\s*=",
    re.IGNORECASE,
)
# Zero-width signs, marks that turn the direction of writing, and the tag characters that nobody sees.
_HIDDEN = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\U000e0000-\U000e007f]")


@dataclass(frozen=True, slots=True)
class Danger:
    """Why a line may not be quoted, without its words, and what to do."""

    what: str
    fix: str


ORDER = Danger("gives orders to a machine", "take it out; nothing obeys it, and no customer should read it")
SCRIPT = Danger("holds a script or active HTML", "write plain text; it is never rendered")
SIGNS = Danger("holds signs that nobody sees", "write the line again by hand")
TEMPLATE = Danger("holds a template mark or a gap", "write the value out, or ask for it in a play")


def has_order(text: str) -> bool:
    """Whether a text speaks to a machine that reads it instead of to a reader."""
    plain = _HIDDEN.sub("", unicodedata.normalize("NFKC", text)).casefold().replace("’", "'")
    return any(order.search(plain) for order in _ORDERS)


def has_script(text: str) -> bool:
    return bool(_SCRIPT.search(text))


def dangers_in(text: str, redactor: Redactor) -> Iterator[Danger]:
    """Everything that keeps a line from being quoted; a kind of secret is named, its value never."""
    if has_script(text):
        yield SCRIPT
    elif placeholders.find(text):
        yield TEMPLATE
    if _HIDDEN.search(text):
        yield SIGNS
    if has_order(text):
        yield ORDER
    kinds = sorted({span.category.replace("_", " ") for span in redactor.redact(text, is_public=False).may_not_go_out})
    if kinds:
        yield Danger(
            f"holds what no reply may hold: {', '.join(kinds)}", "take the value out, and change it if it is real"
        )
