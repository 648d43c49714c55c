"""Escalation steps, satisfaction answers, flagged plays, and why a person corrected something

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('escalation',
    sa.Column('message_id', sa.Text(), nullable=False),
    sa.Column('step', sa.Text(), nullable=False),
    sa.Column('contact', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], name=op.f('fk_escalation_message_id')),
    sa.PrimaryKeyConstraint('message_id', 'step', name=op.f('pk_escalation'))
    )
    op.create_table('satisfaction',
    sa.Column('thread_id', sa.Text(), nullable=False),
    sa.Column('reply_id', sa.Text(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('message_id', sa.Text(), nullable=True),
    sa.Column('score', sa.Integer(), nullable=True),
    sa.CheckConstraint('score BETWEEN 1 AND 5', name=op.f('ck_satisfaction_score')),
    sa.CheckConstraint('score IS NULL OR message_id IS NOT NULL', name=op.f('ck_satisfaction_score_has_a_message')),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], name=op.f('fk_satisfaction_message_id')),
    sa.ForeignKeyConstraint(['thread_id'], ['thread.id'], name=op.f('fk_satisfaction_thread_id')),
    sa.PrimaryKeyConstraint('thread_id', name=op.f('pk_satisfaction'))
    )
    with op.batch_alter_table('satisfaction', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_satisfaction_reply_id'), ['reply_id'], unique=False)

    op.create_table('play_flag',
    sa.Column('play', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('change', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('play', 'kind', 'change', name=op.f('pk_play_flag'))
    )
    op.add_column('correction', sa.Column('reason', sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column('correction', 'reason')
    op.drop_table('play_flag')
    with op.batch_alter_table('satisfaction', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_satisfaction_reply_id'))

    op.drop_table('satisfaction')
    op.drop_table('escalation')
