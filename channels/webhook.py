"""The webhook channel: messages and receipts come in signed, replies go out signed (Standard Webhooks)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from care.escalation import Notice, NoticeKind
from care.ids import new_id
from care.message import Inbound
from care.ports import Receipt
from care.reply import Reply
from care.times import rfc_3339
from channels import http, payload


@dataclass(slots=True)
class WebhookChannel:
    """A bridge of the operator's own.

    url: where replies are posted. secrets: the first signs what goes out; all are accepted on what comes in.
    is_idempotent: set it when the receiver promises to take one `webhook-id` once; a reply whose fate is unclear is
    then sent again with the same id instead of being parked for a person.
    """

    name: str
    is_public: bool
    secrets: Sequence[str]
    url: str
    is_idempotent: bool = False
    is_private_allowed: bool = False

    @property
    def is_rehearsal(self) -> bool:
        return False

    def verify(self, headers: Mapping[str, str], raw: bytes) -> None:
        http.verify(headers, raw, secrets=self.secrets)

    def parse(self, raw: bytes) -> list[Inbound]:
        return payload.parse_messages(raw, channel=self.name, is_public=self.is_public)

    def parse_receipts(self, raw: bytes) -> list[Receipt]:
        return payload.parse_receipts(raw)

    def send(self, reply: Reply) -> str:
        now = datetime.now(UTC)
        body = json.dumps(
            {
                "type": "reply.approved",
                "timestamp": rfc_3339(now),
                "data": {
                    "reply_id": reply.id,
                    "thread_id": reply.thread_key,
                    "in_reply_to": reply.in_reply_to,
                    "to": reply.recipient,
                    "text": reply.text,
                    "visibility": reply.visibility,
                    "purpose": reply.purpose,
                    "answer_id": reply.answer_id,
                },
            },
            ensure_ascii=False,
        ).encode()
        headers = http.signed_headers(self.secrets[0], id=reply.idempotency_key, body=body, at=now)
        client = http.Client(
            self.name, self.url, is_private_allowed=self.is_private_allowed, is_idempotent=self.is_idempotent
        )
        response = client.post(body, headers)
        return self._outside_id(response.content) or reply.idempotency_key

    def check(self, to: str) -> str:
        """Satisfies ports.Checkable: an event of its own, so that a bridge can tell it from a reply."""
        id = new_id("tst", now=datetime.now(UTC))
        self._tell("channel.test", id, {"channel": self.name, "to": to, "text": payload.TEST_TEXT})
        return f"{self.name} took a signed channel.test"

    def notify(self, notice: Notice) -> None:
        """Satisfies ports.Notifier: tell a bridge, which knows where each contact is reached."""
        event = "webhook.off" if notice.kind is NoticeKind.ENDPOINT_OFF else "case.climbed"
        self._tell(event, notice.id, payload.notice_as_json(notice))

    def _tell(self, event: str, id: str, data: Mapping[str, object]) -> None:
        now = datetime.now(UTC)
        told = {"type": event, "timestamp": rfc_3339(now), "data": data}
        body = json.dumps(told, ensure_ascii=False).encode()
        headers = http.signed_headers(self.secrets[0], id=id, body=body, at=now)
        # Told twice it is known by its id: what is unclear is told again.
        client = http.Client(self.name, self.url, is_private_allowed=self.is_private_allowed, is_idempotent=True)
        client.post(body, headers)

    def _outside_id(self, content: bytes) -> str | None:
        try:
            answer = json.loads(content)
        except ValueError:
            return None
        outside_id = answer.get("id") if isinstance(answer, dict) else None
        return outside_id if isinstance(outside_id, str) and 0 < len(outside_id) <= payload.MAX_ID else None
