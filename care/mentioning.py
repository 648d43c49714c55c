"""Telling a colleague who was named with an @ in a note."""

from datetime import datetime, timedelta

from care.access import Person
from care.case import Case
from care.escalation import Notice, NoticeClock, NoticeKind, NoticeSubject
from care.ids import new_id
from care.note import named_in
from care.unit_of_work import Work

ANSWER_WITHIN = timedelta(hours=4)


def mentioned(
    work: Work, case: Case, text: str, note_id: str, *, by: str, now: datetime
) -> tuple[tuple[str, ...], list[Notice]]:
    """The people a note names, and what they are told. Nobody is told of their own note."""
    people = [person for name in named_in(text) if (person := _called(work.access.people(), name)) is not None]
    others = [person for person in dict.fromkeys(people) if person.id != by]
    told = [notice_to(case, other, note_id, now=now) for other in others]
    return tuple(person.id for person in dict.fromkeys(people)), told


def _called(people: list[Person], name: str) -> Person | None:
    """By the part of the address before the @, or by the name without spaces."""
    for person in people:
        known = {person.email.partition("@")[0].casefold(), person.name.casefold().replace(" ", ".")}
        if person.is_active and (name in known or name == person.name.casefold().split()[0]):
            return person
    return None


def notice_to(case: Case, person: Person, note_id: str, *, now: datetime) -> Notice:
    """What a colleague is told of a note that names them."""
    until = now + ANSWER_WITHIN
    about = NoticeSubject(
        case.channel,
        kind=NoticeKind.MENTION,
        subject_id=note_id,
        message_id=case.latest_message_id,
        thread_id=case.thread_id,
        case_id=case.id,
    )
    clock = NoticeClock(now, until, timedelta(0), until)
    return Notice(new_id("ntc", now=now), f"mention {note_id}", person.name, person.email, about, clock)
