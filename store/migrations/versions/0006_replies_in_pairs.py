"""Replies in pairs and in order, signatures, and cases that were opened again

A private answer and the public word that points to it; what an author typed before it was signed; the place of each
reply among those of its case; how people sign; since when a case is open again.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
PURPOSES = ['answer', 'closing', 'satisfaction']


def upgrade() -> None:
    op.add_column('person', sa.Column('signs_as', sa.Text(), nullable=False, server_default=''))
    op.add_column('care_case', sa.Column('reopened_at', TIME, nullable=True))
    op.add_column('care_case', sa.Column('reopened_due_at', TIME, nullable=True))
    for name, kind in (('typed', sa.Text()), ('answer_id', sa.Text()), ('number', sa.Integer())):
        op.add_column('reply', sa.Column(name, kind, nullable=True))
    # Those of one moment stand as they stood: by their id.
    op.execute('UPDATE reply SET number = (SELECT count(*) FROM reply AS earlier WHERE earlier.case_id = reply.case_id AND '
               '(earlier.approved_at < reply.approved_at OR '
               '(earlier.approved_at = reply.approved_at AND earlier.id <= reply.id)))')
    _purposes([*PURPOSES, 'pointer'])
    with op.batch_alter_table('reply') as batch_op:
        batch_op.alter_column('number', existing_type=sa.Integer(), nullable=False)
        batch_op.create_foreign_key(op.f('fk_reply_answer_id'), 'reply', ['answer_id'], ['id'])
        batch_op.create_index(op.f('ix_reply_answer_id'), ['answer_id'])


def downgrade() -> None:
    # A pointer without its answer would go out as if it were one.
    op.execute("DELETE FROM reply WHERE purpose = 'pointer'")
    _purposes(PURPOSES)
    with op.batch_alter_table('reply') as batch_op:
        batch_op.drop_index(op.f('ix_reply_answer_id'))
        batch_op.drop_constraint(op.f('fk_reply_answer_id'), type_='foreignkey')
        for name in ('typed', 'answer_id', 'number'):
            batch_op.drop_column(name)
    op.drop_column('care_case', 'reopened_due_at')
    op.drop_column('care_case', 'reopened_at')
    op.drop_column('person', 'signs_as')


def _purposes(allowed: list[str]) -> None:
    with op.batch_alter_table('reply') as batch_op:
        batch_op.drop_constraint(op.f('ck_reply_purpose'), type_='check')
        batch_op.create_check_constraint(op.f('ck_reply_purpose'), sa.column('purpose').in_(allowed))
