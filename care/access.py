"""Who may come in: people with sessions, services with keys."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


class Scope(StrEnum):
    """What a service key may do. There is no scope for approving: that takes a person."""

    CLASSIFY = "classify"
    READ = "read"
    WRITE = "write"
    METRICS = "metrics"
    WEBHOOKS = "webhooks"
    """Name endpoints that are told what happens."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works here; the only kind of principal that can approve.

    signs_as: how they sign where a channel signs, such as "AB" or "Anna"; "": they do not. is_checked: a colleague
    reads what they write to customers before it goes out. away_until: until then they are given no cases.
    """

    id: str
    email: str
    name: str
    role: Role
    password_hash: str = field(repr=False)
    is_active: bool = True
    signs_as: str = ""
    is_checked: bool = False
    away_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """A person's signed-in browser. token_hash: SHA-256 of the cookie; csrf: the token its forms must carry."""

    token_hash: str = field(repr=False)
    person_id: str
    csrf: str = field(repr=False)
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SignInLink:
    """What lets one person in once, without their password. token_hash: SHA-256 of what stands in the address."""

    token_hash: str = field(repr=False)
    person_id: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ServiceKey:
    """A program's key. key_hash: SHA-256 of the whole key, which is shown once and not kept.

    expires_at: when it ends by itself; None: never. used_at: to the minute.
    """

    id: str
    name: str
    prefix: str
    key_hash: str = field(repr=False)
    scopes: frozenset[Scope]
    created_at: datetime
    revoked_at: datetime | None = None
    expires_at: datetime | None = None
    used_at: datetime | None = None

    @property
    def is_test(self) -> bool:
        """Whether what it hands in is a sample, which nobody is sent an answer to."""
        return self.prefix.startswith("tk_test_")

    def is_living(self, now: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)
