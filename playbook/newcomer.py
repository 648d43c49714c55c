"""A first playbook: seven answers on top of a trade that ships with tactful; and how a play is taken out of it."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from care.errors import BadInput, NotFound
from playbook.book import Book
from playbook.layers import BASES, MAIN, bases
from playbook.plays import Play
from playbook.source import Entry, read_yaml

SHARED = "base"
"""The base that is no trade: what all of them share."""
TONES = ("friendly", "formal", "playful")
HOURS = "UTC mon-fri 08:00-20:00, sat-sun 10:00-16:00"
PRIVATE_CHANNEL = "a direct message"
_PUBLIC = ("x", "facebook", "instagram", "review", "*")
_HOURS = re.compile(r"(?P<zone>\S+) +(?P<week>.+)")
_DAYS = re.compile(r"(?P<days>[a-z]{3}(?:-[a-z]{3})?) +(?P<shift>\d\d:\d\d-\d\d:\d\d)")
_ID = re.compile(r"^id:.*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Answers:
    """What is asked of a newcomer, as they say it. Empty: what is sensible for the brand.

    accounts: `x=@handle, email=care@brand.com`. hours: `Europe/Berlin mon-fri 08:00-20:00, sat 10:00-16:00`.
    contacts: e-mail for customers, e-mail of who decides when care cannot, telephone, link of a form; any of them.
    languages: `en, de`; the first is the one that the plays are written in.
    """

    brand: str
    accounts: str = ""
    hours: str = HOURS
    contacts: str = ""
    private_channel: str = PRIVATE_CHANNEL
    tone: str = TONES[0]
    languages: str = "en"


def trades() -> dict[str, str]:
    """Each trade that ships with tactful, and what it is about."""
    return {name: _main(name).get("brand").get("about").text() for name in bases() if name != SHARED}


def start(folder: Path, trade: str, answers: Answers) -> None:
    """Write a playbook of one's own for a trade. Raises NotFound for another trade, BadInput."""
    if trade not in trades():
        raise BadInput(f"There is no trade {trade!r}. Known are {', '.join(trades())}.")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadInput(f"{folder} is there already. Name a folder that is new or empty.")
    text = _written(trade, answers)
    (folder / "plays").mkdir(parents=True, exist_ok=True)
    (folder / "plays" / ".gitkeep").touch()
    (folder / MAIN).write_text(text, "utf-8")


def take(book: Book, folder: Path, play_id: str) -> Path:
    """Copy a play of a base into a playbook's folder, where it takes the base's place. Raises NotFound, BadInput."""
    play = book.play(play_id)
    if play is None:
        raise NotFound("play", play_id)
    if not play.origin:
        raise BadInput(f"{play_id} is a play of this playbook already: {play.source.file}.")
    path = folder / "plays" / f"{play_id}.md"
    if path.exists():
        raise BadInput(f"plays/{path.name} is there already.")
    path.parent.mkdir(exist_ok=True)
    path.write_text(text_to_take(play), "utf-8")
    return path


def text_to_take(play: Play) -> str:
    """The file of a base's play as it would stand in a playbook, in the base's place."""
    text = (BASES / play.origin / play.source.file.rpartition(":")[2]).read_text("utf-8")
    return _ID.sub(rf"\g<0>\nreplaces: {play.id}", text, count=1)


def _main(base: str) -> Entry:
    return read_yaml((BASES / base / MAIN).read_text("utf-8"), file=f"{base}:{MAIN}", problems=[])


def _written(trade: str, answers: Answers) -> str:
    """The text of a playbook.yaml. Raises BadInput for an answer that cannot be read."""
    brand = answers.brand.strip()
    if not brand:
        raise BadInput("A playbook needs the name of a brand.")
    slug = re.sub(r"\W+", "", brand.casefold()) or "brand"
    accounts = _accounts(answers.accounts or f"x=@{slug}, facebook={slug}, instagram={slug}")
    reached = _contacts(answers.contacts or f"care@{slug}.example")
    if answers.tone not in TONES:
        raise BadInput(f"The tone {answers.tone!r} is not known here. Choose one of {', '.join(TONES)}.")
    return "\n\n".join(
        (
            f"# The engagement playbook of {brand}. What stands here is added to what tactful ships for the trade\n"
            f"# ({trade}), or takes the place of what is called the same there. `tactful playbook plays` lists every\n"
            "# play and where it comes from; `tactful playbook take PLAY` copies one into plays/ for you to change.\n"
            f"extends: {trade}",
            _table("brand", {"name": brand, "account": next(iter(accounts.values())), **reached.of_brand}),
            _table("voice", {"profile": answers.tone}),
            *_languages(answers.languages),
            _table("channels", _channels(accounts, answers.private_channel, reached.care_email)),
            _hours(answers.hours),
            _table("safe_channels", [reached.safe_channel]),
            "# Who decides when care cannot, and whom a hand-over tells; docs/playbook.md says how to name more.\n"
            + _table("contacts", [{"name": "lead", "role": "decides when care cannot", "reach": reached.lead_email,
                                   "email": reached.lead_email, "answers_within": "1 h"}]),
            _table("escalation", {team: [{"contact": "lead", "after": "0 min", "answers_within": "1 h"}]
                                  for team in ("*", "billing", "safety", "privacy", "legal", "press")}),
        )
    ) + "\n"  # fmt: skip


