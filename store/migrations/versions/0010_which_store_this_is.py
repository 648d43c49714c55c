"""Which store this is, whether it can be written, and seals over the audit trail

Revision ID: 0010
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0008'
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        'store',
        sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('store_id', sa.Text(), nullable=False),
        sa.Column('epoch', sa.Integer(), nullable=False),
        sa.Column('key_mark', sa.Text(), nullable=False),
        sa.Column('opened_at', TIME, nullable=False),
        sa.Column('held_at', TIME, nullable=True),
        sa.CheckConstraint('id = 1', name=op.f('ck_store_only_one')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_store')),
    )
    op.create_table(
        'probe',
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('at', TIME, nullable=False),
        sa.PrimaryKeyConstraint('name', name=op.f('pk_probe')),
    )
    op.create_table(
        'seal',
        sa.Column('number', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
        sa.Column('first', sa.BigInteger(), nullable=False),
        sa.Column('last', sa.BigInteger(), nullable=False),
        sa.Column('n_events', sa.Integer(), nullable=False),
        sa.Column('hash', sa.Text(), nullable=False),
        sa.Column('at', TIME, nullable=False),
        sa.PrimaryKeyConstraint('number', name=op.f('pk_seal')),
    )
    op.add_column('event', sa.Column('salt', sa.Text(), nullable=False, server_default=''))
    op.add_column('event', sa.Column('digest', sa.Text(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('event') as batch_op:
        batch_op.drop_column('digest')
        batch_op.drop_column('salt')
    for name in ('seal', 'probe', 'store'):
        op.drop_table(name)
