"""The inbox that channels share: what is handed in is signed, and in the generic payload (`channels/payload.py`)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from care.message import Inbound
from care.ports import Receipt, Redactor
from channels import http, payload


@dataclass(slots=True)
class SignedInbox:
    """The half of a `care.ports.Channel` that takes in. secrets: any of them may have signed."""

    name: str
    is_public: bool
    secrets: Sequence[str]

    def verify(self, headers: Mapping[str, str], raw: bytes) -> None:
        http.verify(headers, raw, secrets=self.secrets)

    def parse(self, raw: bytes) -> list[Inbound]:
        return payload.parse_messages(raw, channel=self.name, is_public=self.is_public)

    def split(self, raw: bytes) -> list[bytes]:
        return payload.split(raw)

    def masked(self, raw: bytes, redactor: Redactor) -> str:
        return payload.masked(raw, redactor)

    def parse_receipts(self, raw: bytes) -> list[Receipt]:
        return payload.parse_receipts(raw)
