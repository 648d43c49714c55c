"""replies that are read first

Revision ID: 0023
Revises: 0022
"""

import sqlalchemy as sa
from alembic import op

revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None

KINDS = ['note', 'rejection', 'hand_over', 'answer']
UNREAD = sa.text("needs_second AND second_by IS NULL AND stage = 'pending'")


def upgrade() -> None:
    op.add_column('person', sa.Column('is_checked', sa.Boolean(), server_default=sa.text('false'), nullable=False))
    with op.batch_alter_table('reply') as batch:
        batch.add_column(sa.Column('needs_second', sa.Boolean(), server_default=sa.text('false'), nullable=False))
        batch.add_column(sa.Column('second_by', sa.Text(), nullable=True))
        batch.create_check_constraint(
            op.f('ck_reply_read_first'),
            "NOT needs_second OR second_by IS NOT NULL OR stage IN ('pending', 'held', 'withdrawn')",
        )
        batch.create_check_constraint(
            op.f('ck_reply_read_by_another'), "second_by LIKE 'per^_%' ESCAPE '^' AND second_by <> approved_by"
        )
    op.create_index('ix_reply_unread', 'reply', ['approved_at'], sqlite_where=UNREAD, postgresql_where=UNREAD)
    _notes([*KINDS, 'feedback'])


def downgrade() -> None:
    op.execute("UPDATE note SET kind = 'note' WHERE kind = 'feedback'")
    _notes(KINDS)
    # Nothing can say any more that these wait for a colleague: a person has to look at each.
    op.execute(
        "UPDATE reply SET stage = 'held', problem = 'Nobody read it first: look at it before it goes out.' "
        "WHERE needs_second AND second_by IS NULL AND stage = 'pending'"
    )
    op.drop_index('ix_reply_unread', table_name='reply')
    with op.batch_alter_table('reply') as batch:
        batch.drop_constraint(op.f('ck_reply_read_by_another'), type_='check')
        batch.drop_constraint(op.f('ck_reply_read_first'), type_='check')
        batch.drop_column('second_by')
        batch.drop_column('needs_second')
    with op.batch_alter_table('person') as batch:
        batch.drop_column('is_checked')


def _notes(kinds: list[str]) -> None:
    with op.batch_alter_table('note') as batch:
        batch.drop_constraint(op.f('ck_note_notekind'), type_='check')
        batch.create_check_constraint(op.f('ck_note_notekind'), sa.column('kind').in_(kinds))
