"""What became of drafts, in order of time, and which plays were flagged to their owners."""

from hashlib import sha256

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from care.decision import Action
from care.learning import FirstAnswer, Outcome, PlayFlag
from care.reply import Purpose, Stage, SuggestionState
from store.moments import Now
from store.rows import insert_once
from store.tables import PlayFlagRow, ReplyRow, SuggestionRow


class SqlLearning:
    def __init__(self, session: Session, now: Now) -> None:
        self._session = session
        self._now = now

    def outcomes(self, *, limit: int = 2000) -> list[Outcome]:
        is_sent = and_(SuggestionRow.state == SuggestionState.APPROVED, ReplyRow.play.is_not(None))
        query = (
            select(SuggestionRow, ReplyRow)
            .outerjoin(
                ReplyRow,
                and_(
                    ReplyRow.suggestion_id == SuggestionRow.id,
                    ReplyRow.purpose == Purpose.ANSWER,
                    ReplyRow.stage != Stage.WITHDRAWN,
                ),
            )
            .where(or_(is_sent, SuggestionRow.state == SuggestionState.REJECTED))
            .order_by(SuggestionRow.decided_at.desc(), SuggestionRow.id.desc())
            .limit(limit)
        )
        rows = reversed(self._session.execute(query).all())
        found = [_outcome(row.SuggestionRow, row.ReplyRow) for row in rows]
        return [outcome for outcome in found if outcome is not None]

    def first_answers(self, *, limit: int = 5000) -> list[FirstAnswer]:
        sent = (
            select(ReplyRow.thread_id, func.min(ReplyRow.sent_at).label("sent_at"))
            .where(ReplyRow.purpose == Purpose.ANSWER, ReplyRow.sent_at.is_not(None))
            .group_by(ReplyRow.thread_id)
            .subquery()
        )
        query = (
            select(SuggestionRow.thread_id, SuggestionRow.decision, sent.c.sent_at)
            .outerjoin(sent, sent.c.thread_id == SuggestionRow.thread_id)
            .order_by(SuggestionRow.created_at.desc(), SuggestionRow.id.desc())
            .limit(limit)
        )
        found: dict[str, FirstAnswer] = {}
        for thread_id, decision, sent_at in reversed(self._session.execute(query).all()):
            if decision.action is not Action.IGNORE:
                found.setdefault(thread_id, FirstAnswer(decision.promised_at, sent_at))
        return list(found.values())

    def flag(self, flag: PlayFlag) -> bool:
        # The passages are somebody's words; that they were told is all that has to be known again.
        digest = sha256("\0".join(flag.change or ()).encode("utf-8", "replace")).hexdigest()[:32]
        values = {"play": flag.play, "kind": flag.kind, "change": digest, "at": self._now(0)}
        return insert_once(self._session, PlayFlagRow, values)


def _outcome(suggestion: SuggestionRow, reply: ReplyRow | None) -> Outcome | None:
    if suggestion.state is SuggestionState.REJECTED:
        shown = next(iter(suggestion.drafts), None)
        return None if shown is None else Outcome(play=shown.play, draft=shown.text, sent="", is_sent=False)
    draft = next((draft for draft in suggestion.drafts if reply is not None and draft.play == reply.play), None)
    if draft is None or reply is None:
        return None
    return Outcome(play=draft.play, draft=draft.text, sent=reply.text, is_sent=True)
