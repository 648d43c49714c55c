"""how long answers take

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
from alembic import op

revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'handling',
        sa.Column('reply_id', sa.Text(), nullable=False),
        sa.Column('case_id', sa.Text(), nullable=False),
        sa.Column('person_id', sa.Text(), nullable=False),
        sa.Column('began_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('ended_at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['case_id'], ['care_case.id'], name=op.f('fk_handling_case_id')),
        sa.ForeignKeyConstraint(['reply_id'], ['reply.id'], name=op.f('fk_handling_reply_id')),
        sa.PrimaryKeyConstraint('reply_id', name=op.f('pk_handling')),
    )
    op.create_index(op.f('ix_handling_case_id'), 'handling', ['case_id'])
    op.create_index(op.f('ix_handling_ended_at'), 'handling', ['ended_at'])
    op.add_column('presence', sa.Column('since', sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('presence') as batch:
        batch.drop_column('since')
    op.drop_table('handling')
