"""What channels hand in and nobody can read

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'quarantine',
        sa.Column('id', sa.Text(), nullable=False),
        sa.Column('channel', sa.Text(), nullable=False),
        sa.Column('door', sa.Enum('messages', 'receipts', name='door', native_enum=False, create_constraint=True, length=20), nullable=False),
        sa.Column('problem', sa.Text(), nullable=False),
        sa.Column('content', sa.Text(), nullable=True),
        sa.Column('is_whole', sa.Boolean(), nullable=False),
        sa.Column('n_bytes', sa.Integer(), nullable=False),
        sa.Column('digest', sa.Text(), nullable=False),
        sa.Column('first_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('last_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('n_seen', sa.Integer(), nullable=False),
        sa.Column('n_tries', sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_quarantine')),
        sa.UniqueConstraint('channel', 'door', 'digest', name=op.f('uq_quarantine_channel_door_digest')),
    )
    op.create_index(op.f('ix_quarantine_last_at'), 'quarantine', ['last_at'])


def downgrade() -> None:
    op.drop_table('quarantine')
