"""The sums of days that are over, for reports

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'report_day',
        sa.Column('day', sa.Date(), nullable=False),
        sa.Column('zone', sa.Text(), nullable=False),
        sa.Column('cells', sa.JSON(), nullable=False),
        sa.Column('upto', sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint('day', 'zone', name=op.f('pk_report_day')),
    )


def downgrade() -> None:
    op.drop_table('report_day')