def _table(name: str, value: Mapping[str, object] | Sequence[object]) -> str:
    """A setting in YAML, a line an entry."""
    if isinstance(value, Mapping):
        lines = [f"  {_key(key)}: {_said(entry)}" for key, entry in value.items()]
    else:
        lines = [f"  - {_said(entry)}" for entry in value]
    return "\n".join([f"{name}:", *lines])


def _said(value: object) -> str:
    """A value on one line: texts as in JSON, which YAML reads as they are."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(key)}: {_said(entry)}" for key, entry in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_said(entry) for entry in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def _key(name: str) -> str:
    return name if re.fullmatch(r"[\w-]+", name) else json.dumps(name)


def _accounts(said: str) -> dict[str, str]:
    accounts = {}
    for part in filter(None, (part.strip() for part in said.split(","))):
        channel, is_given, handle = (piece.strip() for piece in part.partition("="))
        if not is_given or not channel or not handle:
            raise BadInput(f"{part!r} is no account. Write them like `x=@handle, email=care@brand.com`.")
        accounts[channel] = handle if channel == "email" else handle.lstrip("@")
    if not accounts:
        raise BadInput("A playbook needs an account. Write them like `x=@handle, email=care@brand.com`.")
    return accounts


def _channels(accounts: Mapping[str, str], private_channel: str, care_email: str) -> dict[str, dict[str, str]]:
    known = [name for name, _ in _main(SHARED).get("channels").items()]
    unknown = [name for name in accounts if name not in known]
    if unknown:
        raise BadInput(f"There is no channel {unknown[0]!r}. Known are {', '.join(known)}.")
    channels: dict[str, dict[str, str]] = {name: {"account": handle} for name, handle in accounts.items()}
    channels.setdefault("email", {"account": care_email})
    if private_channel != PRIVATE_CHANNEL:
        for name in _PUBLIC:
            channels.setdefault(name, {})["private_channel"] = private_channel
    return channels


@dataclass(frozen=True, slots=True)
class _Reached:
    """How customers reach us, and us whoever decides."""

    care_email: str
    lead_email: str
    phone: str = ""
    form: str = ""

    @property
    def of_brand(self) -> dict[str, str]:
        return {"care_email": self.care_email, **({"phone": self.phone} if self.phone else {})}

    @property
    def safe_channel(self) -> dict[str, str]:
        if self.form:
            return {"name": "form", "say": "our secure contact form", "link": self.form}
        return {"name": "email", "say": "our care mailbox", "link": self.care_email}


def _contacts(said: str) -> _Reached:
    emails, phones, forms = [], [], []
    for part in filter(None, (part.strip() for part in said.split(","))):
        if part.startswith("https://"):
            forms.append(part)
        elif re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", part):
            emails.append(part)
        elif re.fullmatch(r"\+?[\d ()/-]{3,}", part):
            phones.append(part)
        else:
            raise BadInput(f"{part!r} is no e-mail address, telephone number or https link.")
    if not emails:
        raise BadInput("The contacts need an e-mail address that customers can write to.")
    return _Reached(emails[0], emails[-1], *phones[:1] or [""], *forms[:1])


def _hours(said: str) -> str:
    match = _HOURS.fullmatch(said.strip())
    week: dict[str, list[str]] = {}
    for part in match["week"].split(",") if match else ():
        shift = _DAYS.fullmatch(part.strip())
        if shift is None:
            match = None
            break
        week.setdefault(shift["days"], []).append(shift["shift"])
    if match is None:
        raise BadInput(f"{said!r} says no hours. Write them like `Europe/Berlin mon-fri 08:00-20:00, sat 10:00-16:00`.")
    hours = {"zone": match["zone"], "week": week}
    return _table("hours", {"social": hours, "office": hours})


def _languages(said: str) -> list[str]:
    first, *others = [language.strip().lower() for language in said.split(",") if language.strip()] or ["en"]
    if first != "en":
        raise BadInput(
            f"The plays are written in English: {first!r} cannot come first in {said!r}. Write `en, {first}`."
        )
    if not others:
        return []
    care = _main(SHARED).get("teams").get("care").text()
    return [_table("teams", {"care": {"does": care, "languages": others}})]
