"""Cases: one customer's matter on one thread, with its promises, hand-overs, notes, customers and attachments

Every message, reply and open matter of before keeps its row and gets the case it belongs to.

Revision ID: 0004
Revises: 0003
"""

import hashlib
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

Run = Callable[..., sa.CursorResult[Any]]
TIME = sa.DateTime(timezone=True)
OPEN_OFFLINE = "state IN ('open', 'contacted')"


def words(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=20)


def upgrade() -> None:
    _new_tables()
    _new_columns()
    _fill(op.get_bind())
    _tighten()
    _tables_on_cases()


def _new_tables() -> None:
    op.create_table('customer',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=True),
    sa.Column('created_at', TIME, nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_customer'))
    )
    op.create_table('identity',
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('handle', sa.Text(), nullable=False),
    sa.Column('customer_id', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_identity_customer_id')),
    sa.PrimaryKeyConstraint('channel', 'handle', name=op.f('pk_identity'))
    )
    op.create_index(op.f('ix_identity_customer_id'), 'identity', ['customer_id'])
    op.create_table('identity_move',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('handle', sa.Text(), nullable=False),
    sa.Column('from_customer', sa.Text(), nullable=False),
    sa.Column('to_customer', sa.Text(), nullable=False),
    sa.Column('evidence', sa.Text(), nullable=False),
    sa.Column('by', sa.Text(), nullable=False),
    sa.Column('at', TIME, nullable=False),
    sa.Column('undone_by', sa.Text(), nullable=True),
    sa.Column('undone_at', TIME, nullable=True),
    sa.ForeignKeyConstraint(['from_customer'], ['customer.id'], name=op.f('fk_identity_move_from_customer')),
    sa.ForeignKeyConstraint(['to_customer'], ['customer.id'], name=op.f('fk_identity_move_to_customer')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_identity_move'))
    )
    op.create_index(op.f('ix_identity_move_from_customer'), 'identity_move', ['from_customer'])
    op.create_index(op.f('ix_identity_move_to_customer'), 'identity_move', ['to_customer'])
    op.create_table('care_case',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('thread_id', sa.Text(), nullable=False),
    sa.Column('customer', sa.Text(), nullable=False),
    sa.Column('customer_id', sa.Text(), nullable=True),
    sa.Column('state', words('casestate', 'new', 'open', 'waiting_for_customer', 'promised', 'handed_over', 'offline', 'resolved'), nullable=False),
    sa.Column('latest_message_id', sa.Text(), nullable=False),
    sa.Column('turn', sa.Integer(), nullable=False),
    sa.Column('due_at', TIME, nullable=True),
    sa.Column('until', TIME, nullable=True),
    sa.Column('priority', sa.Integer(), nullable=False),
    sa.Column('assigned_to', sa.Text(), nullable=True),
    sa.Column('assigned_at', TIME, nullable=True),
    sa.Column('opened_at', TIME, nullable=False),
    sa.Column('changed_at', TIME, nullable=False),
    sa.Column('resolved_at', TIME, nullable=True),
    sa.Column('resolved_by', sa.Text(), nullable=True),
    sa.Column('resolution', words('resolution', 'solved', 'dismissed', 'ignored', 'imported'), nullable=True),
    sa.Column('source', words('source', 'live', 'demo', 'import'), nullable=False),
    sa.CheckConstraint('turn >= 0', name=op.f('ck_care_case_turn')),
    sa.ForeignKeyConstraint(['thread_id'], ['thread.id'], name=op.f('fk_care_case_thread_id')),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_care_case_customer_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_care_case')),
    sa.UniqueConstraint('thread_id', 'customer', name=op.f('uq_care_case_thread_id_customer'))
    )
    op.create_index(op.f('ix_care_case_state_due_at'), 'care_case', ['state', 'due_at'])
    op.create_index(op.f('ix_care_case_assigned_to_state'), 'care_case', ['assigned_to', 'state'])
    op.create_index(op.f('ix_care_case_customer_id'), 'care_case', ['customer_id'])
    op.create_index(op.f('ix_care_case_changed_at_id'), 'care_case', ['changed_at', 'id'])
    op.create_table('attachment',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('message_id', sa.Text(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('media_type', sa.Text(), nullable=False),
    sa.Column('size_bytes', sa.BigInteger(), nullable=True),
    sa.Column('alt', sa.Text(), nullable=False),
    sa.Column('stored_as', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], name=op.f('fk_attachment_message_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attachment'))
    )
    op.create_index(op.f('ix_attachment_message_id'), 'attachment', ['message_id'])
    op.create_table('native_answer',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('outside_id', sa.Text(), nullable=False),
    sa.Column('thread_id', sa.Text(), nullable=False),
    sa.Column('case_id', sa.Text(), nullable=False),
    sa.Column('author', sa.Text(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('written_at', TIME, nullable=False),
    sa.Column('received_at', TIME, nullable=False),
    sa.ForeignKeyConstraint(['thread_id'], ['thread.id'], name=op.f('fk_native_answer_thread_id')),
    sa.ForeignKeyConstraint(['case_id'], ['care_case.id'], name=op.f('fk_native_answer_case_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_native_answer')),
    sa.UniqueConstraint('channel', 'outside_id', name=op.f('uq_native_answer_channel_outside_id'))
    )
    op.create_index(op.f('ix_native_answer_case_id'), 'native_answer', ['case_id'])
    op.create_index(op.f('ix_native_answer_thread_id_written_at'), 'native_answer', ['thread_id', 'written_at'])
    op.create_table('note',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('case_id', sa.Text(), nullable=False),
    sa.Column('kind', words('notekind', 'note', 'rejection', 'hand_over', 'answer'), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('by', sa.Text(), nullable=False),
    sa.Column('at', TIME, nullable=False),
    sa.Column('mentions', sa.JSON(none_as_null=True), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['care_case.id'], name=op.f('fk_note_case_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_note'))
    )
    op.create_index(op.f('ix_note_case_id_at'), 'note', ['case_id', 'at'])


def _new_columns() -> None:
    """Empty at first; `_tighten` asks for them once every row has its value."""
    def add(table: str, *columns: sa.Column[Any]) -> None:
        for column in columns:
            op.add_column(table, column)

    add('message', sa.Column('case_id', sa.Text()), sa.Column('turn', sa.Integer()), sa.Column('automatic', sa.Text()))
    add('suggestion', sa.Column('case_id', sa.Text()), sa.Column('turn', sa.Integer()))
    add('reply', sa.Column('case_id', sa.Text()), sa.Column('turn', sa.Integer()), sa.Column('visibility', sa.Text()),
        sa.Column('is_rehearsal', sa.Boolean()), sa.Column('request_key', sa.Text()))
    add('offline_task', sa.Column('case_id', sa.Text()))
    add('event', sa.Column('case_id', sa.Text()))
    add('notice', sa.Column('kind', sa.Text()), sa.Column('case_id', sa.Text()), sa.Column('subject_id', sa.Text()),
        sa.Column('n_crashes', sa.Integer()), sa.Column('lease_until', TIME))


# Every row gets its case ---------------------------------------------------------------------------------------------


def _fill(bind: sa.Connection) -> None:
    def run(sql: str, **values: object) -> sa.CursorResult[Any]:
        return bind.execute(sa.text(sql), values)

    made: dict[tuple[str, str], str] = {}
    turns: dict[str, int] = {}
    messages = run('SELECT id, channel, thread_id, handle, author_name, received_at, assigned_to FROM message '
                   'ORDER BY received_at, id').all()
    for row in messages:
        at = (row.thread_id, row.handle)
        if at not in made:
            made[at] = _id('cas', f'{row.thread_id}\n{row.handle}')
            _add_case(run, made[at], row)
        turns[made[at]] = turns.get(made[at], 0) + 1
        run('UPDATE message SET case_id = :case, turn = :turn WHERE id = :id', case=made[at], turn=turns[made[at]], id=row.id)
        run('UPDATE care_case SET turn = :turn, latest_message_id = :id, changed_at = :at, '
            'assigned_to = COALESCE(:to, assigned_to), assigned_at = CASE WHEN :to IS NULL THEN assigned_at ELSE :at END '
            'WHERE id = :case', turn=turns[made[at]], id=row.id, at=row.received_at, to=row.assigned_to, case=made[at])
    of_message = 'SELECT {} FROM message WHERE message.id = {}.message_id'
    run(f"UPDATE suggestion SET case_id = ({of_message.format('case_id', 'suggestion')}), "
        f"turn = ({of_message.format('turn', 'suggestion')})")
    run(f"UPDATE reply SET case_id = ({of_message.format('case_id', 'reply')}), "
        f"visibility = ({of_message.format('visibility', 'reply')}), is_rehearsal = :no", no=False)
    run('UPDATE reply SET turn = (SELECT turn FROM care_case WHERE care_case.id = reply.case_id)')
    run(f"UPDATE offline_task SET case_id = ({of_message.format('case_id', 'offline_task')})")
    run(f"UPDATE notice SET case_id = ({of_message.format('case_id', 'notice')}), kind = 'climb', subject_id = '', "
        "n_crashes = 0")
    for case_id in made.values():
        _place(run, case_id)


def _id(prefix: str, words: str) -> str:
    return f'{prefix}_{hashlib.sha256(words.encode()).hexdigest()[:26]}'


def _add_case(run: Run, case_id: str, row: Any) -> None:
    customer = _id('cus', f'{row.channel}\n{row.handle}')
    if run('SELECT 1 FROM customer WHERE id = :id', id=customer).first() is None:
        run('INSERT INTO customer (id, name, created_at) VALUES (:id, :name, :at)', id=customer, name=row.author_name,
            at=row.received_at)
        run('INSERT INTO identity (channel, handle, customer_id) VALUES (:channel, :handle, :id)', channel=row.channel,
            handle=row.handle, id=customer)
    run("INSERT INTO care_case (id, channel, thread_id, customer, customer_id, state, latest_message_id, turn, priority, "
        "opened_at, changed_at, source) VALUES (:id, :channel, :thread, :handle, :customer, 'new', :message, 0, 0, :at, "
        ":at, 'live')", id=case_id, channel=row.channel, thread=row.thread_id, handle=row.handle, customer=customer,
        message=row.id, at=row.received_at)


def _place(run: Run, case_id: str) -> None:
    """Where a case stands by what was kept of it: the rules of the version that made this migration."""
    last = run('SELECT message.id, message.received_at, task.state AS task, suggestion.state AS suggestion, '
               'suggestion.due_at, suggestion.priority, suggestion.decided_at, suggestion.decided_by, thread.is_resolved '
               'FROM care_case JOIN message ON message.id = care_case.latest_message_id '
               'JOIN thread ON thread.id = care_case.thread_id LEFT JOIN task ON task.message_id = message.id '
               'LEFT JOIN suggestion ON suggestion.message_id = message.id WHERE care_case.id = :id', id=case_id).one()
    replies = run("SELECT message_id, stage FROM reply WHERE case_id = :id AND stage <> 'withdrawn'", id=case_id).all()
    offline = run(f'SELECT due_at FROM offline_task WHERE case_id = :id AND {OPEN_OFFLINE}', id=case_id).first()
    has_answer = any(reply.message_id == last.id and reply.stage != 'failed' for reply in replies)
    # What somebody else's message in the same thread overtook was never answered.
    waits = last.suggestion == 'proposed' or (last.suggestion == 'superseded' and not replies) or (
        not has_answer and (last.task in ('waiting', 'claimed', 'parked') or last.suggestion == 'rejected'
                            or any(reply.message_id == last.id for reply in replies)))
    values = {'state': 'waiting_for_customer', 'due_at': None, 'resolved_at': None, 'resolved_by': None, 'resolution': None}
    if last.is_resolved:
        values |= {'state': 'resolved', 'resolved_at': last.received_at, 'resolution': 'solved'}
    elif offline is not None:
        values |= {'state': 'offline', 'due_at': offline.due_at}
    elif waits:
        values |= {'state': 'open' if replies else 'new', 'due_at': last.due_at or last.received_at}
    elif not replies:
        values |= {'state': 'resolved', 'resolved_at': last.decided_at or last.received_at, 'resolved_by': last.decided_by,
                   'resolution': 'dismissed'}
    sets = ', '.join(f'{name} = :{name}' for name in values)
    run(f'UPDATE care_case SET {sets}, priority = :priority WHERE id = :id', id=case_id, priority=last.priority or 0, **values)


# What every row has now is asked of every row ------------------------------------------------------------------------


def _tighten() -> None:
    text, whole = sa.Text(), sa.Integer()
    with op.batch_alter_table('message') as batch_op:
        batch_op.drop_index('ix_message_assigned_to')
        batch_op.drop_column('assigned_to')
        batch_op.alter_column('case_id', existing_type=text, nullable=False)
        batch_op.alter_column('turn', existing_type=whole, nullable=False)
        batch_op.create_foreign_key(op.f('fk_message_case_id'), 'care_case', ['case_id'], ['id'])
        batch_op.create_index(op.f('ix_message_case_id_received_at'), ['case_id', 'received_at'])
    with op.batch_alter_table('suggestion') as batch_op:
        batch_op.drop_index('ix_suggestion_thread_id_state')
        batch_op.alter_column('case_id', existing_type=text, nullable=False)
        batch_op.alter_column('turn', existing_type=whole, nullable=False)
        batch_op.create_foreign_key(op.f('fk_suggestion_case_id'), 'care_case', ['case_id'], ['id'])
        batch_op.create_index(op.f('ix_suggestion_case_id_state'), ['case_id', 'state'])
    with op.batch_alter_table('reply') as batch_op:
        batch_op.drop_index('uq_reply_live')
        batch_op.drop_constraint(op.f('ck_reply_stage'), type_='check')
        batch_op.create_check_constraint(op.f('ck_reply_stage'), sa.column('stage').in_(
            ['pending', 'held', 'claimed', 'inflight', 'sent', 'delivered', 'failed', 'unknown', 'withdrawn']))
        batch_op.create_check_constraint(op.f('ck_reply_visibility'), sa.column('visibility').in_(['public', 'private']))
        kinds: tuple[tuple[str, Any], ...] = (('case_id', text), ('turn', whole), ('is_rehearsal', sa.Boolean()))
        for name, kind in kinds:
            batch_op.alter_column(name, existing_type=kind, nullable=False)
        batch_op.alter_column('visibility', existing_type=text, type_=sa.String(length=20), nullable=False)
        batch_op.create_foreign_key(op.f('fk_reply_case_id'), 'care_case', ['case_id'], ['id'])
        batch_op.create_unique_constraint(op.f('uq_reply_approved_by_request_key'), ['approved_by', 'request_key'])
        batch_op.create_index(op.f('ix_reply_case_id_approved_at'), ['case_id', 'approved_at'])
    where: dict[str, Any] = {'sqlite_where': sa.text(OPEN_OFFLINE), 'postgresql_where': sa.text(OPEN_OFFLINE)}
    with op.batch_alter_table('offline_task') as batch_op:
        batch_op.drop_index('uq_offline_task_open')
        batch_op.alter_column('case_id', existing_type=text, nullable=False)
        batch_op.create_foreign_key(op.f('fk_offline_task_case_id'), 'care_case', ['case_id'], ['id'])
        batch_op.create_index(op.f('ix_offline_task_case_id'), ['case_id'])
        batch_op.create_index('uq_offline_task_open', ['case_id'], unique=True, **where)
    with op.batch_alter_table('notice') as batch_op:
        batch_op.drop_constraint(op.f('fk_notice_message_id'), type_='foreignkey')
        kinds = (('case_id', text), ('subject_id', text), ('n_crashes', whole))
        for name, kind in kinds:
            batch_op.alter_column(name, existing_type=kind, nullable=False)
        batch_op.alter_column('kind', existing_type=text, type_=sa.String(length=20), nullable=False)
        batch_op.drop_constraint(op.f('ck_notice_noticestate'), type_='check')
        batch_op.create_check_constraint(op.f('ck_notice_noticestate'), sa.column('state').in_(
            ['waiting', 'claimed', 'sent', 'failed']))
        batch_op.create_check_constraint(op.f('ck_notice_noticekind'), sa.column('kind').in_(['climb', 'hand_over', 'mention']))
        batch_op.create_foreign_key(op.f('fk_notice_message_id'), 'message', ['message_id'], ['id'])
        batch_op.create_foreign_key(op.f('fk_notice_case_id'), 'care_case', ['case_id'], ['id'])
        batch_op.create_index(op.f('ix_notice_case_id'), ['case_id'])
    with op.batch_alter_table('event') as batch_op:
        batch_op.create_index(op.f('ix_event_case_id'), ['case_id'])
    with op.batch_alter_table('thread') as batch_op:
        batch_op.drop_column('is_resolved')


def _tables_on_cases() -> None:
    is_open: dict[str, Any] = {name: sa.text("state = 'open'") for name in ('sqlite_where', 'postgresql_where')}
    op.create_table('promise',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('case_id', sa.Text(), nullable=False),
    sa.Column('reply_id', sa.Text(), nullable=False),
    sa.Column('until', TIME, nullable=False),
    sa.Column('look_at', TIME, nullable=False),
    sa.Column('made_by', sa.Text(), nullable=False),
    sa.Column('made_at', TIME, nullable=False),
    sa.Column('state', words('promisestate', 'open', 'kept', 'broken', 'moved', 'withdrawn'), nullable=False),
    sa.Column('ended_at', TIME, nullable=True),
    sa.Column('ended_by', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['care_case.id'], name=op.f('fk_promise_case_id')),
    sa.ForeignKeyConstraint(['reply_id'], ['reply.id'], name=op.f('fk_promise_reply_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_promise')),
    sa.UniqueConstraint('reply_id', name=op.f('uq_promise_reply_id'))
    )
    op.create_index(op.f('ix_promise_case_id'), 'promise', ['case_id'])
    op.create_index(op.f('ix_promise_state_until'), 'promise', ['state', 'until'])
    op.create_index('uq_promise_open', 'promise', ['case_id'], unique=True, **is_open)
    op.create_table('hand_over',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('case_id', sa.Text(), nullable=False),
    sa.Column('message_id', sa.Text(), nullable=False),
    sa.Column('to', sa.Text(), nullable=False),
    sa.Column('contact', sa.Text(), nullable=False),
    sa.Column('opened_by', sa.Text(), nullable=False),
    sa.Column('opened_at', TIME, nullable=False),
    sa.Column('until', TIME, nullable=False),
    sa.Column('state', words('handoverstate', 'open', 'taken', 'answered', 'called_back', 'lapsed'), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('answered_at', TIME, nullable=True),
    sa.Column('changed_by', sa.Text(), nullable=True),
    sa.Column('changed_at', TIME, nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['care_case.id'], name=op.f('fk_hand_over_case_id')),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], name=op.f('fk_hand_over_message_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_hand_over'))
    )
    held: dict[str, Any] = {name: sa.text("state IN ('open', 'taken')") for name in ('sqlite_where', 'postgresql_where')}
    op.create_index(op.f('ix_hand_over_case_id_opened_at'), 'hand_over', ['case_id', 'opened_at'])
    op.create_index(op.f('ix_hand_over_state_until'), 'hand_over', ['state', 'until'])
    op.create_index('uq_hand_over_open', 'hand_over', ['case_id', 'to'], unique=True, **held)


def downgrade() -> None:
    raise RuntimeError('Cases cannot be taken back: restore the copy that was made before the upgrade.')
