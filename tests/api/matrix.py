"""Who may do what, operation by operation, written by hand: the witness beside the gates in the code.

A row says which scope opens an operation to a service key ("": no key whatever) and the least role of a person. An
operation of the OpenAPI document without a row fails tests/api/test_matrix.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from care.access import Role, Scope

RANK = (Role.AGENT, Role.SUPERVISOR, Role.ADMIN)


@dataclass(frozen=True, slots=True)
class Row:
    """scope: of a key. role: the least of a person; None: no person is asked for. is_signed: by the network itself."""

    scope: str = ""
    role: Role | None = Role.AGENT
    is_signed: bool = False

    @property
    def is_open(self) -> bool:
        return self.role is None and not self.scope and not self.is_signed


OPEN = Row(role=None)
SIGNED = Row(role=None, is_signed=True)
READ = Row(Scope.READ)
LEADS_READ = Row(Scope.READ, Role.SUPERVISOR)
CLASSIFY = Row(Scope.CLASSIFY)
WRITE = Row(Scope.WRITE)
PERSON = Row()
LEAD = Row(role=Role.SUPERVISOR)
ADMIN = Row(role=Role.ADMIN)
WEBHOOKS = Row(Scope.WEBHOOKS, Role.ADMIN)
FIGURES = Row(Scope.METRICS)

_ROWS: dict[Row, str] = {
    OPEN: "tell_server is_server_live is_server_ready is_alive is_ready start_session",
    SIGNED: "take_messages take_receipts",
    CLASSIFY: """classify classify_stream draft_answer check_tone classify_as_hugging_face tell_model is_model_ready
        infer moderate""",
    READ: """list_cases get_case get_case_trail get_offline list_messages get_message list_suggestions get_suggestion
        get_reply get_handover get_notice get_customer list_customer_cases export_customer list_views list_people
        get_play_stats list_plays list_events stream_events get_report list_report_cases list_goals
        list_knowledge_gaps get_crisis list_unread_replies""",
    LEADS_READ: "get_plan get_staffing get_quality",
    WRITE: "hand_in_message",
    WEBHOOKS: """list_webhooks add_webhook get_webhook change_webhook remove_webhook get_webhook_secret
        rotate_webhook_secret trigger_webhook list_deliveries get_delivery resend_delivery resend_failed""",
    PERSON: """answer_case assign_case snooze_case wake_case add_case_note hand_over_case resolve_case reopen_case
        move_offline close_in_public prepare_again relabel_message override_decision approve_suggestion
        reject_suggestion dismiss_suggestion reconsider_suggestion answer_message withdraw_reply send_reply_again
        mark_reply_sent read_reply give_back_reply
        take_handover answer_handover call_back_handover send_notice_again join_customer part_customer
        add_view remove_view act_on_several undo_several set_signature set_away read_session end_session""",
    LEAD: "begin_crisis change_statement end_crisis review_reply",
    ADMIN: """forget_customer list_training_jobs start_training_job get_training_job cancel_training_job""",
    FIGURES: "read_metrics",
}

ROWS: Mapping[str, Row] = {name: row for row, names in _ROWS.items() for name in names.split()}
