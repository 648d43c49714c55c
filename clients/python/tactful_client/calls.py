"""One method an operation of the API. Made by clients/generate.py; do not edit."""

from typing import Any, Literal

from tactful_client import shapes
from tactful_client.asking import AsyncAsking, Asking


class Calls(Asking):
    """Every operation; see Asking."""

    def classify(self, body: shapes.ClassifyIn) -> shapes.ClassifiedOut | shapes.ClassifiedListOut:
        """Read one text or a batch of at most 256; offsets are code points of the text as sent."""
        answer: shapes.ClassifiedOut | shapes.ClassifiedListOut = self.ask("POST", "/v1/classify", body=body)
        return answer

    def check_tone(self, body: shapes.ToneIn) -> shapes.ToneCheckOut:
        """Judge an outgoing text: send, warn or stop, with each finding's place and reason."""
        answer: shapes.ToneCheckOut = self.ask("POST", "/v1/tone", body=body)
        return answer

    def draft_answer(self, body: shapes.DraftIn) -> shapes.ProposalOut:
        """Read a message, decide about it and draft at most three answers, as if it had come in."""
        answer: shapes.ProposalOut = self.ask("POST", "/v1/drafts", body=body)
        return answer

    def classify_as_hugging_face(self, task: str, body: shapes.LabelIn) -> shapes.LabelsOut:
        """A list for each text, the likeliest label first, also where one text was sent alone: as its clients read it."""
        answer: shapes.LabelsOut = self.ask("POST", f"/hf/models/{self.part(task)}", body=body)
        return answer

    def tell_server(self) -> shapes.ServerMetadataOut:
        """What serves here."""
        answer: shapes.ServerMetadataOut = self.ask("GET", "/v2")
        return answer

    def is_server_live(self) -> shapes.ServerLiveOut:
        """This process answers."""
        answer: shapes.ServerLiveOut = self.ask("GET", "/v2/health/live")
        return answer

    def is_server_ready(self) -> shapes.ServerReadyOut:
        """Whether texts are read; the same look as /health/ready."""
        answer: shapes.ServerReadyOut = self.ask("GET", "/v2/health/ready")
        return answer

    def tell_model(self, task: str) -> shapes.ModelMetadataOut:
        """One task as a model: its labels, and the bundle that judges it."""
        answer: shapes.ModelMetadataOut = self.ask("GET", f"/v2/models/{self.part(task)}")
        return answer

    def is_model_ready(self, task: str) -> shapes.ModelReadyOut:
        """A task that is here can be asked."""
        answer: shapes.ModelReadyOut = self.ask("GET", f"/v2/models/{self.part(task)}/ready")
        return answer

    def infer(self, task: str, body: shapes.InferenceIn) -> shapes.InferenceOut:
        """Label, score and all probabilities of each text of one tensor of BYTES."""
        answer: shapes.InferenceOut = self.ask("POST", f"/v2/models/{self.part(task)}/infer", body=body)
        return answer

    def moderate(self, body: shapes.ModerationsIn) -> shapes.ModerationsOut:
        """What cannot wait and what is sensitive in each text."""
        answer: shapes.ModerationsOut = self.ask("POST", "/openai/v1/moderations", body=body)
        return answer

    def is_alive(self) -> shapes.LiveOut:
        """This process answers."""
        answer: shapes.LiveOut = self.ask("GET", "/health/live")
        return answer

    def is_ready(self) -> shapes.ReadyOut:
        """Whether messages are taken."""
        answer: shapes.ReadyOut = self.ask("GET", "/health/ready")
        return answer

    def read_metrics(self) -> str:
        """Figures for Prometheus: from this machine, or with a key that has the scope metrics."""
        answer: str = self.ask("GET", "/metrics")
        return answer

    def list_cases(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        view: shapes.View | None = None,
        channel: str | None = None,
        intent: str | None = None,
        sentiment: str | None = None,
        urgency: str | None = None,
        team: str | None = None,
        tier: str | None = None,
        language: str | None = None,
        assignee: str | None = None,
        clock: shapes.Clock | None = None,
        search: str | None = None,
    ) -> shapes.CaseListOut:
        """One page of cases, newest state, each read at what its customer wrote last; texts are masked."""
        answer: shapes.CaseListOut = self.ask("GET", "/v1/cases", query={"limit": limit, "cursor": cursor, "view": view, "channel": channel, "intent": intent, "sentiment": sentiment, "urgency": urgency, "team": team, "tier": tier, "language": language, "assignee": assignee, "clock": clock, "search": search})
        return answer

    def get_case(self, case_id: str) -> shapes.CaseOut:
        """One case with its replies, promises, hand-overs and notes, read at what its customer wrote last."""
        answer: shapes.CaseOut = self.ask("GET", f"/v1/cases/{self.part(case_id)}")
        return answer

    def get_case_trail(self, case_id: str) -> shapes.EventListOut:
        """What happened to a case, oldest first: ids and labels, never a text."""
        answer: shapes.EventListOut = self.ask("GET", f"/v1/cases/{self.part(case_id)}/trail")
        return answer

    def answer_case(self, case_id: str, body: shapes.AnswerIn) -> shapes.ActOut:
        """Write to the customer in the person's own words, at any time before the case is resolved."""
        answer: shapes.ActOut = self.ask("POST", f"/v1/cases/{self.part(case_id)}/answer", body=body)
        return answer

    def assign_case(self, case_id: str, body: shapes.AssignIn) -> shapes.CaseOut:
        """Give a case to a person, or with null to nobody."""
        answer: shapes.CaseOut = self.ask("POST", f"/v1/cases/{self.part(case_id)}/assign", body=body)
        return answer

    def snooze_case(self, case_id: str, body: shapes.SnoozeIn) -> shapes.CaseOut:
        """Put a case that waits for us out of its list until an hour."""
        answer: shapes.CaseOut = self.ask("POST", f"/v1/cases/{self.part(case_id)}/snooze", body=body)
        return answer

    def wake_case(self, case_id: str) -> shapes.CaseOut:
        """Bring a snoozed case back."""
        answer: shapes.CaseOut = self.ask("POST", f"/v1/cases/{self.part(case_id)}/wake")
        return answer

    def add_case_note(self, case_id: str, body: shapes.NoteIn) -> shapes.NoteOut:
        """Keep an internal note, masked and never sent; whoever it names with an @ is told."""
        answer: shapes.NoteOut = self.ask("POST", f"/v1/cases/{self.part(case_id)}/notes", body=body)
        return answer

    def hand_over_case(self, case_id: str, body: shapes.HandOverIn) -> shapes.HandOverOut:
        """Hand a case to a team or contact of the playbook, who is told at once."""
        answer: shapes.HandOverOut = self.ask("POST", f"/v1/cases/{self.part(case_id)}/hand_over", body=body)
        return answer

    def resolve_case(self, case_id: str, body: shapes.ResolveIn) -> shapes.CaseOut:
        """Close a case."""
        answer: shapes.CaseOut = self.ask("POST", f"/v1/cases/{self.part(case_id)}/resolve", body=body)
        return answer

    def reopen_case(self, case_id: str) -> shapes.CaseOut:
        """Open a resolved case again."""
        answer: shapes.CaseOut = self.ask("POST", f"/v1/cases/{self.part(case_id)}/reopen")
        return answer

    def get_offline(self, case_id: str) -> shapes.OfflineTaskOut:
        """The latest offline task of a case."""
        answer: shapes.OfflineTaskOut = self.ask("GET", f"/v1/cases/{self.part(case_id)}/offline")
        return answer

    def move_offline(self, case_id: str, body: shapes.OfflineIn) -> shapes.OfflineTaskOut:
        """Move the case's offline task on; waiving needs a reason."""
        answer: shapes.OfflineTaskOut = self.ask("POST", f"/v1/cases/{self.part(case_id)}/offline", body=body)
        return answer

    def close_in_public(self, case_id: str, body: shapes.ClosingIn) -> shapes.ReplyOut:
        """Close the loop with a reply on the channel where it began."""
        answer: shapes.ReplyOut = self.ask("POST", f"/v1/cases/{self.part(case_id)}/offline/close", body=body)
        return answer

    def hand_in_message(self, body: shapes.MessageIn) -> shapes.HandedInOut:
        """Keep one message, masked, and have it read and answered."""
        answer: shapes.HandedInOut = self.ask("POST", "/v1/messages", body=body)
        return answer

    def list_messages(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        channel: str | None = None,
    ) -> shapes.MessageListOut:
        """Messages as they came, newest first; texts are masked."""
        answer: shapes.MessageListOut = self.ask("GET", "/v1/messages", query={"limit": limit, "cursor": cursor, "channel": channel})
        return answer

    def get_message(self, message_id: str) -> shapes.ReadMessageOut:
        """One message with what was read out of it, decided and suggested."""
        answer: shapes.ReadMessageOut = self.ask("GET", f"/v1/messages/{self.part(message_id)}")
        return answer

    def prepare_again(self, message_id: str) -> shapes.ReadMessageOut:
        """Have a parked message read and answered once more."""
        answer: shapes.ReadMessageOut = self.ask("POST", f"/v1/messages/{self.part(message_id)}/prepare_again")
        return answer

    def relabel_message(self, message_id: str, body: shapes.RelabelIn) -> shapes.ReadMessageOut:
        """Say which labels are right; what differs is kept as a correction for the next training."""
        answer: shapes.ReadMessageOut = self.ask("POST", f"/v1/messages/{self.part(message_id)}/labels", body=body)
        return answer

    def override_decision(self, message_id: str, body: shapes.DecisionIn) -> shapes.ReadMessageOut:
        """Put a person's action or team in place of ours, with the reason; both are kept."""
        answer: shapes.ReadMessageOut = self.ask("POST", f"/v1/messages/{self.part(message_id)}/decision", body=body)
        return answer

    def list_suggestions(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        view: shapes.View | None = None,
    ) -> shapes.SuggestionListOut:
        """The latest suggestion of each case of a view."""
        answer: shapes.SuggestionListOut = self.ask("GET", "/v1/suggestions", query={"limit": limit, "cursor": cursor, "view": view})
        return answer

    def get_suggestion(self, suggestion_id: str) -> shapes.SuggestionOut:
        """One suggestion; its ETag goes into If-Match when somebody decides."""
        answer: shapes.SuggestionOut = self.ask("GET", f"/v1/suggestions/{self.part(suggestion_id)}")
        return answer

    def approve_suggestion(
        self,
        suggestion_id: str,
        body: shapes.ApproveIn,
        *,
        if_match: str | None = None,
    ) -> shapes.ActOut:
        """Send this text in the person's name, once the undo window is over."""
        answer: shapes.ActOut = self.ask("POST", f"/v1/suggestions/{self.part(suggestion_id)}/approve", body=body, if_match=if_match)
        return answer

    def reject_suggestion(
        self,
        suggestion_id: str,
        body: shapes.RejectIn,
        *,
        if_match: str | None = None,
    ) -> shapes.SuggestionOut:
        """Say that no draft is good enough, and why; the message stays open for a person's own words."""
        answer: shapes.SuggestionOut = self.ask("POST", f"/v1/suggestions/{self.part(suggestion_id)}/reject", body=body, if_match=if_match)
        return answer

    def dismiss_suggestion(self, suggestion_id: str, *, if_match: str | None = None) -> shapes.SuggestionOut:
        """Decide that this message needs no answer."""
        answer: shapes.SuggestionOut = self.ask("POST", f"/v1/suggestions/{self.part(suggestion_id)}/dismiss", if_match=if_match)
        return answer

    def reconsider_suggestion(self, suggestion_id: str) -> shapes.SuggestionOut:
        """Take a rejection or a dismissal back."""
        answer: shapes.SuggestionOut = self.ask("POST", f"/v1/suggestions/{self.part(suggestion_id)}/reconsider")
        return answer

    def answer_message(self, message_id: str, body: shapes.AnswerIn) -> shapes.ActOut:
        """Answer in the person's own words, without a suggestion."""
        answer: shapes.ActOut = self.ask("POST", f"/v1/messages/{self.part(message_id)}/answer", body=body)
        return answer

    def get_reply(self, reply_id: str) -> shapes.ActOut:
        """One approved reply and where it stands."""
        answer: shapes.ActOut = self.ask("GET", f"/v1/replies/{self.part(reply_id)}")
        return answer

    def withdraw_reply(self, reply_id: str) -> shapes.ActOut:
        """Take a reply back inside its undo window; of a private answer and its pointer, both."""
        answer: shapes.ActOut = self.ask("POST", f"/v1/replies/{self.part(reply_id)}/withdraw")
        return answer

    def send_reply_again(self, reply_id: str) -> shapes.ActOut:
        """Send a failed or unclear reply once more, after a person has looked."""
        answer: shapes.ActOut = self.ask("POST", f"/v1/replies/{self.part(reply_id)}/send_again")
        return answer

    def mark_reply_sent(self, reply_id: str) -> shapes.ActOut:
        """Settle an unclear reply that a person found on the channel."""
        answer: shapes.ActOut = self.ask("POST", f"/v1/replies/{self.part(reply_id)}/mark_sent")
        return answer

    def list_unread_replies(self) -> shapes.ReplyListOut:
        """Replies of new colleagues that wait for somebody else to read them, the longest wait first."""
        answer: shapes.ReplyListOut = self.ask("GET", "/v1/replies")
        return answer

    def read_reply(self, reply_id: str) -> shapes.ActOut:
        """Let a reply go out that a colleague had to read first, with the pointer beside it."""
        answer: shapes.ActOut = self.ask("POST", f"/v1/replies/{self.part(reply_id)}/read")
        return answer

    def give_back_reply(self, reply_id: str, body: shapes.NoteIn) -> shapes.ActOut:
        """Give such a reply back to its author before anybody heard it, with a note that says why."""
        answer: shapes.ActOut = self.ask("POST", f"/v1/replies/{self.part(reply_id)}/give_back", body=body)
        return answer

    def get_handover(self, handover_id: str) -> shapes.HandOverOut:
        """One hand-over and where it stands."""
        answer: shapes.HandOverOut = self.ask("GET", f"/v1/handovers/{self.part(handover_id)}")
        return answer

    def take_handover(self, handover_id: str) -> shapes.HandOverOut:
        """Say that the matter is being seen to."""
        answer: shapes.HandOverOut = self.ask("POST", f"/v1/handovers/{self.part(handover_id)}/take")
        return answer

    def answer_handover(self, handover_id: str, body: shapes.AnswerTextIn) -> shapes.HandOverOut:
        """Keep the answer as a note on the case; a person tells the customer."""
        answer: shapes.HandOverOut = self.ask("POST", f"/v1/handovers/{self.part(handover_id)}/answer", body=body)
        return answer

    def call_back_handover(self, handover_id: str) -> shapes.HandOverOut:
        """Take the matter back."""
        answer: shapes.HandOverOut = self.ask("POST", f"/v1/handovers/{self.part(handover_id)}/call_back")
        return answer

    def get_notice(self, notice_id: str) -> shapes.NoticeOut:
        """One notice and where it stands."""
        answer: shapes.NoticeOut = self.ask("GET", f"/v1/notices/{self.part(notice_id)}")
        return answer

    def send_notice_again(self, notice_id: str) -> shapes.NoticeOut:
        """Tell a contact who could not be told: five tries anew, at the address of the climb."""
        answer: shapes.NoticeOut = self.ask("POST", f"/v1/notices/{self.part(notice_id)}/send_again")
        return answer

    def get_customer(self, customer_id: str) -> shapes.CustomerOut:
        """One customer: who they are on each channel, and what was put together on what evidence."""
        answer: shapes.CustomerOut = self.ask("GET", f"/v1/customers/{self.part(customer_id)}")
        return answer

    def list_customer_cases(self, customer_id: str) -> shapes.CaseSummaryListOut:
        """Every case of one customer on all channels, latest first."""
        answer: shapes.CaseSummaryListOut = self.ask("GET", f"/v1/customers/{self.part(customer_id)}/cases")
        return answer

    def join_customer(self, customer_id: str, body: shapes.JoinIn) -> shapes.IdentityMoveOut:
        """Put an identity, with its cases, with this customer's record; the evidence is kept."""
        answer: shapes.IdentityMoveOut = self.ask("POST", f"/v1/customers/{self.part(customer_id)}/join", body=body)
        return answer

    def export_customer(self, customer_id: str) -> shapes.CustomerDataOut:
        """Everything that is kept of a customer, by table."""
        answer: shapes.CustomerDataOut = self.ask("GET", f"/v1/customers/{self.part(customer_id)}/export")
        return answer

    def forget_customer(self, customer_id: str) -> shapes.ForgottenOut:
        """Delete everything that is kept of a customer, here and after every restore; a proof without the data stays."""
        answer: shapes.ForgottenOut = self.ask("POST", f"/v1/customers/{self.part(customer_id)}/forget")
        return answer

    def part_customer(self, move_id: str) -> shapes.IdentityMoveOut:
        """Part again what was put together."""
        answer: shapes.IdentityMoveOut = self.ask("POST", f"/v1/customers/moves/{self.part(move_id)}/undo")
        return answer

    def list_views(self) -> shapes.SavedViewListOut:
        """Your own and those for all, each with its cases counted up to 100."""
        answer: shapes.SavedViewListOut = self.ask("GET", "/v1/views")
        return answer

    def add_view(self, body: shapes.ViewIn) -> shapes.SavedViewOut:
        """Save a list under a name; one of yours with the same name is replaced."""
        answer: shapes.SavedViewOut = self.ask("POST", "/v1/views", body=body)
        return answer

    def remove_view(self, view_id: str) -> None:
        """Forget a view of yours, or one for all that you made; supervisors forget any that is for all."""
        self.ask("DELETE", f"/v1/views/{self.part(view_id)}")

    def act_on_several(self, body: shapes.BulkIn) -> shapes.BulkOut:
        """Assign, give to a team, resolve, dismiss, label or snooze up to 100 cases, each by itself."""
        answer: shapes.BulkOut = self.ask("POST", "/v1/bulk", body=body)
        return answer

    def undo_several(self, number: str) -> shapes.TakenBackOut:
        """Take back what you did to several cases; those that have changed since stay, and are named."""
        answer: shapes.TakenBackOut = self.ask("POST", f"/v1/bulk/{self.part(number)}/undo")
        return answer

    def list_people(self) -> shapes.PersonListOut:
        """Everybody who works here, without their addresses."""
        answer: shapes.PersonListOut = self.ask("GET", "/v1/people")
        return answer

    def set_signature(self, body: shapes.SignatureIn) -> shapes.PersonOut:
        """How you sign from now on, where a channel signs."""
        answer: shapes.PersonOut = self.ask("POST", "/v1/people/me/signature", body=body)
        return answer

    def set_away(self, body: shapes.AwayIn) -> shapes.PersonOut:
        """Be given no cases until then; what is yours and waits is given on."""
        answer: shapes.PersonOut = self.ask("POST", "/v1/people/me/away", body=body)
        return answer

    def get_play_stats(self) -> shapes.PlayStatsOut:
        """What became of each play's latest drafts, most shown first, the plays whose owners should look at them, and the goals of the playbook beside what was measured."""
        answer: shapes.PlayStatsOut = self.ask("GET", "/v1/playbook/stats")
        return answer

    def list_plays(self, *, search: str | None = None) -> shapes.PlayListOut:
        """Every play in use with its wordings, or those with these words."""
        answer: shapes.PlayListOut = self.ask("GET", "/v1/playbook/plays", query={"search": search})
        return answer

    def list_events(
        self,
        *,
        after: str | None = None,
        type: list[shapes.EventType] | None = None,
        include: Literal["objects"] | None = None,
        limit: int | None = None,
    ) -> shapes.PublicEventListOut:
        """Events, oldest first, after a cursor or the id of an event."""
        answer: shapes.PublicEventListOut = self.ask("GET", "/v1/events", query={"after": after, "type": type, "include": include, "limit": limit})
        return answer

    def list_webhooks(self) -> shapes.ListOut_EndpointOut_:
        """Every endpoint, oldest first."""
        answer: shapes.ListOut_EndpointOut_ = self.ask("GET", "/v1/webhooks")
        return answer

    def add_webhook(self, body: shapes.EndpointIn) -> shapes.EndpointOut:
        """Tell another system what happens from now on."""
        answer: shapes.EndpointOut = self.ask("POST", "/v1/webhooks", body=body)
        return answer

    def get_webhook(self, webhook_id: str) -> shapes.EndpointOut:
        """One endpoint and whether it is on."""
        answer: shapes.EndpointOut = self.ask("GET", f"/v1/webhooks/{self.part(webhook_id)}")
        return answer

    def change_webhook(self, webhook_id: str, body: shapes.EndpointChangeIn) -> shapes.EndpointOut:
        """Change an endpoint, or switch it on or off."""
        answer: shapes.EndpointOut = self.ask("PATCH", f"/v1/webhooks/{self.part(webhook_id)}", body=body)
        return answer

    def remove_webhook(self, webhook_id: str) -> None:
        """Forget an endpoint and the log of what was sent to it."""
        self.ask("DELETE", f"/v1/webhooks/{self.part(webhook_id)}")

    def get_webhook_secret(self, webhook_id: str) -> shapes.EndpointSecretsOut:
        """The secret that signs, and for a day after a rotation the one before."""
        answer: shapes.EndpointSecretsOut = self.ask("GET", f"/v1/webhooks/{self.part(webhook_id)}/secret")
        return answer

    def rotate_webhook_secret(self, webhook_id: str) -> shapes.EndpointOut:
        """Make a new secret."""
        answer: shapes.EndpointOut = self.ask("POST", f"/v1/webhooks/{self.part(webhook_id)}/rotate")
        return answer

    def trigger_webhook(self, webhook_id: str, body: shapes.TriggerIn) -> shapes.EventDeliveryOut:
        """Send a sample of a type, whatever the endpoint hears of."""
        answer: shapes.EventDeliveryOut = self.ask("POST", f"/v1/webhooks/{self.part(webhook_id)}/trigger", body=body)
        return answer

    def list_deliveries(
        self,
        webhook_id: str,
        *,
        state: shapes.DeliveryState | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> shapes.ListOut_EventDeliveryOut_:
        """What was sent, latest first, with every try: when, how it was answered, how long it took."""
        answer: shapes.ListOut_EventDeliveryOut_ = self.ask("GET", f"/v1/webhooks/{self.part(webhook_id)}/deliveries", query={"state": state, "limit": limit, "cursor": cursor})
        return answer

    def get_delivery(self, webhook_id: str, delivery_id: str) -> shapes.EventDeliveryOut:
        """One delivery with its tries."""
        answer: shapes.EventDeliveryOut = self.ask("GET", f"/v1/webhooks/{self.part(webhook_id)}/deliveries/{self.part(delivery_id)}")
        return answer

    def resend_delivery(self, webhook_id: str, delivery_id: str) -> shapes.EventDeliveryOut:
        """Send one again, at once and with all its tries before it."""
        answer: shapes.EventDeliveryOut = self.ask("POST", f"/v1/webhooks/{self.part(webhook_id)}/deliveries/{self.part(delivery_id)}/resend")
        return answer

    def resend_failed(self, webhook_id: str) -> shapes.ResentOut:
        """Send again what the endpoint did not take, at most 500 at a time."""
        answer: shapes.ResentOut = self.ask("POST", f"/v1/webhooks/{self.part(webhook_id)}/resend")
        return answer

    def get_report(
        self,
        *,
        by: shapes.By | None = None,
        from_: str | None = None,
        to: str | None = None,
    ) -> shapes.ReportOut:
        """Figures of whole days by day, week, channel, team, intent, language or agent; samples, imported history and rehearsals are left out."""
        answer: shapes.ReportOut = self.ask("GET", "/v1/report", query={"by": by, "from": from_, "to": to})
        return answer

    def list_report_cases(
        self,
        *,
        figure: str,
        by: shapes.By | None = None,
        line: str | None = None,
        from_: str | None = None,
        to: str | None = None,
    ) -> shapes.ReportCasesOut:
        """The cases that a figure of the same report counts."""
        answer: shapes.ReportCasesOut = self.ask("GET", "/v1/report/cases", query={"figure": figure, "by": by, "line": line, "from": from_, "to": to})
        return answer

    def list_goals(self) -> shapes.StandingsOut:
        """Each goal of the playbook over the last four weeks, beside its baseline, as intervals."""
        answer: shapes.StandingsOut = self.ask("GET", "/v1/report/goals")
        return answer

    def list_knowledge_gaps(self, *, from_: str | None = None, to: str | None = None) -> shapes.GapsOut:
        """What drafts made on these days wanted to say and knowledge did not have, most wanted first."""
        answer: shapes.GapsOut = self.ask("GET", "/v1/report/gaps", query={"from": from_, "to": to})
        return answer

    def get_plan(self) -> shapes.PlanOut:
        """The worksheet of a written plan: for each question what stands, where it comes from, and what is missing or contradicts it."""
        answer: shapes.PlanOut = self.ask("GET", "/v1/plan")
        return answer

    def get_quality(self) -> shapes.QualityOut:
        """What the last twelve weeks of the quality review found, by person and question; how far two readers agree; and the replies that nobody has read yet."""
        answer: shapes.QualityOut = self.ask("GET", "/v1/quality")
        return answer

    def review_reply(self, reply_id: str, body: shapes.ReviewIn) -> shapes.ReviewOut:
        """Say of a reply of the sample what the form asks; the note goes to its author."""
        answer: shapes.ReviewOut = self.ask("POST", f"/v1/quality/{self.part(reply_id)}", body=body)
        return answer

    def get_staffing(
        self,
        *,
        team: str | None = None,
        channel: str | None = None,
        from_: str | None = None,
    ) -> shapes.StaffingOut:
        """Arrivals of seven days by half hour with intervals, and the people needed for the target; samples, imported history, rehearsals and what needs no answer are left out."""
        answer: shapes.StaffingOut = self.ask("GET", "/v1/staffing", query={"team": team, "channel": channel, "from": from_})
        return answer

    def get_crisis(self) -> shapes.CrisisStandingOut:
        """The crisis that is on, and those that were, with every decision and the cases counted."""
        answer: shapes.CrisisStandingOut = self.ask("GET", "/v1/crisis")
        return answer

    def begin_crisis(self, body: shapes.CrisisIn) -> shapes.CrisisOut:
        """Declare a crisis, or a drill of one: its statement is the first draft of every ordinary case that matches."""
        answer: shapes.CrisisOut = self.ask("POST", "/v1/crisis", body=body)
        return answer

    def change_statement(self, crisis_id: str, body: shapes.StatementIn) -> shapes.CrisisOut:
        """Say something else from now on; what was drafted with the words before is not sent any more."""
        answer: shapes.CrisisOut = self.ask("POST", f"/v1/crisis/{self.part(crisis_id)}/statement", body=body)
        return answer

    def end_crisis(self, crisis_id: str) -> shapes.CrisisOut:
        """End it: what waits is drafted as before."""
        answer: shapes.CrisisOut = self.ask("POST", f"/v1/crisis/{self.part(crisis_id)}/end")
        return answer

    def list_training_jobs(self) -> shapes.TrainingJobsOut:
        """The latest jobs, the datasets in the home, and the bundle that was promoted last."""
        answer: shapes.TrainingJobsOut = self.ask("GET", "/v1/training/jobs")
        return answer

    def start_training_job(self, body: shapes.TrainingIn) -> shapes.TrainingJobOut:
        """Ask for a job; one at a time."""
        answer: shapes.TrainingJobOut = self.ask("POST", "/v1/training/jobs", body=body)
        return answer

    def get_training_job(self, job_id: str) -> shapes.TrainingJobOut:
        """One job with the last of its log."""
        answer: shapes.TrainingJobOut = self.ask("GET", f"/v1/training/jobs/{self.part(job_id)}")
        return answer

    def cancel_training_job(self, job_id: str) -> shapes.TrainingJobOut:
        """End it, within seconds where it runs; nothing half-made is left."""
        answer: shapes.TrainingJobOut = self.ask("POST", f"/v1/training/jobs/{self.part(job_id)}/cancel")
        return answer

    def read_session(self) -> shapes.SessionOut:
        """Who is signed in."""
        answer: shapes.SessionOut = self.ask("GET", "/v1/session")
        return answer

    def start_session(self, body: shapes.SignInIn) -> shapes.SessionOut:
        """Sign in."""
        answer: shapes.SessionOut = self.ask("POST", "/v1/session", body=body)
        return answer

    def end_session(self) -> None:
        """Sign out."""
        self.ask("DELETE", "/v1/session")


class AsyncCalls(AsyncAsking):
    """Every operation; see AsyncAsking."""

    async def classify(self, body: shapes.ClassifyIn) -> shapes.ClassifiedOut | shapes.ClassifiedListOut:
        """Read one text or a batch of at most 256; offsets are code points of the text as sent."""
        answer: shapes.ClassifiedOut | shapes.ClassifiedListOut = await self.ask("POST", "/v1/classify", body=body)
        return answer

    async def check_tone(self, body: shapes.ToneIn) -> shapes.ToneCheckOut:
        """Judge an outgoing text: send, warn or stop, with each finding's place and reason."""
        answer: shapes.ToneCheckOut = await self.ask("POST", "/v1/tone", body=body)
        return answer

    async def draft_answer(self, body: shapes.DraftIn) -> shapes.ProposalOut:
        """Read a message, decide about it and draft at most three answers, as if it had come in."""
        answer: shapes.ProposalOut = await self.ask("POST", "/v1/drafts", body=body)
        return answer

    async def classify_as_hugging_face(self, task: str, body: shapes.LabelIn) -> shapes.LabelsOut:
        """A list for each text, the likeliest label first, also where one text was sent alone: as its clients read it."""
        answer: shapes.LabelsOut = await self.ask("POST", f"/hf/models/{self.part(task)}", body=body)
        return answer

    async def tell_server(self) -> shapes.ServerMetadataOut:
        """What serves here."""
        answer: shapes.ServerMetadataOut = await self.ask("GET", "/v2")
        return answer

    async def is_server_live(self) -> shapes.ServerLiveOut:
        """This process answers."""
        answer: shapes.ServerLiveOut = await self.ask("GET", "/v2/health/live")
        return answer

    async def is_server_ready(self) -> shapes.ServerReadyOut:
        """Whether texts are read; the same look as /health/ready."""
        answer: shapes.ServerReadyOut = await self.ask("GET", "/v2/health/ready")
        return answer

    async def tell_model(self, task: str) -> shapes.ModelMetadataOut:
        """One task as a model: its labels, and the bundle that judges it."""
        answer: shapes.ModelMetadataOut = await self.ask("GET", f"/v2/models/{self.part(task)}")
        return answer

    async def is_model_ready(self, task: str) -> shapes.ModelReadyOut:
        """A task that is here can be asked."""
        answer: shapes.ModelReadyOut = await self.ask("GET", f"/v2/models/{self.part(task)}/ready")
        return answer

    async def infer(self, task: str, body: shapes.InferenceIn) -> shapes.InferenceOut:
        """Label, score and all probabilities of each text of one tensor of BYTES."""
        answer: shapes.InferenceOut = await self.ask("POST", f"/v2/models/{self.part(task)}/infer", body=body)
        return answer

    async def moderate(self, body: shapes.ModerationsIn) -> shapes.ModerationsOut:
        """What cannot wait and what is sensitive in each text."""
        answer: shapes.ModerationsOut = await self.ask("POST", "/openai/v1/moderations", body=body)
        return answer

    async def is_alive(self) -> shapes.LiveOut:
        """This process answers."""
        answer: shapes.LiveOut = await self.ask("GET", "/health/live")
        return answer

    async def is_ready(self) -> shapes.ReadyOut:
        """Whether messages are taken."""
        answer: shapes.ReadyOut = await self.ask("GET", "/health/ready")
        return answer

    async def read_metrics(self) -> str:
        """Figures for Prometheus: from this machine, or with a key that has the scope metrics."""
        answer: str = await self.ask("GET", "/metrics")
        return answer

    async def list_cases(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        view: shapes.View | None = None,
        channel: str | None = None,
        intent: str | None = None,
        sentiment: str | None = None,
        urgency: str | None = None,
        team: str | None = None,
        tier: str | None = None,
        language: str | None = None,
        assignee: str | None = None,
        clock: shapes.Clock | None = None,
        search: str | None = None,
    ) -> shapes.CaseListOut:
        """One page of cases, newest state, each read at what its customer wrote last; texts are masked."""
        answer: shapes.CaseListOut = await self.ask("GET", "/v1/cases", query={"limit": limit, "cursor": cursor, "view": view, "channel": channel, "intent": intent, "sentiment": sentiment, "urgency": urgency, "team": team, "tier": tier, "language": language, "assignee": assignee, "clock": clock, "search": search})
        return answer

    async def get_case(self, case_id: str) -> shapes.CaseOut:
        """One case with its replies, promises, hand-overs and notes, read at what its customer wrote last."""
        answer: shapes.CaseOut = await self.ask("GET", f"/v1/cases/{self.part(case_id)}")
        return answer

    async def get_case_trail(self, case_id: str) -> shapes.EventListOut:
        """What happened to a case, oldest first: ids and labels, never a text."""
        answer: shapes.EventListOut = await self.ask("GET", f"/v1/cases/{self.part(case_id)}/trail")
        return answer

    async def answer_case(self, case_id: str, body: shapes.AnswerIn) -> shapes.ActOut:
        """Write to the customer in the person's own words, at any time before the case is resolved."""
        answer: shapes.ActOut = await self.ask("POST", f"/v1/cases/{self.part(case_id)}/answer", body=body)
        return answer

    async def assign_case(self, case_id: str, body: shapes.AssignIn) -> shapes.CaseOut:
        """Give a case to a person, or with null to nobody."""
        answer: shapes.CaseOut = await self.ask("POST", f"/v1/cases/{self.part(case_id)}/assign", body=body)
        return answer

    async def snooze_case(self, case_id: str, body: shapes.SnoozeIn) -> shapes.CaseOut:
        """Put a case that waits for us out of its list until an hour."""
        answer: shapes.CaseOut = await self.ask("POST", f"/v1/cases/{self.part(case_id)}/snooze", body=body)
        return answer

    async def wake_case(self, case_id: str) -> shapes.CaseOut:
        """Bring a snoozed case back."""
        answer: shapes.CaseOut = await self.ask("POST", f"/v1/cases/{self.part(case_id)}/wake")
        return answer

    async def add_case_note(self, case_id: str, body: shapes.NoteIn) -> shapes.NoteOut:
        """Keep an internal note, masked and never sent; whoever it names with an @ is told."""
        answer: shapes.NoteOut = await self.ask("POST", f"/v1/cases/{self.part(case_id)}/notes", body=body)
        return answer

    async def hand_over_case(self, case_id: str, body: shapes.HandOverIn) -> shapes.HandOverOut:
        """Hand a case to a team or contact of the playbook, who is told at once."""
        answer: shapes.HandOverOut = await self.ask("POST", f"/v1/cases/{self.part(case_id)}/hand_over", body=body)
        return answer

    async def resolve_case(self, case_id: str, body: shapes.ResolveIn) -> shapes.CaseOut:
        """Close a case."""
        answer: shapes.CaseOut = await self.ask("POST", f"/v1/cases/{self.part(case_id)}/resolve", body=body)
        return answer

    async def reopen_case(self, case_id: str) -> shapes.CaseOut:
        """Open a resolved case again."""
        answer: shapes.CaseOut = await self.ask("POST", f"/v1/cases/{self.part(case_id)}/reopen")
        return answer

    async def get_offline(self, case_id: str) -> shapes.OfflineTaskOut:
        """The latest offline task of a case."""
        answer: shapes.OfflineTaskOut = await self.ask("GET", f"/v1/cases/{self.part(case_id)}/offline")
        return answer

    async def move_offline(self, case_id: str, body: shapes.OfflineIn) -> shapes.OfflineTaskOut:
        """Move the case's offline task on; waiving needs a reason."""
        answer: shapes.OfflineTaskOut = await self.ask("POST", f"/v1/cases/{self.part(case_id)}/offline", body=body)
        return answer

    async def close_in_public(self, case_id: str, body: shapes.ClosingIn) -> shapes.ReplyOut:
        """Close the loop with a reply on the channel where it began."""
        answer: shapes.ReplyOut = await self.ask("POST", f"/v1/cases/{self.part(case_id)}/offline/close", body=body)
        return answer

    async def hand_in_message(self, body: shapes.MessageIn) -> shapes.HandedInOut:
        """Keep one message, masked, and have it read and answered."""
        answer: shapes.HandedInOut = await self.ask("POST", "/v1/messages", body=body)
        return answer

    async def list_messages(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        channel: str | None = None,
    ) -> shapes.MessageListOut:
        """Messages as they came, newest first; texts are masked."""
        answer: shapes.MessageListOut = await self.ask("GET", "/v1/messages", query={"limit": limit, "cursor": cursor, "channel": channel})
        return answer

    async def get_message(self, message_id: str) -> shapes.ReadMessageOut:
        """One message with what was read out of it, decided and suggested."""
        answer: shapes.ReadMessageOut = await self.ask("GET", f"/v1/messages/{self.part(message_id)}")
        return answer

    async def prepare_again(self, message_id: str) -> shapes.ReadMessageOut:
        """Have a parked message read and answered once more."""
        answer: shapes.ReadMessageOut = await self.ask("POST", f"/v1/messages/{self.part(message_id)}/prepare_again")
        return answer

    async def relabel_message(self, message_id: str, body: shapes.RelabelIn) -> shapes.ReadMessageOut:
        """Say which labels are right; what differs is kept as a correction for the next training."""
        answer: shapes.ReadMessageOut = await self.ask("POST", f"/v1/messages/{self.part(message_id)}/labels", body=body)
        return answer

    async def override_decision(self, message_id: str, body: shapes.DecisionIn) -> shapes.ReadMessageOut:
        """Put a person's action or team in place of ours, with the reason; both are kept."""
        answer: shapes.ReadMessageOut = await self.ask("POST", f"/v1/messages/{self.part(message_id)}/decision", body=body)
        return answer

    async def list_suggestions(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        view: shapes.View | None = None,
    ) -> shapes.SuggestionListOut:
        """The latest suggestion of each case of a view."""
        answer: shapes.SuggestionListOut = await self.ask("GET", "/v1/suggestions", query={"limit": limit, "cursor": cursor, "view": view})
        return answer

    async def get_suggestion(self, suggestion_id: str) -> shapes.SuggestionOut:
        """One suggestion; its ETag goes into If-Match when somebody decides."""
        answer: shapes.SuggestionOut = await self.ask("GET", f"/v1/suggestions/{self.part(suggestion_id)}")
        return answer

    async def approve_suggestion(
        self,
        suggestion_id: str,
        body: shapes.ApproveIn,
        *,
        if_match: str | None = None,
    ) -> shapes.ActOut:
        """Send this text in the person's name, once the undo window is over."""
        answer: shapes.ActOut = await self.ask("POST", f"/v1/suggestions/{self.part(suggestion_id)}/approve", body=body, if_match=if_match)
        return answer

    async def reject_suggestion(
        self,
        suggestion_id: str,
        body: shapes.RejectIn,
        *,
        if_match: str | None = None,
    ) -> shapes.SuggestionOut:
        """Say that no draft is good enough, and why; the message stays open for a person's own words."""
        answer: shapes.SuggestionOut = await self.ask("POST", f"/v1/suggestions/{self.part(suggestion_id)}/reject", body=body, if_match=if_match)
        return answer

    async def dismiss_suggestion(self, suggestion_id: str, *, if_match: str | None = None) -> shapes.SuggestionOut:
        """Decide that this message needs no answer."""
        answer: shapes.SuggestionOut = await self.ask("POST", f"/v1/suggestions/{self.part(suggestion_id)}/dismiss", if_match=if_match)
        return answer

    async def reconsider_suggestion(self, suggestion_id: str) -> shapes.SuggestionOut:
        """Take a rejection or a dismissal back."""
        answer: shapes.SuggestionOut = await self.ask("POST", f"/v1/suggestions/{self.part(suggestion_id)}/reconsider")
        return answer

    async def answer_message(self, message_id: str, body: shapes.AnswerIn) -> shapes.ActOut:
        """Answer in the person's own words, without a suggestion."""
        answer: shapes.ActOut = await self.ask("POST", f"/v1/messages/{self.part(message_id)}/answer", body=body)
        return answer

    async def get_reply(self, reply_id: str) -> shapes.ActOut:
        """One approved reply and where it stands."""
        answer: shapes.ActOut = await self.ask("GET", f"/v1/replies/{self.part(reply_id)}")
        return answer

    async def withdraw_reply(self, reply_id: str) -> shapes.ActOut:
        """Take a reply back inside its undo window; of a private answer and its pointer, both."""
        answer: shapes.ActOut = await self.ask("POST", f"/v1/replies/{self.part(reply_id)}/withdraw")
        return answer

    async def send_reply_again(self, reply_id: str) -> shapes.ActOut:
        """Send a failed or unclear reply once more, after a person has looked."""
        answer: shapes.ActOut = await self.ask("POST", f"/v1/replies/{self.part(reply_id)}/send_again")
        return answer

    async def mark_reply_sent(self, reply_id: str) -> shapes.ActOut:
        """Settle an unclear reply that a person found on the channel."""
        answer: shapes.ActOut = await self.ask("POST", f"/v1/replies/{self.part(reply_id)}/mark_sent")
        return answer

    async def list_unread_replies(self) -> shapes.ReplyListOut:
        """Replies of new colleagues that wait for somebody else to read them, the longest wait first."""
        answer: shapes.ReplyListOut = await self.ask("GET", "/v1/replies")
        return answer

    async def read_reply(self, reply_id: str) -> shapes.ActOut:
        """Let a reply go out that a colleague had to read first, with the pointer beside it."""
        answer: shapes.ActOut = await self.ask("POST", f"/v1/replies/{self.part(reply_id)}/read")
        return answer

    async def give_back_reply(self, reply_id: str, body: shapes.NoteIn) -> shapes.ActOut:
        """Give such a reply back to its author before anybody heard it, with a note that says why."""
        answer: shapes.ActOut = await self.ask("POST", f"/v1/replies/{self.part(reply_id)}/give_back", body=body)
        return answer

    async def get_handover(self, handover_id: str) -> shapes.HandOverOut:
        """One hand-over and where it stands."""
        answer: shapes.HandOverOut = await self.ask("GET", f"/v1/handovers/{self.part(handover_id)}")
        return answer

    async def take_handover(self, handover_id: str) -> shapes.HandOverOut:
        """Say that the matter is being seen to."""
        answer: shapes.HandOverOut = await self.ask("POST", f"/v1/handovers/{self.part(handover_id)}/take")
        return answer

    async def answer_handover(self, handover_id: str, body: shapes.AnswerTextIn) -> shapes.HandOverOut:
        """Keep the answer as a note on the case; a person tells the customer."""
        answer: shapes.HandOverOut = await self.ask("POST", f"/v1/handovers/{self.part(handover_id)}/answer", body=body)
        return answer

    async def call_back_handover(self, handover_id: str) -> shapes.HandOverOut:
        """Take the matter back."""
        answer: shapes.HandOverOut = await self.ask("POST", f"/v1/handovers/{self.part(handover_id)}/call_back")
        return answer

    async def get_notice(self, notice_id: str) -> shapes.NoticeOut:
        """One notice and where it stands."""
        answer: shapes.NoticeOut = await self.ask("GET", f"/v1/notices/{self.part(notice_id)}")
        return answer

    async def send_notice_again(self, notice_id: str) -> shapes.NoticeOut:
        """Tell a contact who could not be told: five tries anew, at the address of the climb."""
        answer: shapes.NoticeOut = await self.ask("POST", f"/v1/notices/{self.part(notice_id)}/send_again")
        return answer

    async def get_customer(self, customer_id: str) -> shapes.CustomerOut:
        """One customer: who they are on each channel, and what was put together on what evidence."""
        answer: shapes.CustomerOut = await self.ask("GET", f"/v1/customers/{self.part(customer_id)}")
        return answer

    async def list_customer_cases(self, customer_id: str) -> shapes.CaseSummaryListOut:
        """Every case of one customer on all channels, latest first."""
        answer: shapes.CaseSummaryListOut = await self.ask("GET", f"/v1/customers/{self.part(customer_id)}/cases")
        return answer

    async def join_customer(self, customer_id: str, body: shapes.JoinIn) -> shapes.IdentityMoveOut:
        """Put an identity, with its cases, with this customer's record; the evidence is kept."""
        answer: shapes.IdentityMoveOut = await self.ask("POST", f"/v1/customers/{self.part(customer_id)}/join", body=body)
        return answer

    async def export_customer(self, customer_id: str) -> shapes.CustomerDataOut:
        """Everything that is kept of a customer, by table."""
        answer: shapes.CustomerDataOut = await self.ask("GET", f"/v1/customers/{self.part(customer_id)}/export")
        return answer

    async def forget_customer(self, customer_id: str) -> shapes.ForgottenOut:
        """Delete everything that is kept of a customer, here and after every restore; a proof without the data stays."""
        answer: shapes.ForgottenOut = await self.ask("POST", f"/v1/customers/{self.part(customer_id)}/forget")
        return answer

    async def part_customer(self, move_id: str) -> shapes.IdentityMoveOut:
        """Part again what was put together."""
        answer: shapes.IdentityMoveOut = await self.ask("POST", f"/v1/customers/moves/{self.part(move_id)}/undo")
        return answer

    async def list_views(self) -> shapes.SavedViewListOut:
        """Your own and those for all, each with its cases counted up to 100."""
        answer: shapes.SavedViewListOut = await self.ask("GET", "/v1/views")
        return answer

    async def add_view(self, body: shapes.ViewIn) -> shapes.SavedViewOut:
        """Save a list under a name; one of yours with the same name is replaced."""
        answer: shapes.SavedViewOut = await self.ask("POST", "/v1/views", body=body)
        return answer

    async def remove_view(self, view_id: str) -> None:
        """Forget a view of yours, or one for all that you made; supervisors forget any that is for all."""
        await self.ask("DELETE", f"/v1/views/{self.part(view_id)}")

    async def act_on_several(self, body: shapes.BulkIn) -> shapes.BulkOut:
        """Assign, give to a team, resolve, dismiss, label or snooze up to 100 cases, each by itself."""
        answer: shapes.BulkOut = await self.ask("POST", "/v1/bulk", body=body)
        return answer

    async def undo_several(self, number: str) -> shapes.TakenBackOut:
        """Take back what you did to several cases; those that have changed since stay, and are named."""
        answer: shapes.TakenBackOut = await self.ask("POST", f"/v1/bulk/{self.part(number)}/undo")
        return answer

    async def list_people(self) -> shapes.PersonListOut:
        """Everybody who works here, without their addresses."""
        answer: shapes.PersonListOut = await self.ask("GET", "/v1/people")
        return answer

    async def set_signature(self, body: shapes.SignatureIn) -> shapes.PersonOut:
        """How you sign from now on, where a channel signs."""
        answer: shapes.PersonOut = await self.ask("POST", "/v1/people/me/signature", body=body)
        return answer

    async def set_away(self, body: shapes.AwayIn) -> shapes.PersonOut:
        """Be given no cases until then; what is yours and waits is given on."""
        answer: shapes.PersonOut = await self.ask("POST", "/v1/people/me/away", body=body)
        return answer

    async def get_play_stats(self) -> shapes.PlayStatsOut:
        """What became of each play's latest drafts, most shown first, the plays whose owners should look at them, and the goals of the playbook beside what was measured."""
        answer: shapes.PlayStatsOut = await self.ask("GET", "/v1/playbook/stats")
        return answer

    async def list_plays(self, *, search: str | None = None) -> shapes.PlayListOut:
        """Every play in use with its wordings, or those with these words."""
        answer: shapes.PlayListOut = await self.ask("GET", "/v1/playbook/plays", query={"search": search})
        return answer

    async def list_events(
        self,
        *,
        after: str | None = None,
        type: list[shapes.EventType] | None = None,
        include: Literal["objects"] | None = None,
        limit: int | None = None,
    ) -> shapes.PublicEventListOut:
        """Events, oldest first, after a cursor or the id of an event."""
        answer: shapes.PublicEventListOut = await self.ask("GET", "/v1/events", query={"after": after, "type": type, "include": include, "limit": limit})
        return answer

    async def list_webhooks(self) -> shapes.ListOut_EndpointOut_:
        """Every endpoint, oldest first."""
        answer: shapes.ListOut_EndpointOut_ = await self.ask("GET", "/v1/webhooks")
        return answer

    async def add_webhook(self, body: shapes.EndpointIn) -> shapes.EndpointOut:
        """Tell another system what happens from now on."""
        answer: shapes.EndpointOut = await self.ask("POST", "/v1/webhooks", body=body)
        return answer

    async def get_webhook(self, webhook_id: str) -> shapes.EndpointOut:
        """One endpoint and whether it is on."""
        answer: shapes.EndpointOut = await self.ask("GET", f"/v1/webhooks/{self.part(webhook_id)}")
        return answer

    async def change_webhook(self, webhook_id: str, body: shapes.EndpointChangeIn) -> shapes.EndpointOut:
        """Change an endpoint, or switch it on or off."""
        answer: shapes.EndpointOut = await self.ask("PATCH", f"/v1/webhooks/{self.part(webhook_id)}", body=body)
        return answer

    async def remove_webhook(self, webhook_id: str) -> None:
        """Forget an endpoint and the log of what was sent to it."""
        await self.ask("DELETE", f"/v1/webhooks/{self.part(webhook_id)}")

    async def get_webhook_secret(self, webhook_id: str) -> shapes.EndpointSecretsOut:
        """The secret that signs, and for a day after a rotation the one before."""
        answer: shapes.EndpointSecretsOut = await self.ask("GET", f"/v1/webhooks/{self.part(webhook_id)}/secret")
        return answer

    async def rotate_webhook_secret(self, webhook_id: str) -> shapes.EndpointOut:
        """Make a new secret."""
        answer: shapes.EndpointOut = await self.ask("POST", f"/v1/webhooks/{self.part(webhook_id)}/rotate")
        return answer

    async def trigger_webhook(self, webhook_id: str, body: shapes.TriggerIn) -> shapes.EventDeliveryOut:
        """Send a sample of a type, whatever the endpoint hears of."""
        answer: shapes.EventDeliveryOut = await self.ask("POST", f"/v1/webhooks/{self.part(webhook_id)}/trigger", body=body)
        return answer

    async def list_deliveries(
        self,
        webhook_id: str,
        *,
        state: shapes.DeliveryState | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> shapes.ListOut_EventDeliveryOut_:
        """What was sent, latest first, with every try: when, how it was answered, how long it took."""
        answer: shapes.ListOut_EventDeliveryOut_ = await self.ask("GET", f"/v1/webhooks/{self.part(webhook_id)}/deliveries", query={"state": state, "limit": limit, "cursor": cursor})
        return answer

    async def get_delivery(self, webhook_id: str, delivery_id: str) -> shapes.EventDeliveryOut:
        """One delivery with its tries."""
        answer: shapes.EventDeliveryOut = await self.ask("GET", f"/v1/webhooks/{self.part(webhook_id)}/deliveries/{self.part(delivery_id)}")
        return answer

    async def resend_delivery(self, webhook_id: str, delivery_id: str) -> shapes.EventDeliveryOut:
        """Send one again, at once and with all its tries before it."""
        answer: shapes.EventDeliveryOut = await self.ask("POST", f"/v1/webhooks/{self.part(webhook_id)}/deliveries/{self.part(delivery_id)}/resend")
        return answer

    async def resend_failed(self, webhook_id: str) -> shapes.ResentOut:
        """Send again what the endpoint did not take, at most 500 at a time."""
        answer: shapes.ResentOut = await self.ask("POST", f"/v1/webhooks/{self.part(webhook_id)}/resend")
        return answer

    async def get_report(
        self,
        *,
        by: shapes.By | None = None,
        from_: str | None = None,
        to: str | None = None,
    ) -> shapes.ReportOut:
        """Figures of whole days by day, week, channel, team, intent, language or agent; samples, imported history and rehearsals are left out."""
        answer: shapes.ReportOut = await self.ask("GET", "/v1/report", query={"by": by, "from": from_, "to": to})
        return answer

    async def list_report_cases(
        self,
        *,
        figure: str,
        by: shapes.By | None = None,
        line: str | None = None,
        from_: str | None = None,
        to: str | None = None,
    ) -> shapes.ReportCasesOut:
        """The cases that a figure of the same report counts."""
        answer: shapes.ReportCasesOut = await self.ask("GET", "/v1/report/cases", query={"figure": figure, "by": by, "line": line, "from": from_, "to": to})
        return answer

    async def list_goals(self) -> shapes.StandingsOut:
        """Each goal of the playbook over the last four weeks, beside its baseline, as intervals."""
        answer: shapes.StandingsOut = await self.ask("GET", "/v1/report/goals")
        return answer

    async def list_knowledge_gaps(self, *, from_: str | None = None, to: str | None = None) -> shapes.GapsOut:
        """What drafts made on these days wanted to say and knowledge did not have, most wanted first."""
        answer: shapes.GapsOut = await self.ask("GET", "/v1/report/gaps", query={"from": from_, "to": to})
        return answer

    async def get_plan(self) -> shapes.PlanOut:
        """The worksheet of a written plan: for each question what stands, where it comes from, and what is missing or contradicts it."""
        answer: shapes.PlanOut = await self.ask("GET", "/v1/plan")
        return answer

    async def get_quality(self) -> shapes.QualityOut:
        """What the last twelve weeks of the quality review found, by person and question; how far two readers agree; and the replies that nobody has read yet."""
        answer: shapes.QualityOut = await self.ask("GET", "/v1/quality")
        return answer

    async def review_reply(self, reply_id: str, body: shapes.ReviewIn) -> shapes.ReviewOut:
        """Say of a reply of the sample what the form asks; the note goes to its author."""
        answer: shapes.ReviewOut = await self.ask("POST", f"/v1/quality/{self.part(reply_id)}", body=body)
        return answer

    async def get_staffing(
        self,
        *,
        team: str | None = None,
        channel: str | None = None,
        from_: str | None = None,
    ) -> shapes.StaffingOut:
        """Arrivals of seven days by half hour with intervals, and the people needed for the target; samples, imported history, rehearsals and what needs no answer are left out."""
        answer: shapes.StaffingOut = await self.ask("GET", "/v1/staffing", query={"team": team, "channel": channel, "from": from_})
        return answer

    async def get_crisis(self) -> shapes.CrisisStandingOut:
        """The crisis that is on, and those that were, with every decision and the cases counted."""
        answer: shapes.CrisisStandingOut = await self.ask("GET", "/v1/crisis")
        return answer

    async def begin_crisis(self, body: shapes.CrisisIn) -> shapes.CrisisOut:
        """Declare a crisis, or a drill of one: its statement is the first draft of every ordinary case that matches."""
        answer: shapes.CrisisOut = await self.ask("POST", "/v1/crisis", body=body)
        return answer

    async def change_statement(self, crisis_id: str, body: shapes.StatementIn) -> shapes.CrisisOut:
        """Say something else from now on; what was drafted with the words before is not sent any more."""
        answer: shapes.CrisisOut = await self.ask("POST", f"/v1/crisis/{self.part(crisis_id)}/statement", body=body)
        return answer

    async def end_crisis(self, crisis_id: str) -> shapes.CrisisOut:
        """End it: what waits is drafted as before."""
        answer: shapes.CrisisOut = await self.ask("POST", f"/v1/crisis/{self.part(crisis_id)}/end")
        return answer

    async def list_training_jobs(self) -> shapes.TrainingJobsOut:
        """The latest jobs, the datasets in the home, and the bundle that was promoted last."""
        answer: shapes.TrainingJobsOut = await self.ask("GET", "/v1/training/jobs")
        return answer

    async def start_training_job(self, body: shapes.TrainingIn) -> shapes.TrainingJobOut:
        """Ask for a job; one at a time."""
        answer: shapes.TrainingJobOut = await self.ask("POST", "/v1/training/jobs", body=body)
        return answer

    async def get_training_job(self, job_id: str) -> shapes.TrainingJobOut:
        """One job with the last of its log."""
        answer: shapes.TrainingJobOut = await self.ask("GET", f"/v1/training/jobs/{self.part(job_id)}")
        return answer

    async def cancel_training_job(self, job_id: str) -> shapes.TrainingJobOut:
        """End it, within seconds where it runs; nothing half-made is left."""
        answer: shapes.TrainingJobOut = await self.ask("POST", f"/v1/training/jobs/{self.part(job_id)}/cancel")
        return answer

    async def read_session(self) -> shapes.SessionOut:
        """Who is signed in."""
        answer: shapes.SessionOut = await self.ask("GET", "/v1/session")
        return answer

    async def start_session(self, body: shapes.SignInIn) -> shapes.SessionOut:
        """Sign in."""
        answer: shapes.SessionOut = await self.ask("POST", "/v1/session", body=body)
        return answer

    async def end_session(self) -> None:
        """Sign out."""
        await self.ask("DELETE", "/v1/session")
