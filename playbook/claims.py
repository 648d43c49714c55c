"""Sentences that are true only once something was done: that somebody else has the matter, or that we did something."""

import re
from collections.abc import Collection

_TAGS, _SLOTS = re.compile(r"{%.*?%}", re.DOTALL), re.compile(r"{{.*?}}", re.DOTALL)
_SENTENCE = re.compile(r"(?<=[.!?:;])\s+|\n+")
# Whom a customer takes for somebody else than who writes: a team, an office, a person by their role.
_PEOPLE = (
    r"(?:teams?|officers?|leads?|managers?|supervisors?|colleagues?|departments?|desk|engineers?|technicians?|experts?"
    r"|specialists?|counsel|lawyers?|office|people|management|director|head|crew|staff|somebody|someone)"
)
_SOMEBODY = rf"(?:(?:our|the|a|an|my|their|your)\s+)?(?:[\w&'’-]+\s+){{0,4}}?{_PEOPLE}(?:\s+[\w'’]+){{0,9}}?"
_ALREADY = r"(?:(?:already|now|just|both|all|also|since|kindly|personally)\s+)*"
_MATTER = r"(?:your|this|it|the|everything|all|what|that|these|them|my)\b"
_HANDED = (
    r"(?:passed|handed|forwarded|escalated|transferred|referred|relayed|reported|assigned|routed|given|sent|shown|told"
    r"|asked|alerted|informed|notified|briefed|looped|copied)"
)
_CLAIMS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # "our safety officer has your message", "the people who decide now have it"
        rf"\b{_SOMEBODY}\s+{_ALREADY}(?:has|have|got|holds?|received|knows?)\s+{_ALREADY}(?:got\s+|received\s+)?"
        rf"(?:{_MATTER}|about\b)",
        # "the team is looking at it", "our engineers are on it", "somebody is dealing with this"
        rf"\b{_SOMEBODY}\s+(?:is|are|['’]s|['’]re)\s+{_ALREADY}"
        r"(?:looking|working|checking|dealing|handling|investigating|reviewing|taking\s+care|seeing|busy|on\s+(?:it|this))",
        # "I have passed this to", "we've asked the lead of our team"
        rf"\b(?:I|we)(?:['’]ve|\s+have)?\s+{_ALREADY}{_HANDED}\b(?!\s+(?:you|for)\b)",
        # "it has been forwarded", "your message was passed on"
        rf"\b(?:has|have|is|are|was|were)\s+{_ALREADY}(?:been\s+|being\s+){_HANDED}\s+(?:on\b|to\b|over\b)",
        rf"\b(?:is|was|were|are)\s+{_ALREADY}(?:passed|handed|forwarded|escalated|transferred)\s+(?:on\s+)?to\b",
        # "it is with our billing team", "this sits with the lead"
        rf"\b(?:is|are|['’]s|sits|lies)\s+{_ALREADY}(?:with|in\s+the\s+hands\s+of)\s+{_SOMEBODY}\b",
    )
)


def claims(source: str) -> list[str]:
    """The sentences of a play's text, in order, that say somebody else has the matter or is at it."""
    plain = _SLOTS.sub("X", _TAGS.sub("", source))
    return [sentence.strip() for sentence in _SENTENCE.split(plain) if any(claim.search(sentence) for claim in _CLAIMS)]


_DONE = re.compile(
    r"\b(?:(?:I|we)(?:['’]ve|\s+have)\s+(?:already\s+|just\s+|now\s+)*"
    r"(?:passed|handed|forwarded|sent|asked|told|checked|looked|opened|refunded|cancelled|changed|booked|ordered|noted"
    r"|reported|raised|gone|seen|hidden|removed|added|updated|reset|credited|fixed|escalated|written)\b"
    r"|(?:I|we)(?:['’]m|['’]re|\s+am|\s+are)\s+(?:passing|forwarding|handing|sending|writing)\b"
    r"|\bhas been\s+(?:hidden|passed|sent|refunded|cancelled|changed|removed|fixed|reset)\b)",
    re.IGNORECASE,
)


def acts(source: str, *, filled: Collection[str]) -> list[str]:
    """The sentences of a play's text, in order, that tell of an act of ours which no person confirms.

    filled: slots that only a person fills; a sentence with one of them is written once the act is done.
    """
    sentences = re.split(r"(?<=[.!?])\s+|\n+", _TAGS.sub("", source))
    return [
        _SLOTS.sub("X", sentence).strip()
        for sentence in sentences
        if _DONE.search(sentence) and not any(re.search(rf"{{{{\s*{slot}\b", sentence) for slot in filled)
    ]
