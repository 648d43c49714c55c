"""What was agreed about each channel: who we are there, how long a reply may be, how it begins and ends."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ChannelRules:
    """What the playbook says of one channel.

    account: as whom we write there. limit: longest reply, counted as `counted_as` says: graphemes, weighted (as X does)
    or bytes. undo_s: seconds in which a person can take a reply back. private_channel: where a public conversation goes
    on in private, as an agent would say it. greeting, unnamed: openings with and without a name. sign_off, unsigned:
    endings with and without an agent's name.
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
