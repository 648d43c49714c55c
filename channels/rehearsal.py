"""The rehearsal channel: keeps what it is asked to send. The default everywhere, and the double in tests."""

import fcntl
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from care.escalation import Notice
from care.message import Inbound
from care.ports import Receipt
from care.reply import Reply
from channels import http, payload


@dataclass(slots=True)
class RehearsalChannel:
    """A channel that sends to a file instead of a network.

    folder: where `<name>.jsonl` grows by one line a reply, readable by the owner only; None keeps replies in memory.
    """

    name: str
    is_public: bool
    secrets: Sequence[str]
    folder: Path | None = None
    is_idempotent: bool = False
    sent: list[Reply] = field(default_factory=list)
    told: list[Notice] = field(default_factory=list)

    @property
    def is_rehearsal(self) -> bool:
        return True

    def verify(self, headers: Mapping[str, str], raw: bytes) -> None:
        http.verify(headers, raw, secrets=self.secrets)

    def parse(self, raw: bytes) -> list[Inbound]:
        return payload.parse_messages(raw, channel=self.name, is_public=self.is_public)

    def parse_receipts(self, raw: bytes) -> list[Receipt]:
        return payload.parse_receipts(raw)

    def send(self, reply: Reply) -> str:
        self.sent.append(reply)
        if self.folder is not None:
            kept = {
                "reply_id": reply.id,
                "to": reply.recipient,
                "in_reply_to": reply.in_reply_to,
                "text": reply.text,
                "visibility": str(reply.visibility),
                "purpose": str(reply.purpose),
                "approved_by": reply.approved_by,
            }
            self._append(self.folder, kept)
        return f"rehearsed-{reply.id}"

    def receipt_of(self, reply: Reply) -> str | None:
        """Satisfies ports.Remembering."""
        ids = {one.id for one in self.sent}
        if self.folder is not None and (path := self.folder / f"{self.name}.jsonl").exists():
            ids |= {json.loads(line).get("reply_id") for line in path.read_text("utf-8").splitlines()}
        return f"rehearsed-{reply.id}" if reply.id in ids else None

    def notify(self, notice: Notice) -> None:
        """Satisfies ports.Notifier: keep what a contact would have been told."""
        self.told.append(notice)
        if self.folder is not None:
            self._append(self.folder, payload.notice_as_json(notice))

    def _append(self, folder: Path, kept: Mapping[str, object]) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        line = json.dumps(kept, ensure_ascii=False)
        handle = os.open(folder / f"{self.name}.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "a", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.write(line + "\n")
