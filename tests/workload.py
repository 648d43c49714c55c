"""A past of arrivals, kept row by row as the service would keep it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import insert

from care.case import CaseState, Source
from care.classification import Candidate, Classification, Judgement
from care.decision import Action, Decision, Priority
from care.message import Visibility
from care.reply import Purpose, ReplyStage, SuggestionState
from care.sensitive import Handling, Redaction
from store.tables import (
    CaseRow,
    ClassificationRow,
    HandlingRow,
    MessageRow,
    ReplyRow,
    SuggestionRow,
    TableRow,
    ThreadRow,
)
from store.work import SqlStore

_NUMBERS = count()


def arrived(
    store: SqlStore,
    moments: Sequence[datetime],
    *,
    team: str = "care",
    channel: str = "chat",
    handled_s: float = 0,
    labels: Mapping[str, str] | None = None,
) -> None:
    """A case with one message at each moment. handled_s: answered by Anna, who had it open for so long before.

    labels: by task, what each was read as.
    """
    rows: dict[type[TableRow], list[dict[str, Any]]] = {}
    for at in moments:
        id = f"{channel}{team}{next(_NUMBERS)}"
        hour = timedelta(hours=1)
        decision = Decision(Action.ANSWER_PRIVATE, team, Priority(), at + hour, at + 4 * hour)
        state = SuggestionState.APPROVED if handled_s else SuggestionState.PROPOSED
        common = {"thread_id": f"thr_{id}", "case_id": f"cas_{id}", "turn": 1}
        for table, values in {
            ThreadRow: {"id": f"thr_{id}", "channel": channel, "key": id},
            CaseRow: {
                "id": f"cas_{id}", "channel": channel, "thread_id": f"thr_{id}", "customer": id, "turn": 1,
                "state": CaseState.OPEN, "latest_message_id": f"msg_{id}", "opened_at": at, "changed_at": at,
                "source": Source.LIVE, "priority": 0,
            },
            MessageRow: {
                **common, "id": f"msg_{id}", "channel": channel, "outside_id": id, "thread_key": id, "handle": id,
                "text": "Where is it?", "visibility": Visibility.PRIVATE, "written_at": at, "received_at": at,
                "handling": Handling.ALLOW, "spans": (),
            },
            SuggestionRow: {
                **common, "id": f"sug_{id}", "message_id": f"msg_{id}", "decision": decision, "drafts": (),
                "state": state, "version": 1, "created_at": at, "due_at": decision.due_at, "priority": 0,
                "playbook": "test",
            },
        }.items():  # fmt: skip
            rows.setdefault(table, []).append(values)
        if labels:
            read = {task: Judgement(label, 0.9, (Candidate(label, 0.9),)) for task, label in labels.items()}
            value = Classification(read, Redaction("Where is it?"))
            row = {"message_id": f"msg_{id}", "bundle": "test", "value": value, "made_at": at}
            rows.setdefault(ClassificationRow, []).append(row)
        if handled_s:
            _answered(rows, id, common, channel, at, handled_s)
    with store.engine.begin() as connection:
        for table, many in rows.items():
            connection.execute(insert(table), many)


def _answered(
    rows: dict[type[TableRow], list[dict[str, Any]]],
    id: str,
    common: dict[str, Any],
    channel: str,
    at: datetime,
    handled_s: float,
) -> None:
    end = at + timedelta(minutes=20)
    rows.setdefault(ReplyRow, []).append(
        {
            **common, "id": f"rpl_{id}", "message_id": f"msg_{id}", "suggestion_id": f"sug_{id}", "channel": channel,
            "recipient": id, "thread_key": id, "in_reply_to": id, "text": "Soon.", "purpose": Purpose.ANSWER,
            "stage": ReplyStage.SENT, "approved_by": "per_anna", "approved_at": end, "not_before": end,
            "idempotency_key": id, "attempt": 1, "is_edited": False, "sent_at": end, "visibility": Visibility.PRIVATE,
            "is_rehearsal": False, "number": 1, "queued_at": end,
        }
    )  # fmt: skip
    began = end - timedelta(seconds=handled_s)
    rows.setdefault(HandlingRow, []).append(
        {"reply_id": f"rpl_{id}", "case_id": f"cas_{id}", "person_id": "per_anna", "began_at": began, "ended_at": end}
    )


def weekly(until: datetime, n_weeks: int, *, per_hour: int, hours: Sequence[int] = range(9, 17)) -> list[datetime]:
    """Moments of whole days before `until`, so many in each of these hours of UTC, spread evenly."""
    midnight = until.replace(hour=0, minute=0, second=0, microsecond=0)
    return [
        midnight - timedelta(days=day) + timedelta(hours=hour, minutes=60 * n / per_hour)
        for day in range(7 * n_weeks, 0, -1)
        for hour in hours
        for n in range(per_hour)
    ]
