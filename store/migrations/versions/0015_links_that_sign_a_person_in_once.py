"""Links that sign a person in once

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'sign_in_link',
        sa.Column('token_hash', sa.Text(), nullable=False),
        sa.Column('person_id', sa.Text(), nullable=False),
        sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_sign_in_link_person_id')),
        sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_sign_in_link')),
    )
    op.create_index(op.f('ix_sign_in_link_person_id'), 'sign_in_link', ['person_id'])


def downgrade() -> None:
    op.drop_table('sign_in_link')
