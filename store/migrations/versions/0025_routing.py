"""routing

Revision ID: 0025
Revises: 0024
"""

import sqlalchemy as sa
from alembic import op

revision = '0025'
down_revision = '0024'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('person', sa.Column('away_until', sa.DateTime(timezone=True), nullable=True))
    op.add_column('care_case', sa.Column('assigned_why', sa.Text(), server_default='', nullable=False))


def downgrade() -> None:
    with op.batch_alter_table('care_case') as batch:
        batch.drop_column('assigned_why')
    with op.batch_alter_table('person') as batch:
        batch.drop_column('away_until')
