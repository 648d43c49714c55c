"""quality review

Revision ID: 0024
Revises: 0023
"""

import sqlalchemy as sa
from alembic import op

revision = '0024'
down_revision = '0023'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'review_pick',
        sa.Column('reply_id', sa.Text(), nullable=False),
        sa.Column('case_id', sa.Text(), nullable=False),
        sa.Column('author', sa.Text(), nullable=False),
        sa.Column('week', sa.Text(), nullable=False),
        sa.Column('why', sa.Text(), nullable=False),
        sa.Column('is_twice', sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(['case_id'], ['care_case.id'], name=op.f('fk_review_pick_case_id_care_case')),
        sa.ForeignKeyConstraint(['reply_id'], ['reply.id'], name=op.f('fk_review_pick_reply_id_reply')),
        sa.PrimaryKeyConstraint('reply_id', name=op.f('pk_review_pick')),
    )
    op.create_index(op.f('ix_review_pick_case_id'), 'review_pick', ['case_id'])
    op.create_index(op.f('ix_review_pick_week'), 'review_pick', ['week'])
    op.create_table(
        'review',
        sa.Column('reply_id', sa.Text(), nullable=False),
        sa.Column('reader', sa.Text(), nullable=False),
        sa.Column('case_id', sa.Text(), nullable=False),
        sa.Column('answers', sa.JSON(), nullable=False),
        sa.Column('note', sa.Text(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('is_told', sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(['case_id'], ['care_case.id'], name=op.f('fk_review_case_id_care_case')),
        sa.ForeignKeyConstraint(['reply_id'], ['review_pick.reply_id'], name=op.f('fk_review_reply_id_review_pick')),
        sa.PrimaryKeyConstraint('reply_id', 'reader', name=op.f('pk_review')),
    )
    op.create_index(op.f('ix_review_case_id'), 'review', ['case_id'])
    op.create_index(op.f('ix_review_at'), 'review', ['at'])


def downgrade() -> None:
    op.drop_table('review')
    op.drop_table('review_pick')
