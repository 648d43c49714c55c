"""What README.md and docs/ name is there: files, code, `make` words, commands with their options, variables."""

import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import typer
from typer.core import TyperCommand, TyperGroup

from care.events import EventType
from cli.main import app
from tests.house.test_hidden_arrows import names
from tests.house.test_plan import FILES, MAY_IMPORT
from wiring.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
ROOMS = set(MAY_IMPORT)
FOLDERS = ROOMS | {"docs", "fixtures", "tests", "benchmarks", "clients"}
SETTINGS = set(names(Settings))
TACTFUL = typer.main.get_command(app)

# What stands for something of the reader's: `channels/<name>.py`, `$OUT/a.csv`, `fixtures/*.csv`.
BLANK = re.compile(r"[<{*$…]")
DOTTED = re.compile(r"[a-z_]+(\.[A-Za-z_]+)+")
WORD = re.compile(r"[\w-]+")


def docs() -> list[Path]:
    """README.md and every page of docs/ but for decisions that another one has taken the place of."""
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return [page for page in pages if not re.search(r"^Status: superseded", page.read_text("utf-8"), re.MULTILINE)]


def code_of(text: str) -> Iterator[str]:
    """Code between back quotes, and each line of shell without its comment."""
    blocks = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
    for kind, block in blocks.findall(text):
        if kind == "sh":
            for line in block.replace("\\\n", " ").splitlines():
                code, _, comment = line.partition("  #")
                yield from (code, *re.findall(r"(?<=or: ).+", comment))
    yield from re.findall(r"`([^`\n]+)`", blocks.sub("", text))


def linked(text: str) -> list[str]:
    return [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if not re.match(r"[a-z]+:", link)]


