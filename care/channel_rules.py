"""What was agreed about each channel: who we are there, how long a reply may be, how it begins and ends."""

from collections.abc import Mapping
from dataclasses import dataclass

from care.message import Visibility


@dataclass(frozen=True, slots=True)
class ChannelRules:
    """What the playbook says of one channel.

    account: as whom we write there. limit: longest reply, counted as `counted_as` says: graphemes, weighted (as X does)
    or bytes. undo_s: seconds in which a person can take a reply back. private_channel: where a public conversation goes
    on in private, as an agent would say it. greeting, unnamed: openings with and without a name. sign_off, unsigned:
    endings with and without an agent's name. pointer: what is said in public when the answer itself goes in private to
    who wrote in public; "": the channel has no such answers. private_limit: the longest of those.
    """

    name: str
    is_public: bool
    limit: int
    counted_as: str
    undo_s: int
    private_channel: str
    greeting: str
    unnamed: str
    sign_off: str
    unsigned: str
    account: str = ""
    pointer: str = ""
    private_limit: int = 0

    def longest(self, visibility: Visibility) -> int:
        """The longest reply of this visibility."""
        return self.private_limit if visibility is Visibility.PRIVATE and self.private_limit else self.limit


def rules_of(channels: Mapping[str, ChannelRules], name: str) -> ChannelRules | None:
    """What was agreed about a channel; what holds for any other where nothing was."""
    return channels.get(name) or channels.get("*")
