"""The first tables

Revision ID: 0001
Revises: 
"""

import sqlalchemy as sa
from alembic import op

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('event',
    sa.Column('number', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event', sa.Text(), nullable=False),
    sa.Column('subject_id', sa.Text(), nullable=False),
    sa.Column('by', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('facts', sa.JSON(none_as_null=True), nullable=False),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_event'))
    )
    with op.batch_alter_table('event', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_event_subject_id'), ['subject_id'], unique=False)

    op.create_table('person',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('email', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('role', sa.Enum('agent', 'supervisor', 'admin', name='role', native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.Column('password_hash', sa.Text(), nullable=False),
    sa.Column('is_active', sa.Boolean(), nullable=False),
    sa.CheckConstraint("id LIKE 'per^_%' ESCAPE '^'", name=op.f('ck_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_person')),
    sa.UniqueConstraint('email', name=op.f('uq_person_email'))
    )
    op.create_table('service_key',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('prefix', sa.Text(), nullable=False),
    sa.Column('key_hash', sa.Text(), nullable=False),
    sa.Column('scopes', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_service_key')),
    sa.UniqueConstraint('key_hash', name=op.f('uq_service_key_key_hash'))
    )
    op.create_table('thread',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('is_resolved', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_thread')),
    sa.UniqueConstraint('channel', 'key', name=op.f('uq_thread_channel_key'))
    )
    op.create_table('message',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('outside_id', sa.Text(), nullable=False),
    sa.Column('thread_id', sa.Text(), nullable=False),
    sa.Column('thread_key', sa.Text(), nullable=False),
    sa.Column('handle', sa.Text(), nullable=False),
    sa.Column('author_name', sa.Text(), nullable=True),
    sa.Column('followers', sa.BigInteger(), nullable=True),
    sa.Column('subject', sa.Text(), nullable=True),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('visibility', sa.Enum('public', 'private', name='visibility', native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.Column('written_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('handling', sa.Enum('allow', 'mask', 'offline', 'withheld', name='handling', native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.Column('spans', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('assigned_to', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['thread_id'], ['thread.id'], name=op.f('fk_message_thread_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_message')),
    sa.UniqueConstraint('channel', 'outside_id', name=op.f('uq_message_channel_outside_id'))
    )
    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_message_assigned_to'), ['assigned_to'], unique=False)
        batch_op.create_index(batch_op.f('ix_message_received_at_id'), ['received_at', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_message_thread_id_written_at'), ['thread_id', 'written_at'], unique=False)

    op.create_table('session',
    sa.Column('token_hash', sa.Text(), nullable=False),
    sa.Column('person_id', sa.Text(), nullable=False),
    sa.Column('csrf', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_session_person_id')),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_session'))
    )
    with op.batch_alter_table('session', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_session_person_id'), ['person_id'], unique=False)

    op.create_table('classification',
    sa.Column('message_id', sa.Text(), nullable=False),
    sa.Column('bundle', sa.Text(), nullable=False),
    sa.Column('value', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], name=op.f('fk_classification_message_id')),
    sa.PrimaryKeyConstraint('message_id', name=op.f('pk_classification'))
    )
    op.create_table('correction',
    sa.Column('number', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('message_id', sa.Text(), nullable=False),
    sa.Column('task', sa.Text(), nullable=False),
    sa.Column('predicted', sa.Text(), nullable=False),
    sa.Column('corrected', sa.Text(), nullable=False),
    sa.Column('agent', sa.Text(), nullable=False),
    sa.Column('corrected_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], name=op.f('fk_correction_message_id')),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_correction'))
    )
    with op.batch_alter_table('correction', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_correction_message_id'), ['message_id'], unique=False)

    op.create_table('offline_task',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('thread_id', sa.Text(), nullable=False),
    sa.Column('message_id', sa.Text(), nullable=False),
    sa.Column('categories', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('state', sa.Enum('open', 'contacted', 'closed', 'waived', name='offlinestate', native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('owner', sa.Text(), nullable=True),
    sa.Column('changed_by', sa.Text(), nullable=True),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('waiver', sa.Text(), nullable=True),
    sa.CheckConstraint("state <> 'waived' OR waiver IS NOT NULL", name=op.f('ck_offline_task_waiver_has_a_reason')),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], name=op.f('fk_offline_task_message_id')),
    sa.ForeignKeyConstraint(['thread_id'], ['thread.id'], name=op.f('fk_offline_task_thread_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_offline_task'))
    )
    with op.batch_alter_table('offline_task', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_offline_task_message_id'), ['message_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_offline_task_thread_id'), ['thread_id'], unique=False)
        batch_op.create_index('uq_offline_task_open', ['thread_id'], unique=True, sqlite_where=sa.text("state IN ('open', 'contacted')"), postgresql_where=sa.text("state IN ('open', 'contacted')"))

    op.create_table('suggestion',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('message_id', sa.Text(), nullable=False),
    sa.Column('thread_id', sa.Text(), nullable=False),
    sa.Column('decision', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('drafts', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('state', sa.Enum('proposed', 'approved', 'rejected', 'superseded', 'dismissed', name='suggestionstate', native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('priority', sa.Integer(), nullable=False),
    sa.Column('asks', sa.Text(), nullable=True),
    sa.Column('decided_by', sa.Text(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reject_reason', sa.Text(), nullable=True),
    sa.Column('playbook', sa.Text(), nullable=False),
    sa.CheckConstraint('version >= 1', name=op.f('ck_suggestion_version')),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], name=op.f('fk_suggestion_message_id')),
    sa.ForeignKeyConstraint(['thread_id'], ['thread.id'], name=op.f('fk_suggestion_thread_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_suggestion')),
    sa.UniqueConstraint('message_id', name=op.f('uq_suggestion_message_id'))
    )
    with op.batch_alter_table('suggestion', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_suggestion_state_due_at'), ['state', 'due_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_suggestion_thread_id_state'), ['thread_id', 'state'], unique=False)

    op.create_table('task',
    sa.Column('message_id', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('attempt', sa.Integer(), nullable=False),
    sa.Column('n_crashes', sa.Integer(), nullable=False),
    sa.Column('not_before', sa.DateTime(timezone=True), nullable=False),
    sa.Column('lease_token', sa.Text(), nullable=True),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('rung_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('problem', sa.Text(), nullable=True),
    sa.CheckConstraint("state IN ('waiting', 'claimed', 'done', 'parked')", name=op.f('ck_task_state')),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], name=op.f('fk_task_message_id')),
    sa.PrimaryKeyConstraint('message_id', name=op.f('pk_task'))
    )
    with op.batch_alter_table('task', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_task_state_rung_at'), ['state', 'rung_at'], unique=False)

    op.create_table('reply',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('message_id', sa.Text(), nullable=False),
    sa.Column('thread_id', sa.Text(), nullable=False),
    sa.Column('suggestion_id', sa.Text(), nullable=True),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('recipient', sa.Text(), nullable=False),
    sa.Column('thread_key', sa.Text(), nullable=False),
    sa.Column('in_reply_to', sa.Text(), nullable=False),
    sa.Column('subject', sa.Text(), nullable=True),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('purpose', sa.Enum('answer', 'closing', 'satisfaction', name='purpose', native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.Column('stage', sa.Enum('pending', 'claimed', 'inflight', 'sent', 'delivered', 'failed', 'unknown', 'withdrawn', name='stage', native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.Column('approved_by', sa.Text(), nullable=False),
    sa.Column('approved_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('not_before', sa.DateTime(timezone=True), nullable=False),
    sa.Column('idempotency_key', sa.Text(), nullable=False),
    sa.Column('attempt', sa.Integer(), nullable=False),
    sa.Column('play', sa.Text(), nullable=True),
    sa.Column('is_edited', sa.Boolean(), nullable=False),
    sa.Column('receipt', sa.Text(), nullable=True),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('problem', sa.Text(), nullable=True),
    sa.Column('queued_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('n_crashes', sa.Integer(), nullable=False),
    sa.Column('lease_token', sa.Text(), nullable=True),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('rung_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("approved_by LIKE 'per^_%' ESCAPE '^'", name=op.f('ck_reply_approved_by_a_person')),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], name=op.f('fk_reply_message_id')),
    sa.ForeignKeyConstraint(['suggestion_id'], ['suggestion.id'], name=op.f('fk_reply_suggestion_id')),
    sa.ForeignKeyConstraint(['thread_id'], ['thread.id'], name=op.f('fk_reply_thread_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reply')),
    sa.UniqueConstraint('idempotency_key', name=op.f('uq_reply_idempotency_key'))
    )
    with op.batch_alter_table('reply', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_reply_channel_receipt'), ['channel', 'receipt'], unique=False)
        batch_op.create_index(batch_op.f('ix_reply_stage_not_before'), ['stage', 'not_before'], unique=False)
        batch_op.create_index(batch_op.f('ix_reply_thread_id_approved_at'), ['thread_id', 'approved_at'], unique=False)
        batch_op.create_index('uq_reply_live', ['message_id', 'purpose'], unique=True, sqlite_where=sa.text("stage <> 'withdrawn'"), postgresql_where=sa.text("stage <> 'withdrawn'"))
        batch_op.create_index('uq_reply_suggestion_live', ['suggestion_id'], unique=True, sqlite_where=sa.text("stage <> 'withdrawn'"), postgresql_where=sa.text("stage <> 'withdrawn'"))



def downgrade() -> None:
    with op.batch_alter_table('reply', schema=None) as batch_op:
        batch_op.drop_index('uq_reply_suggestion_live', sqlite_where=sa.text("stage <> 'withdrawn'"), postgresql_where=sa.text("stage <> 'withdrawn'"))
        batch_op.drop_index('uq_reply_live', sqlite_where=sa.text("stage <> 'withdrawn'"), postgresql_where=sa.text("stage <> 'withdrawn'"))
        batch_op.drop_index(batch_op.f('ix_reply_thread_id_approved_at'))
        batch_op.drop_index(batch_op.f('ix_reply_stage_not_before'))
        batch_op.drop_index(batch_op.f('ix_reply_channel_receipt'))

    op.drop_table('reply')
    with op.batch_alter_table('task', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_task_state_rung_at'))

    op.drop_table('task')
    with op.batch_alter_table('suggestion', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_suggestion_thread_id_state'))
        batch_op.drop_index(batch_op.f('ix_suggestion_state_due_at'))

    op.drop_table('suggestion')
    with op.batch_alter_table('offline_task', schema=None) as batch_op:
        batch_op.drop_index('uq_offline_task_open', sqlite_where=sa.text("state IN ('open', 'contacted')"), postgresql_where=sa.text("state IN ('open', 'contacted')"))
        batch_op.drop_index(batch_op.f('ix_offline_task_thread_id'))
        batch_op.drop_index(batch_op.f('ix_offline_task_message_id'))

    op.drop_table('offline_task')
    with op.batch_alter_table('correction', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_correction_message_id'))

    op.drop_table('correction')
    op.drop_table('classification')
    with op.batch_alter_table('session', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_session_person_id'))

    op.drop_table('session')
    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_message_thread_id_written_at'))
        batch_op.drop_index(batch_op.f('ix_message_received_at_id'))
        batch_op.drop_index(batch_op.f('ix_message_assigned_to'))

    op.drop_table('message')
    op.drop_table('thread')
    op.drop_table('service_key')
    op.drop_table('person')
    with op.batch_alter_table('event', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_event_subject_id'))

    op.drop_table('event')
