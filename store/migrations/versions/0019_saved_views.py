"""saved views

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None

VIEWS = ('now_due', 'offline', 'waiting', 'mine', 'all')


def upgrade() -> None:
    op.create_table(
        'saved_view',
        sa.Column('id', sa.Text(), nullable=False),
        sa.Column('owner', sa.Text(), nullable=False),
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('view', sa.Enum(*VIEWS, name='view', native_enum=False, create_constraint=True, length=20), nullable=False),
        sa.Column('filters', sa.JSON(none_as_null=True), nullable=False),
        sa.Column('made_by', sa.Text(), nullable=False),
        sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_saved_view')),
        sa.UniqueConstraint('owner', 'name', name=op.f('uq_saved_view_owner_name')),
    )


def downgrade() -> None:
    op.drop_table('saved_view')
