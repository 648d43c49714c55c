"""An agent's signature under what goes out, where the channel signs: put there once, never twice."""

import re

from care.channel_rules import ChannelRules

SLOT = "{agent}"
LONGEST = 40
_EDGES = " \t,.;:!–—-"
_NAME_AT_END = r"(?:(?:\A|\n|[\^~/–—-])[ \t]*{0}[ \t.,!–—-]*|\s{0}[ \t,–—-]*)\Z"
"""A name on its own line or behind a mark, or the last word of all: "ask Anna." is a sentence, not a signature."""


def signed(text: str, *, rules: ChannelRules | None, by: str) -> str:
    """The text as it goes out. by: how its author signs; "": they do not.

    The ending of unsigned replies makes room. What is signed already, in whatever way, stays as it is.
    """
    if rules is None or not by or SLOT not in rules.sign_off or not text.strip():
        return text
    whole = rules.sign_off.replace(SLOT, by)
    said = text.rstrip()
    if rules.unsigned.strip() and _ends_with(said, rules.unsigned):
        said = said[: len(said) - len(rules.unsigned.strip())].rstrip()
    if is_signed(said, rules=rules, by=by):
        return text
    return _without_beginning_of(whole, said) + whole


def is_signed(text: str, *, rules: ChannelRules, by: str) -> bool:
    """Whether its author has put their name under it: alone, or with what the channel writes around it."""
    after = rules.sign_off.partition(SLOT)[2]
    said = text.rstrip()
    for end in (after, ""):
        if end.strip() and not _ends_with(said, end):
            continue
        core = (said[: len(said) - len(end.strip())] if end.strip() else said).rstrip()
        if re.search(_NAME_AT_END.format(re.escape(by)), core, re.IGNORECASE):
            return True
    return False


def _ends_with(text: str, end: str) -> bool:
    return text.casefold().endswith(end.strip().casefold())


def _without_beginning_of(whole: str, said: str) -> str:
    """The text without the first lines of a signature that its author wrote themselves, as in "Kind regards"."""
    lines = [line.strip(_EDGES) for line in whole.strip().split("\n")]
    typed = said.split("\n")
    for n in range(min(len(lines) - 1, len(typed)), 0, -1):
        if [line.strip(_EDGES).casefold() for line in typed[-n:]] == [line.casefold() for line in lines[:n]]:
            return "\n".join(typed[:-n]).rstrip()
    return said
