"""surges

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op

revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
KINDS = ['climb', 'hand_over', 'mention', 'endpoint_off']


def upgrade() -> None:
    op.create_table(
        'surge',
        sa.Column('id', sa.Text(), nullable=False),
        sa.Column('kind', sa.Enum('arrivals', 'negative', name='surgekind', native_enum=False, create_constraint=True, length=20), nullable=False),
        sa.Column('channel', sa.Text(), nullable=False),
        sa.Column('intent', sa.Text(), nullable=False),
        sa.Column('n', sa.Integer(), nullable=False),
        sa.Column('usual', sa.Double(), nullable=False),
        sa.Column('began_at', TIME, nullable=False),
        sa.Column('found_at', TIME, nullable=False),
        sa.Column('ended_at', TIME, nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_surge')),
    )
    is_on = sa.text('ended_at IS NULL')
    op.create_index('uq_surge_open', 'surge', ['kind', 'channel'], unique=True, sqlite_where=is_on, postgresql_where=is_on)
    _notices([*KINDS, 'surge'])


def downgrade() -> None:
    op.execute("DELETE FROM notice WHERE kind = 'surge'")
    _notices(KINDS)
    op.drop_table('surge')


def _notices(kinds: list[str]) -> None:
    with op.batch_alter_table('notice') as batch:
        batch.drop_constraint(op.f('ck_notice_noticekind'), type_='check')
        batch.create_check_constraint(op.f('ck_notice_noticekind'), sa.column('kind').in_(kinds))
