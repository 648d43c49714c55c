"""Mail addresses of customers, which answers came in as history, and which channels were switched on

An address is equal whatever its letter case. What was sent before keeps its channel live.

Revision ID: 0005
Revises: 0004
"""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

Run = Callable[..., sa.CursorResult[Any]]
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table('live_channel',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('by', sa.Text(), nullable=False),
    sa.Column('at', TIME, nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_live_channel'))
    )
    op.add_column('identity', sa.Column('address', sa.Text(), nullable=True))
    op.create_index(op.f('ix_identity_address'), 'identity', ['address'])
    op.add_column('native_answer', sa.Column('is_history', sa.Boolean()))
    _fill(op.get_bind())
    with op.batch_alter_table('native_answer') as batch_op:
        batch_op.alter_column('is_history', existing_type=sa.Boolean(), nullable=False)
    with op.batch_alter_table('care_case') as batch_op:
        batch_op.drop_constraint(op.f('ck_care_case_resolution'), type_='check')
        batch_op.create_check_constraint(op.f('ck_care_case_resolution'), sa.column('resolution').in_(
            ['solved', 'dismissed', 'ignored', 'imported', 'archived']))


def _fill(bind: sa.Connection) -> None:
    def run(sql: str, **values: object) -> sa.CursorResult[Any]:
        return bind.execute(sa.text(sql), values)

    # Lower-cased here: SQLite knows the letters of ASCII only.
    for row in run("SELECT channel, handle FROM identity WHERE channel = 'email' AND handle LIKE '_%@_%'").all():
        run('UPDATE identity SET address = :address WHERE channel = :channel AND handle = :handle',
            address=row.handle.lower(), channel=row.channel, handle=row.handle)
    # What was answered on the network while the service ran left its mark in the trail.
    run("UPDATE native_answer SET is_history = NOT EXISTS "
        "(SELECT 1 FROM event WHERE event.subject_id = native_answer.id AND event.event = 'reply.native')")
    # Imported, and written to again since.
    run("UPDATE care_case SET source = 'live' WHERE source = 'import' AND EXISTS "
        '(SELECT 1 FROM message JOIN task ON task.message_id = message.id WHERE message.case_id = care_case.id)')
    run("UPDATE reply SET is_rehearsal = :yes WHERE receipt LIKE 'rehearsed-%'", yes=True)
    run("INSERT INTO live_channel (name, \"by\", at) SELECT channel, 'tactful', MIN(COALESCE(sent_at, approved_at)) "
        "FROM reply WHERE stage IN ('sent', 'delivered', 'unknown') AND is_rehearsal = :no GROUP BY channel", no=False)


def downgrade() -> None:
    raise RuntimeError('Addresses cannot be taken back: restore the copy that was made before the upgrade.')
