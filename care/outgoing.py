"""What goes out in our name: the checks before a person's yes counts, and the reply it becomes."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from care import placeholders
from care.case_file import CaseFile
from care.errors import BadReply, Problem, SensitiveBlocked
from care.handover import HandOverState
from care.ids import new_id
from care.masking import mask
from care.message import Message, Visibility
from care.ports import Redactor, ToneChecker
from care.reply import Address, Consent, Draft, Reply, ReplyStage, ReplyText, Sending, Verdict
from care.sensitive import Handling


def check_text(
    text: str,
    *,
    answers: Message,
    labels: Mapping[str, str],
    redactor: Redactor,
    tone: ToneChecker,
    visibility: Visibility | None = None,
) -> None:
    """Refuse a text that may not go out in answer to a message.

    labels: by task, what the message is about; mood and urgency set the tone. visibility: of the text; None: as the
    message's.
    Raises BadReply for an open slot, no text, or a tone that is stopped (too long among them), and SensitiveBlocked.
    """
    slots = [
        Problem(f"[[{gap.name}]]" if gap.is_ours else gap.name, "is still open", "fill it in")
        for gap in placeholders.find(text)
    ]
    if slots or not text.strip():
        raise BadReply(slots or [Problem("the reply", "is empty", "write something")])
    place = visibility or answers.visibility
    check_sensitive(text, redactor=redactor, is_public=read_by(place))
    mood, urgency, channel = labels.get("sentiment"), labels.get("urgency"), answers.origin.channel
    report = tone.check(text, channel=channel, to=answers.text, mood=mood, urgency=urgency, visibility=place)
    if report.verdict is Verdict.STOP:
        raise BadReply(
            [
                Problem(f"characters {finding.start} to {finding.end}", finding.message, finding.fix or "")
                for finding in report.findings
            ]
        )


def read_by(place: Visibility) -> bool | None:
    """Who reads an answer, as `Redactor.redact` asks it: in private, what was said to us may be said back.

    In public nobody knows whose address or number it is: it may well be ours.
    """
    return None if place is Visibility.PUBLIC else False


def check_sensitive(text: str, *, redactor: Redactor, is_public: bool | None) -> None:
    """Raises SensitiveBlocked for a text that holds what may not go out."""
    redaction = mask(text, redactor=redactor, is_public=is_public)
    if redaction.handling is Handling.WITHHELD:
        raise SensitiveBlocked([Problem("the reply", "could not be checked for sensitive data", "try again")])
    if redaction.may_not_go_out:
        raise SensitiveBlocked(
            [
                Problem(f"characters {span.start} to {span.end}", f"holds a {span.category}", "take it out")
                for span in redaction.may_not_go_out
            ]
        )


def new_reply(message: Message, *, text: str, by: str, now: datetime, undo_s: Mapping[str, float]) -> Reply:
    """A reply to a message, approved by a person and pending until its undo window is over.

    undo_s: seconds by channel name; "*" is the default.
    """
    waits_s = undo_s.get(message.origin.channel, undo_s.get("*", 0.0))
    return Reply(
        id=new_id("rpl", now=now),
        case_id=message.case_id,
        message_id=message.id,
        said=ReplyText(text, subject=message.subject),
        address=Address(
            channel=message.origin.channel,
            recipient=message.author.handle,
            thread_key=message.origin.thread_key,
            in_reply_to=message.origin.outside_id,
            visibility=message.visibility,
        ),
        consent=Consent(approved_by=by, approved_at=now, turn=message.turn),
        sending=Sending(ReplyStage.PENDING, now + timedelta(seconds=waits_s), new_id("idem", now=now)),
    )


def check_claims(draft: Draft | None, file: CaseFile) -> None:
    """A draft that says somebody else has the matter can only go out once they have it. Raises BadReply."""
    if draft is None or not draft.handed_to:
        return
    handed = {handover.to for handover in file.handled.handovers if handover.state is not HandOverState.CALLED_BACK}
    if draft.handed_to not in handed:
        what = f"says that {say_team(draft.handed_to)} has the matter, and nobody handed it over"
        raise BadReply([Problem("the reply", what, f"hand the case to {say_team(draft.handed_to)} first")])


def say_team(team: str) -> str:
    """A team's name in words for people."""
    return team.replace("_", " ")
