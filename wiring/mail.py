"""Mail read as the e-mail channel reads it, for whoever wants to see what would be kept."""

from care.message import Inbound
from wiring.settings import Settings


def read_mail(raw: bytes, settings: Settings) -> Inbound:
    """One RFC 5322 message as the e-mail channel would hand it in. Raises BadPayload."""
    from channels.mail.reading import parse_mail

    mailboxes = [channel.options["sender"] for channel in settings.channels.values() if channel.kind == "email"]
    [inbound] = parse_mail(raw, channel="email", own_address=mailboxes[0] if mailboxes else "")
    return inbound


def words_of_html(text: str) -> str:
    """What a text that is HTML says, without its tags."""
    from channels.mail.html import without_tags

    return without_tags(text)
