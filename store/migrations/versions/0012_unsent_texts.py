"""What people wrote and have not sent

Revision ID: 0012
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'unsent_text',
        sa.Column('person_id', sa.Text(), nullable=False),
        sa.Column('case_id', sa.Text(), nullable=False),
        sa.Column('place', sa.Text(), nullable=False),
        sa.Column('text', sa.Text(), nullable=False),
        sa.Column('pointer', sa.Text(), nullable=False),
        sa.Column('is_pair', sa.Boolean(), nullable=False),
        sa.Column('saved_at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_unsent_text_person_id')),
        sa.ForeignKeyConstraint(['case_id'], ['care_case.id'], name=op.f('fk_unsent_text_case_id')),
        sa.PrimaryKeyConstraint('person_id', 'case_id', 'place', name=op.f('pk_unsent_text')),
    )


def downgrade() -> None:
    op.drop_table('unsent_text')
