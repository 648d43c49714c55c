"""The hour that a text in the composer promises, as the page shows it before the clock starts."""

from dataclasses import dataclass
from datetime import datetime

from api.console import wording
from api.depends import Parts
from care.case_file import CaseFile
from care.promising import promised_in
from care.reply import Draft


@dataclass(frozen=True, slots=True)
class Quoted:
    """One hour. words: as the text says it. said: as people say it, with the clock it is read on.

    is_none: the person said that it promises nothing.
    """

    words: str
    until: datetime
    said: str
    has_passed: bool
    is_none: bool = False


def quoted_in(
    text: str, case: CaseFile, parts: Parts, *, draft: Draft | None, now: datetime, none_of: str = ""
) -> Quoted | None:
    """The hour this text quotes: the draft's own while its words stand there, else what is found in it.

    none_of: the words of which the person said that they promise nothing.
    """
    zone = parts.playbook.policy.clock(case.message.origin.channel).hours.zone
    if draft is not None and draft.promised_at is not None and draft.promise and draft.promise in text:
        said, until = draft.promise, draft.promised_at
    else:
        hour = promised_in(text, now=now, zone=zone)
        if hour is None:
            return None
        said, until = hour.words, hour.until
    return Quoted(said, until, wording.hour(until, now, zone), until <= now, is_none=said == none_of)
