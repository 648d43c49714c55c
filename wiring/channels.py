"""The channels of a deployment, opened as its settings say; those that nobody switched on only rehearse."""

from typing import TYPE_CHECKING

from care.errors import BadSettings, NotFound
from care.escalation import NOTICES
from care.ids import new_id
from care.ports import Channel, Notifier, utc_now
from care.unit_of_work import Store
from wiring.channel_kinds import REHEARSAL, OutsideChannel, open_channel
from wiring.secret_key import secret_key
from wiring.settings import ChannelSettings, Settings

if TYPE_CHECKING:
    from channels.rehearsal import RehearsalChannel


def channels(settings: Settings, store: Store) -> dict[str, Channel]:
    """Every channel to customers by name. store: knows which of them went live."""
    return {name: _switched(settings, name, store) for name in to_customers(settings)}


def to_customers(settings: Settings) -> dict[str, ChannelSettings]:
    """The settings of every channel that customers write on."""
    return {name: channel for name, channel in settings.channels.items() if name != NOTICES}


def channel_to_customers(settings: Settings, name: str) -> ChannelSettings:
    """The settings of one. Raises NotFound for a channel that customers do not write on."""
    named = to_customers(settings)
    if name not in named:
        raise NotFound("channel", f"{name}: customers write on {', '.join(sorted(named))}")
    return named[name]


def outside_channel(settings: Settings, name: str) -> OutsideChannel:
    """A channel as it is set up, switched on or not. Raises BadSettings for one that is not set up."""
    channel = settings.channels[name]
    if channel.kind == REHEARSAL:
        raise BadSettings(
            f"channels.{name}: give it a kind and its address first, as in docs/settings.md; it rehearses"
        )
    secrets = _secrets(settings, name)
    return open_channel(channel.kind, channel.options, name=name, is_public=channel.public, secrets=secrets)


def notifier(settings: Settings) -> Notifier:
    """What tells contacts of the playbook that a message climbed to them; rehearses until it is set up.

    Raises BadSettings for a kind of channel that tells no contacts.
    """
    kind = settings.channels[NOTICES].kind
    channel = _rehearsal(settings, NOTICES) if kind == REHEARSAL else outside_channel(settings, NOTICES)
    if not isinstance(channel, Notifier):
        raise BadSettings(f"channels.{NOTICES}: a channel of kind {kind} tells no contacts")
    return channel


def signed_inbox_request(settings: Settings, channel: str, body: bytes) -> dict[str, str]:
    """Headers that sign a body as this channel's sender would. Raises NotFound for a channel we do not have."""
    from channels.http import signed_headers

    if channel not in settings.channels:
        raise NotFound("channel", channel)
    now = utc_now()
    return signed_headers(_secrets(settings, channel)[0], id=new_id("evt", now=now), body=body, at=now)


def _switched(settings: Settings, name: str, store: Store) -> Channel:
    from channels.switched import SwitchedChannel

    rehearsal = _rehearsal(settings, name)
    if settings.channels[name].kind == REHEARSAL:
        return rehearsal

    def is_on() -> bool:
        with store(read=True) as work:
            return work.switches.is_on(name)

    return SwitchedChannel(outside_channel(settings, name), rehearsal, is_on)


def _rehearsal(settings: Settings, name: str) -> "RehearsalChannel":
    from channels.rehearsal import RehearsalChannel

    secrets, is_public = _secrets(settings, name), settings.channels[name].public
    return RehearsalChannel(name, is_public, secrets, folder=settings.home / "rehearsal")


def _secrets(settings: Settings, name: str) -> tuple[str, ...]:
    """The secrets of a channel's own table, else one that is made from the deployment's secret key."""
    from channels.http import derived_secret

    said = tuple(secret.get_secret_value() for secret in settings.channels[name].secrets)
    return said or (derived_secret(secret_key(settings), name),)
