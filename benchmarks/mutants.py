"""Which small faults the tests of a room notice: a random sample of mutants, and those that survive as diffs.

    python -m benchmarks.mutants channels [--count 60] [--seed 1] [--tests tests/channels/test_mail.py ...]

`make mutants ROOM=channels COUNT=60` installs mutmut and calls this; ROOM may name several folders and files, between
quotes. What it found stands in benchmarks/results/mutants.md. The working tree is copied to `build/mutants/`,
where mutmut writes its mutants; the repository itself is not touched. mutmut runs the tests of the room once to learn
which test calls which function, and then only those for each mutant. What the type checker
refuses does not count: no test has to notice it.
"""

import argparse
import ast
import json
import os
import random
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from benchmarks.machine import ROOT, heading, row
from tests.house.test_plan import MAY_IMPORT

KILLED = {1: "killed", 3: "killed", 37: "refused by mypy", 36: "killed (ran too long)", -24: "killed (ran too long)"}
SURVIVED = {0: "survived", 33: "no test calls it"}
CONFIG = """
[tool.mutmut]
source_paths = {rooms}
only_mutate = {files}
also_copy = {others}
pytest_add_cli_args = ["-n0", "-m", "not browser"]
pytest_add_cli_args_test_selection = {tests}
process_isolation = "forkserver"
log_to_file = true
timeout_multiplier = 4.0
timeout_constant = 60.0
use_git_change_detection = false
type_check_command = ["mypy", "--output", "json", "--disable-error-code", "unused-ignore", "--cache-dir", "../../types"]
"""


def tracked() -> list[str]:
    """Every file of the working tree that git knows or would add, from the root."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def files_of(rooms: list[str], names: list[str]) -> list[str]:
    """The Python files of rooms, each a folder or one file. Raises SystemExit where one of them has none."""
    files: dict[str, None] = {}
    for room in rooms:
        of_room = [name for name in names if name == room or name.startswith(f"{room}/")]
        python = [name for name in of_room if name.endswith(".py") and not name.startswith("store/migrations/")]
        if not python:
            sys.exit(
                f"ROOM={room} has no Python file. "
                "Name folders or files from the root, such as channels or api/access.py."
            )
        files |= dict.fromkeys(python)
    return list(files)


def modules_imported(source: str) -> Iterator[str]:
    """`a.b` of every `import a.b` and `from a.b import c`, and `a.b.c` too."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def tests_of(files: list[str], names: list[str]) -> list[str]:
    """The test files that can notice: the folder of the room's name, the contracts, and who imports a mutated file.

    Not those that start processes: mutmut does not see there which test calls what.
    """
    modules = {name.removesuffix(".py").replace("/", ".") for name in files}
    folders = ("tests/contracts/", *{f"tests/{name.split('/')[0]}/" for name in files})
    tests = {name for name in names if name.startswith("tests/") and Path(name).name.startswith("test_")}
    imported = {name: set(modules_imported((ROOT / name).read_text("utf-8"))) for name in sorted(tests)}
    return [
        name
        for name, theirs in imported.items()
        if not name.startswith("tests/house/")
        and not theirs & {"subprocess", "multiprocessing"}
        and (name.startswith(folders) or modules & theirs)
    ]


def copied(names: list[str], folder: Path) -> None:
    """The files in a new folder of their own."""
    shutil.rmtree(folder, ignore_errors=True)
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name)


def mutants_of(files: list[str]) -> list[str]:
    """The names of all mutants that mutmut makes of these files; the working directory holds them."""
    from mutmut.mutation.file_mutation import mutate_file_contents
    from mutmut.utils.format_utils import get_mutant_name

    return [
        get_mutant_name(Path(name), mutant)
        for name in files
        for mutant in mutate_file_contents(name, Path(name).read_text("utf-8")).mutant_names
    ]


