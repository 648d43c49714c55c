"""What other systems are told, keys that expire, and requests that are answered once

The order in which the audit trail is read, given after the commit; endpoints and what is on its way to them; notices
about something that is no case; when a key ends and was last used; answers kept for a repeated request.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
PACKED = sa.JSON(none_as_null=True)
KINDS = ['climb', 'hand_over', 'mention']


def upgrade() -> None:
    op.add_column('event', sa.Column('place', sa.BigInteger(), nullable=True))
    op.execute('UPDATE event SET place = number')
    with op.batch_alter_table('event') as batch_op:
        batch_op.create_index(op.f('ix_event_place'), ['place'], unique=True)
        batch_op.create_index('ix_event_unplaced', ['number'], sqlite_where=sa.text('place IS NULL'),
                              postgresql_where=sa.text('place IS NULL'))
    op.create_table('endpoint',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('url', sa.Text(), nullable=False),
    sa.Column('types', PACKED, nullable=False),
    sa.Column('format', sa.Enum('webhook', 'cloudevents', name='endpointformat', native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.Column('has_objects', sa.Boolean(), nullable=False),
    sa.Column('owner', sa.Text(), nullable=False),
    sa.Column('created_by', sa.Text(), nullable=False),
    sa.Column('created_at', TIME, nullable=False),
    sa.Column('generation', sa.Integer(), nullable=False),
    sa.Column('rotated_at', TIME, nullable=True),
    sa.Column('off_since', TIME, nullable=True),
    sa.Column('off_why', sa.Text(), nullable=False),
    sa.Column('failing_since', TIME, nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_endpoint'))
    )
    op.create_table('event_delivery',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('endpoint_id', sa.Text(), nullable=False),
    sa.Column('event_number', NUMBER, nullable=False),
    sa.Column('event', sa.Text(), nullable=False),
    sa.Column('created_at', TIME, nullable=False),
    sa.Column('state', sa.Enum('waiting', 'claimed', 'delivered', 'failed', name='deliverystate', native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.Column('attempt', sa.Integer(), nullable=False),
    sa.Column('attempts', PACKED, nullable=False),
    sa.Column('n_crashes', sa.Integer(), nullable=False),
    sa.Column('not_before', TIME, nullable=False),
    sa.Column('lease_token', sa.Text(), nullable=True),
    sa.Column('lease_until', TIME, nullable=True),
    sa.Column('rung_at', TIME, nullable=True),
    sa.Column('problem', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['endpoint_id'], ['endpoint.id'], name=op.f('fk_event_delivery_endpoint_id')),
    sa.ForeignKeyConstraint(['event_number'], ['event.number'], name=op.f('fk_event_delivery_event_number')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_event_delivery'))
    )
    with op.batch_alter_table('event_delivery') as batch_op:
        batch_op.create_index(op.f('ix_event_delivery_endpoint_id_id'), ['endpoint_id', 'id'])
        batch_op.create_index(op.f('ix_event_delivery_state_not_before'), ['state', 'not_before'])
    op.create_table('kept_answer',
    sa.Column('owner', sa.Text(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('request', sa.Text(), nullable=False),
    sa.Column('until', TIME, nullable=False),
    sa.Column('status', sa.Integer(), nullable=True),
    sa.Column('headers', PACKED, nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('owner', 'key', name=op.f('pk_kept_answer'))
    )
    with op.batch_alter_table('kept_answer') as batch_op:
        batch_op.create_index(op.f('ix_kept_answer_until'), ['until'])
    op.add_column('service_key', sa.Column('expires_at', TIME, nullable=True))
    op.add_column('service_key', sa.Column('used_at', TIME, nullable=True))
    _notices(is_of_a_case=False, kinds=[*KINDS, 'endpoint_off'])


def downgrade() -> None:
    op.execute("DELETE FROM notice WHERE kind = 'endpoint_off'")
    _notices(is_of_a_case=True, kinds=KINDS)
    op.drop_column('service_key', 'used_at')
    op.drop_column('service_key', 'expires_at')
    for table in ('kept_answer', 'event_delivery', 'endpoint'):
        op.drop_table(table)
    with op.batch_alter_table('event') as batch_op:
        batch_op.drop_index('ix_event_unplaced')
        batch_op.drop_index(op.f('ix_event_place'))
        batch_op.drop_column('place')


def _notices(*, is_of_a_case: bool, kinds: list[str]) -> None:
    with op.batch_alter_table('notice') as batch_op:
        for name in ('case_id', 'message_id', 'thread_id'):
            batch_op.alter_column(name, existing_type=sa.Text(), nullable=not is_of_a_case)
        batch_op.drop_constraint(op.f('ck_notice_noticekind'), type_='check')
        batch_op.create_check_constraint(op.f('ck_notice_noticekind'), sa.column('kind').in_(kinds))
