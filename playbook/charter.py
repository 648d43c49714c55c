"""What a playbook says of the team itself, for the written plan: who answers for it, what each channel is for."""

from collections.abc import Iterator

from care.plan import Charter, PlanLine
from playbook.source import Entry

_WITHIN = 2
"""Tables inside a setting whose places are known, down to this depth."""


def read_charter(root: Entry) -> Charter:
    """Read `plan:`, and what the other settings say of the team. Names that nobody has become problems."""
    said = root.get("plan").only("accountable", "checked")
    contacts = tuple(row.get("name").text() for row in root.get("contacts").rows())
    teams = tuple(name for name, _ in root.need("teams").items())
    channels = [(name, entry) for name, entry in root.need("channels").items() if name != "*"]
    return Charter(
        brand=root.need("brand").get("name").text(),
        accountable=said.get("accountable").one_of(contacts),
        checked=said.get("checked").day(),
        purposes={name: entry.get("purpose").text() for name, entry in channels if entry.has("purpose")},
        staffed_by={
            name: tuple(sorted(entry.get("staffed_by").some_of(teams)))
            for name, entry in channels
            if entry.has("staffed_by")
        },
        quoted={"voice": tuple(_voice(root)), "public": tuple(_public(root)), "measures": tuple(_goals(root))},
        places=dict(_places(root)),
    )


def _voice(root: Entry) -> Iterator[PlanLine]:
    brand, voice = root.need("brand"), root.need("voice")
    for entry, says in (
        (brand.get("name"), "{}"),
        (brand.get("about"), "{}"),
        (brand.get("account"), "The care account: {}"),
        (brand.get("care_email"), "By e-mail: {}"),
        (brand.get("phone"), "By phone: {}"),
        (voice.get("profile"), "Voice: {}"),
        (voice.get("language"), "Language: {}"),
        (voice.get("emoji"), "Emoji: {}"),
    ):
        yield from _quoted(entry, says)


def _public(root: Entry) -> Iterator[PlanLine]:
    yield from _quoted(root.need("voice").get("forbidden"), "Never said: {}")
    for row in root.get("safe_channels").rows():
        yield from _quoted(row.get("say"), "What nobody else may read is said by {}")


def _goals(root: Entry) -> Iterator[PlanLine]:
    for name, entry in root.get("goals").items():
        owner = f" ({entry.get('owner').text()})" if entry.has("owner") else ""
        yield from _quoted(entry.get("target"), f"{name.replace('_', ' ').capitalize()}: {{}}{owner}")


def _quoted(entry: Entry, says: str) -> Iterator[PlanLine]:
    """One line where something stands, in our words around it."""
    if entry.value is not None and (words := ", ".join(entry.texts())):
        yield PlanLine(says.format(words), f"{entry.file}:{entry.line} {entry.path}")


def _places(entry: Entry, key: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """By key such as `windows.urgent`, or `contacts.shift lead` for a row with a name, the file and line."""
    if key:
        yield key, f"{entry.file}:{entry.line}"
    if depth > _WITHIN:
        return
    if isinstance(entry.value, dict):
        inner = list(entry.value.items())
    elif isinstance(entry.value, list):
        inner = [(str(row.get("name").value), row) for row in entry.value if row.has("name")]
    else:
        return
    for name, value in inner:
        yield from _places(value, f"{key}.{name}" if key else name, depth + 1)