def verdicts(files: list[str], sample: list[str]) -> dict[str, str]:
    """What became of each mutant of the sample, as mutmut wrote it down."""
    codes: dict[str, int | None] = {}
    for name in files:
        codes |= json.loads(Path("mutants", f"{name}.meta").read_text("utf-8"))["exit_code_by_key"]
    return {mutant: {**KILLED, **SURVIVED}.get(codes[mutant], f"exit code {codes[mutant]}") for mutant in sample}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("rooms", nargs="+", help="folders or files from the root")
    arguments.add_argument("--count", type=int, default=60, help="how many mutants, drawn at random; 0 for all")
    arguments.add_argument(
        "--tests", nargs="*", default=[], help="only these test files, in place of all that can notice"
    )
    arguments.add_argument("--seed", type=int, default=None, help="draws the same sample again")
    given = arguments.parse_args()
    seed = given.seed if given.seed is not None else random.randrange(10_000)

    names = tracked()
    rooms = [room.strip("/") for room in given.rooms]
    files = files_of(rooms, names)
    folder = ROOT / "build" / "mutants" / "+".join(rooms).replace("/", "-")[:100]
    copied(names, folder)
    # Made first: Python forgets a folder of PYTHONPATH that is not there when it starts.
    (folder / "mutants").mkdir()
    os.chdir(folder)
    configure(files, given.tests, names)
    everything = mutants_of(files)
    n = min(given.count or len(everything), len(everything))
    sample = sorted(random.Random(seed).sample(everything, n))
    mutated = [name for name in files if any(is_in(mutant, name) for mutant in sample)]
    configure(mutated, given.tests or tests_of(mutated, names), names)
    run(sample, folder)
    report(", ".join(rooms), seed, len(everything), verdicts(mutated, sample))


def run(sample: list[str], folder: Path) -> None:
    """Have mutmut look at each mutant of the sample, one process at a time. Raises SystemExit where a test fails."""
    programs = Path(sys.executable).parent
    path = {"PYTHONPATH": str(folder / "mutants"), "PATH": f"{programs}:{os.environ['PATH']}"}
    ran = subprocess.run(
        [programs / "mutmut", "run", "--max-children", "1", *sample], env={**os.environ, **path}, check=False
    )
    if ran.returncode != 0:
        sys.exit("mutmut stopped: what it says is above. Without mutants, every test of the room must pass.")


def is_in(mutant: str, name: str) -> bool:
    """Whether a mutant, by its name, is one of this file."""
    return mutant.rpartition(".")[0] == name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def configure(files: list[str], tests: list[str], names: list[str]) -> None:
    """Write mutmut's section into the copy of pyproject.toml in the working directory."""
    others = sorted({name.split("/")[0] for name in names} - set(MAY_IMPORT) - {"pyproject.toml", "tests"})
    section = CONFIG.format(rooms=sorted(MAY_IMPORT), files=files, others=others, tests=tests)
    Path("pyproject.toml").write_text((ROOT / "pyproject.toml").read_text("utf-8") + section, "utf-8")


def report(room: str, seed: int, n_mutants: int, found: dict[str, str]) -> None:
    """Print the count of each verdict, the share that was noticed, and each survivor as a diff."""
    from mutmut.mutation.diff_apply import get_diff_for_mutant

    counts = Counter(found.values())
    refused = counts[KILLED[37]]
    killed = sum(counts[verdict] for verdict in set(KILLED.values())) - refused
    print(f"\n{heading(f'Mutants of {room}')}\n{len(found)} of {n_mutants} mutants, seed {seed}\n")
    print(f"{row('verdict', 'mutants')}\n|---|---|")
    for verdict, n in counts.most_common():
        print(row(verdict, n))
    left = len(found) - refused
    print(f"\nKilled by tests, of those that mypy lets pass: {killed} of {left} ({killed / max(left, 1):.0%})\n")
    for mutant, verdict in found.items():
        if verdict not in KILLED.values():
            print(f"## {verdict}: {mutant}\n\n{get_diff_for_mutant(mutant)}\n")


if __name__ == "__main__":
    main()
