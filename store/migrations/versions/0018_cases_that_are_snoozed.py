"""cases that are snoozed

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'snooze',
        sa.Column('id', sa.Text(), nullable=False),
        sa.Column('case_id', sa.Text(), nullable=False),
        sa.Column('until', sa.DateTime(timezone=True), nullable=False),
        sa.Column('made_by', sa.Text(), nullable=False),
        sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('turn', sa.Integer(), nullable=False),
        sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('ended_by', sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(['case_id'], ['care_case.id'], name=op.f('fk_snooze_case_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_snooze')),
    )
    with op.batch_alter_table('snooze') as batch_op:
        batch_op.create_index(batch_op.f('ix_snooze_case_id'), ['case_id'], unique=False)
        batch_op.create_index('uq_snooze_open', ['case_id'], unique=True, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))

    with op.batch_alter_table('care_case') as batch_op:
        batch_op.add_column(sa.Column('snoozed_until', sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(batch_op.f('ix_care_case_snoozed_until'), ['snoozed_until'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('care_case') as batch_op:
        batch_op.drop_index(batch_op.f('ix_care_case_snoozed_until'))
        batch_op.drop_column('snoozed_until')

    with op.batch_alter_table('snooze') as batch_op:
        batch_op.drop_index('uq_snooze_open', sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_snooze_case_id'))

    op.drop_table('snooze')
