"""A playbook laid over a base: what stands below, and how the names above take the place of those below.

A base ships with tactful, as a folder in `playbook/bases` that is a playbook itself. `extends: base` names it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from care.errors import BadPlaybook, Problem
from playbook.plays import Play, Vocabulary, read_play, split_front_matter
from playbook.signatures import without_signed
from playbook.source import Entry, read_yaml

BASES = Path(__file__).with_name("bases")
MAIN = "playbook.yaml"
_WITHIN = 2
"""Tables inside a setting are laid over each other down to this depth; what is deeper is replaced whole."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One folder of a playbook, read. name: of the base; "" for the playbook itself.

    texts: its files by the name that problems give them, such as `base:plays/hello.md`.
    """

    name: str
    texts: Mapping[str, str]
    root: Entry

    @property
    def without(self) -> Entry:
        """The plays of the layers below that are switched off."""
        return self.root.get("without")


def read_layers(folder: Path, problems: list[Problem]) -> tuple[Layer, ...]:
    """The playbook in a folder and every base below it, the playbook first.

    Raises BadPlaybook when a file cannot be read, a base is not there, or bases extend each other in a circle.
    """
    layers = [_layer(folder, "", problems)]
    while extended := layers[-1].root.get("extends").text():
        if extended not in bases():
            layers[-1].root.get("extends").wrong(f"there is no base {extended!r}", f"one of {', '.join(bases())}")
        elif any(layer.name == extended for layer in layers):
            circle = " -> ".join([*(layer.name for layer in layers if layer.name), extended])
            layers[-1].root.get("extends").wrong(f"{circle} is a circle", "a base extends none that extends it")
        if problems:
            raise BadPlaybook(problems)
        layers.append(_layer(BASES / extended, extended, problems))
    return tuple(layers)


def bases() -> tuple[str, ...]:
    """The names of the bases that ship with tactful."""
    return tuple(sorted(path.name for path in BASES.iterdir() if (path / MAIN).is_file()))


def laid_over(above: Entry, below: Entry, *, depth: int = 0) -> Entry:
    """One table of settings from two: names of `above` take the place of those of `below`, the others are added.

    A name without a value takes the one below away. Rows that have a `name` are replaced by it; new ones come first.
    """
    if isinstance(above.value, dict) and isinstance(below.value, dict) and depth <= _WITHIN:
        table = dict(below.value)
        for key, entry in above.value.items():
            known = below.value.get(key)
            if known is None:
                table[key] = entry
            elif entry.value is None:
                del table[key]
            else:
                table[key] = laid_over(entry, known, depth=depth + 1)
        return _like(above, table)
    if (named := _by_name(above)) is not None and (rows := _by_name(below)) is not None:
        new = [row for name, row in named.items() if name not in rows]
        return _like(above, [*new, *(named.get(name, row) for name, row in rows.items())])
    return above


def plays_in(layers: Sequence[Layer], vocabulary: Vocabulary) -> tuple[Play, ...]:
    """The plays of every layer but those that one above replaces or switches off; what names none is a problem."""
    kept: dict[str, Play] = {}
    for layer in reversed(layers):
        plays = list(_plays_of(layer, vocabulary))
        gone = {name for entry, names in _takes_away(layer, plays) for name in names if _is_below(entry, name, kept)}
        kept = {play_id: play for play_id, play in kept.items() if play_id not in gone}
        for entry, play in plays:
            if play.id in kept:
                fix = f"say `replaces: {play.id}` to take its place" if kept[play.id].origin != play.origin else ""
                entry.get("id").wrong(f"{play.id!r} is already the id of {kept[play.id].source.file}", fix)
            kept.setdefault(play.id, play)
    return tuple(kept.values())


def _takes_away(layer: Layer, plays: Iterable[tuple[Entry, Play]]) -> Iterator[tuple[Entry, tuple[str, ...]]]:
    yield layer.without, layer.without.texts()
    for entry, _ in plays:
        yield entry.get("replaces"), entry.get("replaces").texts()


def _is_below(entry: Entry, name: str, kept: Mapping[str, Play]) -> bool:
    if name not in kept:
        entry.wrong(f"{name!r} is no play of a base", "`tactful playbook plays` lists them")
    return name in kept


def _plays_of(layer: Layer, vocabulary: Vocabulary) -> Iterator[tuple[Entry, Play]]:
    for name, text in layer.texts.items():
        if not name.endswith(".md"):
            continue
        parts = split_front_matter(text)
        if parts is None:
            Entry(name, "", 1, None, layer.root.problems).wrong("has no front matter", "begin the file with `---`")
            continue
        front, body, body_line = parts
        entry = read_yaml(front, file=name, problems=layer.root.problems, first_line=2)
        # Who approves a play changes none of its words: drafts name the same text as before.
        raw = text if not entry.has("signed") else f"---\n{without_signed(front)}\n---\n{body}"
        play = read_play(entry, body, body_line=body_line, vocabulary=vocabulary, raw=raw)
        if play is not None:
            yield entry, play


def _by_name(entry: Entry) -> dict[str, Entry] | None:
    """The rows of a list by their names; None where one has none, or two have the same."""
    if not isinstance(entry.value, list) or not all(isinstance(row.value, dict) for row in entry.value):
        return None
    named = {str(row.get("name").value): row for row in entry.value if row.get("name").value is not None}
    return named if len(named) == len(entry.value) else None


def _like(entry: Entry, value: object) -> Entry:
    return Entry(entry.file, entry.path, entry.line, value, entry.problems)


def _layer(folder: Path, name: str, problems: list[Problem]) -> Layer:
    texts = _texts(folder, name, problems)
    file = f"{name}:{MAIN}" if name else MAIN
    main = texts.get(file)
    if main is None:
        raise BadPlaybook(problems or [Problem(str(folder), f"has no {MAIN}", "see docs/playbook.md")])
    root = read_yaml(main, file=file, problems=problems)
    if problems:
        raise BadPlaybook(problems)
    return Layer(name, texts, root)


def _texts(folder: Path, name: str, problems: list[Problem]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for path in (folder / MAIN, *sorted((folder / "plays").glob("*.md"))):
        file = path.relative_to(folder).as_posix()
        file = f"{name}:{file}" if name else file
        try:
            texts[file] = path.read_text("utf-8")
        except FileNotFoundError:
            continue
        except (OSError, UnicodeDecodeError) as error:
            problems.append(Problem(file, f"cannot be read: {type(error).__name__}", "save it as UTF-8 text"))
    return texts