@cache
def anchors(page: Path) -> set[str]:
    """What a link to a heading of a page ends with."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@cache
def sources(name: str) -> list[Path]:
    return [path for folder in FOLDERS for path in (ROOT / folder).rglob(name)]


@cache
def variables() -> set[str]:
    """The settings as the environment names them, and what the code asks the environment for beside them."""
    asked = re.compile(r"environ\S*[\[(]\"(TACTFUL_[A-Z_]+)")
    others = {name for path in FILES for name in asked.findall(path.read_text("utf-8"))}
    return others | {f"TACTFUL_{name.upper().replace('.', '__')}" for name in SETTINGS}


def missing_path(path: str) -> list[str]:
    """Files of ours in a word: `care/journey.py`, `benchmarks/knowledge.py`, `beside.py`."""
    if BLANK.search(path) or "://" in path:
        return []
    if path.split("/")[0] in FOLDERS and "/" in path:
        return [] if (ROOT / path).exists() else [f"no file {path}"]
    if re.fullmatch(r"[\w/]+\.py", path):
        return [] if any(str(file).endswith(f"/{path}") for file in sources(Path(path).name)) else [f"no file {path}"]
    return []


def missing_name(dotted: str) -> list[str]:
    """A name in our code, `care.case.standing`; or else a setting, `model.bundle`, an event or a file."""
    room, *rest = dotted.split(".")
    if room not in ROOMS or dotted in SETTINGS or dotted in set(EventType) or sources(dotted):
        return []
    for n in range(len(rest), 0, -1):
        module = ROOT.joinpath(room, *rest[:n])
        file = module.with_suffix(".py") if module.with_suffix(".py").exists() else module / "__init__.py"
        if file.exists():
            defined = file.read_text("utf-8")
            return [
                f"no {dotted}" for name in rest[n:] if not re.search(rf"(class|def) {name}\b|\b{name}\b.*[:=]", defined)
            ]
    return [f"no {dotted}"]


def missing_make_words(words: list[str]) -> list[str]:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    return [f"no make {word}" for word in words if re.fullmatch(r"[a-z-]+", word) and word not in targets]


def missing_variables(text: str) -> list[str]:
    """Variables of a page that neither we nor its own lines of shell (`$TACTFUL_API_KEY`) read."""
    read = variables() | set(re.findall(r"\$\{?(TACTFUL_[A-Z_]+)", text))
    return [f"no variable {name}" for name in sorted(set(re.findall(r"\bTACTFUL_[A-Z_]*[A-Z]\b", text)) - read)]


def options_of(command: TyperCommand | TyperGroup) -> set[str]:
    return {"-h", "--help"} | {option for given in command.params for option in (*given.opts, *given.secondary_opts)}


@cache
def every_option() -> set[str]:
    def walk(command: TyperCommand | TyperGroup) -> Iterator[str]:
        yield from options_of(command)
        if isinstance(command, TyperGroup):
            for inner in command.commands.values():
                yield from walk(inner)

    return set(walk(TACTFUL))


def missing_command(words: list[str]) -> list[str]:
    """What of `tactful` with these words after it is not there: its commands in turn, then options of the last."""
    command, called = TACTFUL, ["tactful"]
    while words and isinstance(command, TyperGroup) and WORD.fullmatch(words[0]):
        called.append(words[0])
        if words[0] not in command.commands:
            return [f"no command {' '.join(called)}"]
        command, words = command.commands[words[0]], words[1:]
    given = [word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)]
    return [f"no option {option} of {' '.join(called)}" for option in given if option not in options_of(command)]


def missing_in(code: str) -> Iterator[str]:
    """What is named in one piece of code, and is not there."""
    try:
        words = shlex.split(code, comments=False)
    except ValueError:  # a piece of prose or JSON
        return
    for part in " ".join(shlex.quote(word) for word in words).split(" '|' "):
        yield from missing_in_command([word.rstrip(";") for word in shlex.split(part)])


def missing_in_command(words: list[str]) -> Iterator[str]:
    words = [word for word in words if not re.match(r"[A-Z_]+=", word)]
    match words:
        case ["make", *rest]:
            yield from missing_make_words(rest)
        case ["tactful" | ".venv/bin/tactful", *rest]:
            yield from missing_command(rest)
        case [name, option, *_] if name in TACTFUL.commands and option.startswith("--"):
            yield from missing_command(words)
        case [file, option, *_] if option.startswith("--") and file.endswith(".py") and (ROOT / file).exists():
            if f'"{option}"' not in (ROOT / file).read_text("utf-8"):
                yield f"no option {option} of {file}"
        case [option, *_] if re.match(r"--[a-z]", option):
            yield from (f"no option {option}" for _ in range(option not in every_option()))
    for word in words:
        yield from missing_path(word)
        if DOTTED.fullmatch(word):
            yield from missing_name(word)


def missing_links(page: Path) -> Iterator[str]:
    for link in linked(page.read_text("utf-8")):
        path, _, heading = link.partition("#")
        target = page.parent / path if path else page
        if not target.exists():
            yield f"no file {link}"
        elif heading and heading not in anchors(target):
            yield f"no heading {link}"


@pytest.mark.parametrize("page", docs(), ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_names_is_there(page: Path) -> None:
    text = page.read_text("utf-8")
    missing = [problem for code in code_of(text) for problem in missing_in(code)]

    assert [*missing, *missing_variables(text), *missing_links(page)] == []


@pytest.mark.parametrize(
    "code",
    [
        "care/split.py",
        "batching_of.py",
        "care.case.standing_up",
        "make run everything",
        "tactful sing",
        "tactful playbook sing",
        "tactful draft --loudly",
        "tactful redact a.csv | tactful train --loudly",
        "train --loudly",
        "--loudly",
        "benchmarks/knowledge.py --loudly",
        "TACTFUL_SERVER__DOOR=1 tactful up",
    ],
)
def test_a_planted_name_of_nothing_is_seen(code: str) -> None:
    assert [*missing_in(code), *missing_variables(code)] != []


def test_lines_of_shell_are_read_with_what_their_comments_offer() -> None:
    page = "```sh\nmake run  # or: tactful sing\ntactful train a.csv \\\n  --loudly\n```\n"

    assert [problem for code in code_of(page) for problem in missing_in(code)] == [
        "no command tactful sing",
        "no option --loudly of tactful train",
    ]


def test_the_glossary_has_each_word_once_in_order() -> None:
    lines = (ROOT / "docs" / "glossary.md").read_text("utf-8").splitlines()
    words = [line.split("|")[1].strip() for line in lines if line.startswith("| ")]

    assert words[0] == "word"
    assert words[1:] == sorted(set(words[1:]))
