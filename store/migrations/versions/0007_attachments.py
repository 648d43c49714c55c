"""Why the file of an attachment is not kept, and which messages name a file

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('attachment') as batch_op:
        batch_op.add_column(sa.Column('problem', sa.Text(), nullable=True))
        batch_op.create_index(op.f('ix_attachment_stored_as'), ['stored_as'])


def downgrade() -> None:
    with op.batch_alter_table('attachment') as batch_op:
        batch_op.drop_index('ix_attachment_stored_as')
        batch_op.drop_column('problem')
