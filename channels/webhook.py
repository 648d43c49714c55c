"""The webhook channel: messages and receipts come in signed, replies go out signed (Standard Webhooks)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from care.escalation import Notice, NoticeKind
from care.ids import new_id
from care.reply import Reply
from care.times import rfc_3339
from channels import http, payload
from channels.inbox import SignedInbox


@dataclass(slots=True)
class WebhookChannel(SignedInbox):
    """A bridge of the operator's own.

    url: where replies are posted. secrets: the first signs what goes out; all are accepted on what comes in.
    is_idempotent: set it when the receiver promises to take one `webhook-id` once; a reply whose fate is unclear is
    then sent again with the same id instead of being parked for a person. is_private_allowed: url may lie inside your
    own network, and may be plain http. timeout_s: seconds for all of one send, at most 10.
    Raises ValueError for a url or a time that cannot be.
    """

    url: str
    is_idempotent: bool = False
    is_private_allowed: bool = False
    timeout_s: float = http.TOTAL_TIMEOUT_S

    def __post_init__(self) -> None:
        if not self.url.startswith(("https://", "http://") if self.is_private_allowed else "https://"):
            raise ValueError(
                "a webhook channel needs a url that starts with https://; "
                "plain http:// only with is_private_allowed, for a bridge inside your own network"
            )
        if not 0 < self.timeout_s <= http.TOTAL_TIMEOUT_S:
            raise ValueError(f"timeout_s is above 0 and at most {http.TOTAL_TIMEOUT_S:g} seconds")

    @property
    def is_rehearsal(self) -> bool:
        return False

    def send(self, reply: Reply) -> str:
        now = datetime.now(UTC)
        body = json.dumps(
            {
                "type": "reply.approved",
                "timestamp": rfc_3339(now),
                "data": {
                    "reply_id": reply.id,
                    "thread_id": reply.address.thread_key,
                    "in_reply_to": reply.address.in_reply_to,
                    "to": reply.address.recipient,
                    "text": reply.said.text,
                    "visibility": reply.address.visibility,
                    "purpose": reply.purpose,
                    "answer_id": reply.answer_id,
                },
            },
            ensure_ascii=False,
        ).encode()
        headers = http.signed_headers(self.secrets[0], id=reply.sending.idempotency_key, body=body, at=now)
        response = self._client().post(body, headers)
        return self._outside_id(response.content) or reply.sending.idempotency_key

    def check(self, to: str) -> str:
        """Satisfies ports.Checkable: an event of its own, so that a bridge can tell it from a reply."""
        id = new_id("tst", now=datetime.now(UTC))
        self._tell("channel.test", id, {"channel": self.name, "to": to, "text": payload.TEST_TEXT})
        return f"{self.name} took a signed channel.test"

    def notify(self, notice: Notice) -> None:
        """Satisfies ports.Notifier: tell a bridge, which knows where each contact is reached."""
        told = {
            NoticeKind.ENDPOINT_OFF: "webhook.off",
            NoticeKind.SURGE: "surge.began",
            NoticeKind.CRISIS: "crisis.began" if notice.step == "crisis" else "crisis.drill_began",
        }
        event = told.get(notice.about.kind, "case.climbed")
        self._tell(event, notice.id, payload.notice_as_json(notice))

    def _tell(self, event: str, id: str, data: Mapping[str, object]) -> None:
        now = datetime.now(UTC)
        told = {"type": event, "timestamp": rfc_3339(now), "data": data}
        body = json.dumps(told, ensure_ascii=False).encode()
        headers = http.signed_headers(self.secrets[0], id=id, body=body, at=now)
        self._client().post(body, headers)

    def _client(self) -> http.Client:
        return http.Client(self.name, self.url, is_private_allowed=self.is_private_allowed, timeout_s=self.timeout_s)

    def _outside_id(self, content: bytes) -> str | None:
        try:
            answer = json.loads(content)
        except ValueError:
            return None
        outside_id = answer.get("id") if isinstance(answer, dict) else None
        return outside_id if isinstance(outside_id, str) and 0 < len(outside_id) <= payload.MAX_ID else None
