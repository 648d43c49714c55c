"""Who writes in a case, and who has it open

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'hold',
        sa.Column('case_id', sa.Text(), nullable=False),
        sa.Column('person_id', sa.Text(), nullable=False),
        sa.Column('fence', sa.Integer(), nullable=False),
        sa.Column('until', sa.DateTime(timezone=True), nullable=False),
        sa.Column('asked_by', sa.Text(), nullable=True),
        sa.Column('asked_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint('fence >= 1', name=op.f('ck_hold_fence')),
        sa.ForeignKeyConstraint(['case_id'], ['care_case.id'], name=op.f('fk_hold_case_id')),
        sa.PrimaryKeyConstraint('case_id', name=op.f('pk_hold')),
    )
    op.create_index(op.f('ix_hold_until'), 'hold', ['until'])
    op.create_table(
        'presence',
        sa.Column('case_id', sa.Text(), nullable=False),
        sa.Column('person_id', sa.Text(), nullable=False),
        sa.Column('doing', sa.Enum('viewing', 'writing', name='doing', native_enum=False, length=20,
                                   create_constraint=True), nullable=False),
        sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['case_id'], ['care_case.id'], name=op.f('fk_presence_case_id')),
        sa.PrimaryKeyConstraint('case_id', 'person_id', name=op.f('pk_presence')),
    )
    op.create_index(op.f('ix_presence_seen_at'), 'presence', ['seen_at'])


def downgrade() -> None:
    op.drop_table('presence')
    op.drop_table('hold')
