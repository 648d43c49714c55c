"""changes of plays

Revision ID: 0026
Revises: 0025
"""

import sqlalchemy as sa
from alembic import op

revision = '0026'
down_revision = '0025'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('play_change',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('play_id', sa.Text(), nullable=False),
    sa.Column('state', sa.Enum('proposed', 'made', 'undone', name='changestate', native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.Column('by', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('after', sa.Text(), nullable=False),
    sa.Column('before', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('case_id', sa.Text(), nullable=True),
    sa.Column('decided_by', sa.Text(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['care_case.id'], name=op.f('fk_play_change_case_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_play_change'))
    )
    with op.batch_alter_table('play_change', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_play_change_case_id'), ['case_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_play_change_play_id_at'), ['play_id', 'at'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('play_change', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_play_change_play_id_at'))
        batch_op.drop_index(batch_op.f('ix_play_change_case_id'))

    op.drop_table('play_change')
