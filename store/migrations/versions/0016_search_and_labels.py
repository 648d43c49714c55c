"""Words that a search finds, and what each case is about

Revision ID: 0016
Revises: 0015
"""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from store.said import DROPPED, MADE
from store.words import searchable

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None

_AT_ONCE = 1000
_SAID = (
    "SELECT id, case_id, subject, text, author_name, handle FROM message",
    "SELECT id, case_id, subject, text FROM reply WHERE stage <> 'withdrawn'",
    "SELECT id, case_id, text FROM native_answer",
    "SELECT id, case_id, text FROM note",
)
_NOW = "FROM {table} t JOIN message m ON m.id = t.message_id JOIN care_case c ON c.latest_message_id = m.id"


def upgrade() -> None:
    op.create_table(
        'said',
        sa.Column('number', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
        sa.Column('case_id', sa.Text(), nullable=False),
        sa.Column('source_id', sa.Text(), nullable=False),
        sa.Column('words', sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(['case_id'], ['care_case.id'], name=op.f('fk_said_case_id')),
        sa.PrimaryKeyConstraint('number', name=op.f('pk_said')),
    )
    op.create_index(op.f('ix_said_case_id'), 'said', ['case_id'])
    op.create_index(op.f('ix_said_source_id'), 'said', ['source_id'])
    op.create_table(
        'case_label',
        sa.Column('case_id', sa.Text(), nullable=False),
        sa.Column('task', sa.Text(), nullable=False),
        sa.Column('label', sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(['case_id'], ['care_case.id'], name=op.f('fk_case_label_case_id')),
        sa.PrimaryKeyConstraint('case_id', 'task', name=op.f('pk_case_label')),
    )
    op.create_index(op.f('ix_case_label_task_label'), 'case_label', ['task', 'label'])
    connection = op.get_bind()
    for statement in MADE[connection.dialect.name]:
        connection.exec_driver_sql(statement)
    said = sa.table('said', sa.column('case_id'), sa.column('source_id'), sa.column('words'))
    _fill(connection, said, _said(connection))
    label = sa.table('case_label', sa.column('case_id'), sa.column('task'), sa.column('label'))
    _fill(connection, label, _labels(connection))


def downgrade() -> None:
    connection = op.get_bind()
    for statement in DROPPED[connection.dialect.name]:
        connection.exec_driver_sql(statement)
    op.drop_table('case_label')
    op.drop_table('said')


def _fill(connection: sa.Connection, table: Any, rows: Iterator[dict[str, str]]) -> None:
    some: list[dict[str, str]] = []
    for row in rows:
        some.append(row)
        if len(some) == _AT_ONCE:
            connection.execute(sa.insert(table), some)
            some = []
    if some:
        connection.execute(sa.insert(table), some)


def _said(connection: sa.Connection) -> Iterator[dict[str, str]]:
    for query in _SAID:
        for id, case_id, *texts in connection.execute(sa.text(query)).fetchall():
            if words := searchable(*texts):
                yield {'case_id': case_id, 'source_id': id, 'words': words}


def _labels(connection: sa.Connection) -> Iterator[dict[str, str]]:
    """What each case's latest message was taken for, a person's word last."""
    json = sa.JSON()
    by_case: dict[str, dict[str, str]] = {}
    read = sa.text(f"SELECT c.id, t.value {_NOW.format(table='classification')}").columns(id=sa.Text(), value=json)
    for case_id, value in connection.execute(read).fetchall():
        labels = {task: judgement["label"] for task, judgement in (value.get("tasks") or {}).items()}
        by_case[case_id] = {**labels, "language": value.get("language") or "en"}
    made = sa.text(f"SELECT c.id, t.decision {_NOW.format(table='suggestion')}").columns(id=sa.Text(), decision=json)
    for case_id, decision in connection.execute(made).fetchall():
        addends = (decision.get("priority") or {}).get("addends") or ()
        tiers = [addend["name"][5:] for addend in addends if addend["name"].startswith("tier ")]
        decided = {"action": decision["action"], "team": decision.get("team") or "", "tier": "".join(tiers[:1])}
        by_case.setdefault(case_id, {}).update(decided)
    said = sa.text(f"SELECT c.id, t.task, t.corrected {_NOW.format(table='correction')} ORDER BY t.number")
    for case_id, task, corrected in connection.execute(said).fetchall():
        by_case.setdefault(case_id, {})[task] = corrected
    for case_id, labels in by_case.items():
        for task, label in labels.items():
            yield {'case_id': case_id, 'task': task, 'label': label}
