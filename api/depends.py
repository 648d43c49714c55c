"""What every request can reach: the plugged-in parts, put on the application once."""

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request

from api.batching import SharedReader
from api.reading import INBOX_MAX_BYTES, JSON_MAX_BYTES
from care.crisis_mode import CrisisDesk
from care.errors import Unreachable
from care.forgetting import Forgetting
from care.journey import Journey
from care.play_desk import PlayDesk
from care.ports import Channel, Classifier, Clock, JobQueue, Playbook
from care.quarantine import Quarantine
from care.telling import Endpoints
from care.unit_of_work import Store, Work
from care.usual import UsualWeeks
from wiring.measures import Measure
from wiring.origins import SettingLine, setting_lines
from wiring.settings import ChannelSettings, Settings
from wiring.training_jobs import TrainingJobs

Network = IPv4Network | IPv6Network


@dataclass(frozen=True)
class Parts:
    """Everything this door uses.

    public_url: where people reach us, without a slash at the end; https makes the cookies `__Host-` and Secure.
    hosts: the host names we answer to; empty means any (another name in front of us).
    rehearsals: channels that keep what they are asked to send in a file.
    max_body_bytes: the largest JSON body that is read; an inbox has its own limit.
    requests_per_minute: of each key; 0 for as many as it likes.
    inbox_bytes: by channel name, the largest body its inbox reads where that is not the usual one.
    proxies: what stands in front of us; what it says of an address is believed.
    webhooks: what is done to endpoints of other systems; None in a process without a way out.
    forgetting: what forgets customers; None where only a part of the service runs.
    checks: what readiness looks at beside the store, by name; each says "ok" or what is wrong.
    measures: what can be measured of this machine.
    settings: every one with its value and origin, as this process was started.
    training: jobs of training; None in a process without a home of its own.
    """

    journey: Journey
    public_url: str = "http://127.0.0.1:8080"
    hosts: frozenset[str] = frozenset()
    rehearsals: frozenset[str] = frozenset()
    max_body_bytes: int = JSON_MAX_BYTES
    requests_per_minute: int = 0
    inbox_bytes: Mapping[str, int] = field(default_factory=dict)
    proxies: Sequence[Network] = ()
    webhooks: Endpoints | None = None
    forgetting: Forgetting | None = None
    checks: Mapping[str, Callable[[], str]] = field(default_factory=dict)
    measures: Callable[[], Sequence[Measure]] = tuple
    settings: Sequence[SettingLine] = ()
    training: TrainingJobs | None = None

    @property
    def trainings(self) -> TrainingJobs:
        if self.training is None:
            raise Unreachable("This process asks for no training.")
        return self.training

    @property
    def endpoints(self) -> Endpoints:
        if self.webhooks is None:
            raise Unreachable("This process tells no endpoints.")
        return self.webhooks

    @property
    def quarantine(self) -> Quarantine:
        """What takes in whatever a channel signed, and keeps what of it cannot be read."""
        journey = self.journey
        return Quarantine(journey.store, journey.redactor, journey.clock, journey.receive, journey.acknowledge)

    @property
    def crisis_desk(self) -> CrisisDesk:
        """What declares a crisis and ends it."""
        journey = self.journey
        return CrisisDesk(
            journey.store, journey.playbook, journey.channels, journey.redactor, journey.tone, journey.clock
        )

    @property
    def play_desk(self) -> PlayDesk:
        """What changes plays."""
        journey = self.journey
        return PlayDesk(journey.store, journey.playbook, journey.redactor, journey.tone, journey.clock)

    @property
    def store(self) -> Store:
        return self.journey.store

    def reading(self) -> AbstractContextManager[Work]:
        """A transaction for looking only: on SQLite it does not wait for those who write."""
        return self.journey.store(read=True)

    @cached_property
    def reader(self) -> SharedReader:
        """Reads texts of requests that meet in one go; for routes that are coroutines."""
        return SharedReader(self.classifier.classify_many, n_runs=os.cpu_count() or 1)

    @cached_property
    def usual(self) -> UsualWeeks:
        """Remembers what usually comes in."""
        return UsualWeeks()

    @property
    def channels(self) -> Mapping[str, Channel]:
        return self.journey.channels

    @property
    def classifier(self) -> Classifier:
        return self.journey.classifier

    @property
    def labels(self) -> Mapping[str, Sequence[str]]:
        """By task, the labels a person may choose from."""
        return self.classifier.labels

    @property
    def playbook(self) -> Playbook:
        return self.journey.playbook

    @property
    def queue(self) -> JobQueue:
        return self.journey.queue

    @property
    def clock(self) -> Clock:
        return self.journey.clock

    @property
    def is_https(self) -> bool:
        return self.public_url.startswith("https://")


def assembled(settings: Settings) -> Parts:
    """The parts of a running service. Loads the bundle, so it takes seconds and is called once."""
    from wiring.assemble import Assembly
    from wiring.measures import measures
    from wiring.opening import forgetting, health_checks

    # Without a bundle that loads, too: messages are taken, and read once there is one.
    # Requests that meet share one run of the encoder, on all cores.
    assembly = Assembly(settings, threads=os.cpu_count() or 1, is_patient=True)
    host, public_url, url = settings.server.host, settings.server.public_url, settings.url
    names = {"127.0.0.1", "localhost", "::1", urlsplit(url).hostname or "127.0.0.1"}
    return Parts(
        journey=assembly.journey,
        webhooks=assembly.endpoints,
        public_url=url,
        # A page elsewhere that points its own name at our loopback address must not be answered.
        hosts=frozenset(names) if public_url or host in names else frozenset(),
        max_body_bytes=settings.server.max_body_bytes,
        inbox_bytes={name: inbox_bytes(channel, settings) for name, channel in settings.channels.items()},
        proxies=tuple(ip_network(proxy) for proxy in settings.server.trusted_proxies),
        requests_per_minute=settings.server.requests_per_minute,
        forgetting=forgetting(assembly),
        checks=health_checks(settings),
        measures=lambda: measures(settings.home),
        settings=setting_lines(settings),
        training=TrainingJobs(settings.home),
        rehearsals=frozenset(name for name, channel in settings.channels.items() if channel.kind == "rehearsal"),
    )


def inbox_bytes(channel: ChannelSettings, settings: Settings) -> int:
    """The largest body of this channel's inbox: a mail, or messages with a file in base64 where files are kept."""
    if channel.kind == "email":
        return settings.server.max_mail_bytes
    kept = settings.attachments
    return INBOX_MAX_BYTES + (kept.max_file_bytes * 4 // 3 if kept.keep else 0)


async def parts_of(request: Request) -> Parts:
    # A coroutine, so that no thread is fetched for a look-up.
    parts: Parts = request.app.state.parts
    return parts


PartsDep = Annotated[Parts, Depends(parts_of)]
