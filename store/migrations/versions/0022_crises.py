"""crises

Revision ID: 0022
Revises: 0021
"""

import sqlalchemy as sa
from alembic import op

revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
KINDS = ['climb', 'hand_over', 'mention', 'endpoint_off', 'surge']


def upgrade() -> None:
    op.create_table(
        'crisis',
        sa.Column('id', sa.Text(), nullable=False),
        sa.Column('on_key', sa.Text(), nullable=True),
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.Column('is_drill', sa.Boolean(), nullable=False),
        sa.Column('intents', sa.JSON(), nullable=False),
        sa.Column('phrases', sa.JSON(), nullable=False),
        sa.Column('channels', sa.JSON(), nullable=False),
        sa.Column('public_text', sa.Text(), nullable=False),
        sa.Column('private_text', sa.Text(), nullable=False),
        sa.Column('approved_by', sa.Text(), nullable=False),
        sa.Column('began_by', sa.Text(), nullable=False),
        sa.Column('began_at', TIME, nullable=False),
        sa.Column('ended_by', sa.Text(), nullable=True),
        sa.Column('ended_at', TIME, nullable=True),
        sa.Column('log', sa.JSON(), nullable=False),
        sa.Column('looked_to', sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_crisis')),
        sa.UniqueConstraint('on_key', name=op.f('uq_crisis_on_key')),
    )
    op.create_table(
        'crisis_case',
        sa.Column('crisis_id', sa.Text(), nullable=False),
        sa.Column('case_id', sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(['crisis_id'], ['crisis.id'], name=op.f('fk_crisis_case_crisis_id_crisis')),
        sa.ForeignKeyConstraint(['case_id'], ['care_case.id'], name=op.f('fk_crisis_case_case_id_care_case')),
        sa.PrimaryKeyConstraint('crisis_id', 'case_id', name=op.f('pk_crisis_case')),
    )
    op.create_index(op.f('ix_crisis_case_case_id'), 'crisis_case', ['case_id'])
    _notices([*KINDS, 'crisis'])


def downgrade() -> None:
    op.execute("DELETE FROM notice WHERE kind = 'crisis'")
    _notices(KINDS)
    op.drop_table('crisis_case')
    op.drop_table('crisis')


def _notices(kinds: list[str]) -> None:
    with op.batch_alter_table('notice') as batch:
        batch.drop_constraint(op.f('ck_notice_noticekind'), type_='check')
        batch.create_check_constraint(op.f('ck_notice_noticekind'), sa.column('kind').in_(kinds))
