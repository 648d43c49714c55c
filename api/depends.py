"""What every request can reach: the plugged-in parts, put on the application once."""

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any, cast
from urllib.parse import urlsplit

from fastapi import Depends, Request

from api.batching import SharedReader
from api.reading import JSON_MAX_BYTES
from care.classification import Classification
from care.journey import Journey
from care.ports import Channel, Classifier, Clock, GoalReader, JobQueue, PlayReader
from care.work import Work


@dataclass(frozen=True)
class Parts:
    """Everything this door uses.

    public_url: where people reach us, without a slash at the end; https makes the cookies `__Host-` and Secure.
    hosts: the host names we answer to; empty means any (another name in front of us).
    labels: task -> the labels a person may choose from; empty: those the classifier itself considered.
    accounts, limits: by channel name, the account we write as and the longest text it takes.
    counted_as: by channel name, what its limit counts: graphemes, weighted (as X does) or bytes.
    question, not_asked_after: what a customer is asked when a matter is resolved, and the intents it does not follow.
    teams: who a matter can be handed to.
    plays, goals: read how the plays do and which goals are reached; None where nothing is plugged in.
    rehearsals: channels that keep what they are asked to send in a file.
    max_body_bytes: the largest JSON body that is read; an inbox has its own limit.
    inbox_bytes: by channel name, the largest body its inbox reads where that is not the usual one.
    """

    journey: Journey
    public_url: str = "http://127.0.0.1:8080"
    hosts: frozenset[str] = frozenset()
    labels: Mapping[str, Sequence[str]] = field(default_factory=dict)
    accounts: Mapping[str, str] = field(default_factory=dict)
    limits: Mapping[str, int] = field(default_factory=dict)
    counted_as: Mapping[str, str] = field(default_factory=dict)
    rehearsals: frozenset[str] = frozenset()
    max_body_bytes: int = JSON_MAX_BYTES
    inbox_bytes: Mapping[str, int] = field(default_factory=dict)
    question: str = ""
    not_asked_after: frozenset[str] = frozenset()
    teams: tuple[str, ...] = ()
    plays: PlayReader | None = None
    goals: GoalReader | None = None

    @property
    def store(self) -> Callable[[], AbstractContextManager[Work]]:
        return self.journey.store

    def reading(self) -> AbstractContextManager[Work]:
        """A transaction for looking only: on SQLite it does not wait for those who write."""
        store: Any = self.journey.store
        try:
            return cast("AbstractContextManager[Work]", store(read=True))
        except TypeError:  # a store that makes no difference
            return self.journey.store()

    def read_texts(
        self,
        texts: Sequence[str],
        *,
        tasks: Sequence[str] | None = None,
        explain: bool = False,
        precision: float | Mapping[str, float] | None = None,
    ) -> list[Classification]:
        """Classify many texts, in one go where the classifier can.

        explain: with the words that carried each label. precision: answer only where it is certified.
        """
        many = getattr(self.journey.classifier, "classify_many", None)
        if many is not None:
            return cast("list[Classification]", many(texts, tasks=tasks, explain=explain, precision=precision))
        return [self.journey.classifier.classify(text) for text in texts]

    @cached_property
    def reader(self) -> SharedReader:
        """Reads texts of requests that meet in one go; for routes that are coroutines."""
        return SharedReader(self.read_texts, n_runs=os.cpu_count() or 1)

    @property
    def channels(self) -> Mapping[str, Channel]:
        return self.journey.channels

    @property
    def classifier(self) -> Classifier:
        return self.journey.classifier

    @property
    def queue(self) -> JobQueue:
        return self.journey.queue

    @property
    def clock(self) -> Clock:
        return self.journey.clock

    @property
    def is_https(self) -> bool:
        return self.public_url.startswith("https://")


def assembled(settings: Any) -> Parts:
    """The parts of a running service. Loads the bundle, so it takes seconds and is called once."""
    from wiring import assemble

    # Requests that meet share one run of the encoder, on all cores.
    journey: Journey = assemble.journey(settings, is_shared=True)
    host, public_url, url = settings.server.host, settings.server.public_url, settings.url
    names = {"127.0.0.1", "localhost", "::1", urlsplit(url).hostname or "127.0.0.1"}
    book = getattr(journey.drafter, "playbook", None)
    rules: Mapping[str, Any] = getattr(book, "channels", {})
    return Parts(
        journey=journey,
        public_url=url,
        # A page elsewhere that points its own name at our loopback address must not be answered.
        hosts=frozenset(names) if public_url or host in names else frozenset(),
        labels=getattr(journey.classifier, "labels", {}),
        accounts={name: rule.account or book.brand.account for name, rule in rules.items()} if book else {},
        limits={name: rule.limit for name, rule in rules.items()},
        counted_as={name: rule.counted_as for name, rule in rules.items()},
        question=book.closing.question if book else "",
        teams=tuple(book.teams) if book else (),
        plays=assemble.play_reader(settings),
        goals=assemble.goal_reader(settings),
        max_body_bytes=settings.server.max_body_bytes,
        inbox_bytes={
            name: settings.server.max_mail_bytes for name, one in settings.channels.items() if one.kind == "email"
        },
        not_asked_after=book.closing.not_after if book else frozenset(),
        rehearsals=frozenset(name for name, one in settings.channels.items() if one.kind == "rehearsal"),
    )


async def parts_of(request: Request) -> Parts:
    # A coroutine, so that no thread is fetched for a look-up.
    parts: Parts = request.app.state.parts
    return parts


PartsDep = Annotated[Parts, Depends(parts_of)]
