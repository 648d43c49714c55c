"""The rehearsal channel: keeps what it is asked to send. The default everywhere, and the double in tests."""

import fcntl
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from care.escalation import Notice
from care.reply import Reply
from channels import payload
from channels.inbox import SignedInbox


@dataclass(slots=True)
class RehearsalChannel(SignedInbox):
    """A channel that sends to a file instead of a network.

    folder: where `<name>.jsonl` grows by one line a reply, readable by the owner only; None keeps replies in memory.
    """

    folder: Path | None = None
    is_idempotent: bool = False
    sent: list[Reply] = field(default_factory=list)
    told: list[Notice] = field(default_factory=list)

    @property
    def is_rehearsal(self) -> bool:
        return True

    def send(self, reply: Reply) -> str:
        self.sent.append(reply)
        if self.folder is not None:
            kept = {
                "reply_id": reply.id,
                "to": reply.address.recipient,
                "in_reply_to": reply.address.in_reply_to,
                "text": reply.said.text,
                "visibility": str(reply.address.visibility),
                "purpose": str(reply.purpose),
                "approved_by": reply.consent.approved_by,
            }
            self._append(self.folder, kept)
        return f"rehearsed-{reply.id}"

    def receipt_of(self, reply: Reply) -> str | None:
        """Satisfies ports.Remembering."""
        ids = {reply.id for reply in self.sent}
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
