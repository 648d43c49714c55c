"""`tactful score`: every row of a history once, whoever is killed meanwhile."""

import csv
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from typer.testing import CliRunner, Result

from cli.main import app
from tests.model.tiny import tiny_folder
from wiring.embedded import queue_server
from wiring.settings import load_settings
from wiring.tables.reading import open_table
from workers.scoring import over_rq
from workers.scoring.plan import HowToScore, begin, make_plan

ROOT = Path(__file__).parents[2]
SAID = (
    "where is my lamp parcel",
    "refund the chair please",
    "cannot log in to my app, I am jane@example.org",
    "qwertz",
)


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "h").mkdir(mode=0o700)
    monkeypatch.setenv("TACTFUL_HOME", str(tmp_path / "h"))
    monkeypatch.setenv("TACTFUL_MODEL__ENCODER", "none")


@pytest.fixture
def _signals() -> Iterator[None]:
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def history(path: Path, n_rows: int) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("id", "text"))
        writer.writerows((f"m{n}", SAID[n % len(SAID)]) for n in range(n_rows))
    return path


def score(*words: object) -> Result:
    return CliRunner().invoke(app, ["score", *map(str, words), "--workers", "1", "--bundle", str(tiny_folder())])


def scores(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for path in sorted(folder.glob("part-*")) for line in path.read_text().splitlines()]


def test_every_row_of_every_file_is_scored_once_and_in_order(tmp_path: Path) -> None:
    first, second = history(tmp_path / "a.csv", 7), tmp_path / "b.jsonl"
    second.write_text('{"subject": "where is my parcel", "text": "please help"}\n', "utf-8")

    ran = score(first, second, "-o", tmp_path / "out", "--shard-rows", 3)

    assert ran.exit_code == 0, ran.output
    rows = scores(tmp_path / "out")
    assert [(row["file"], row["line"], row.get("input_id")) for row in rows] == [
        *[("a.csv", n + 2, f"m{n}") for n in range(7)],
        ("b.jsonl", 1, None),
    ]
    assert rows[0]["intent"]["label"] == "parcel"
    assert rows[-1]["redacted_text"] == "where is my parcel\nplease help"
    assert "jane@" not in json.dumps(rows)
    assert len(list((tmp_path / "out").glob("part-*"))) == 4


@pytest.mark.parametrize("format", ["csv", "parquet"])
def test_scores_can_be_a_table(tmp_path: Path, format: str) -> None:
    ran = score(history(tmp_path / "a.csv", 4), "-o", tmp_path / "out", "--format", format, "--task", "intent")

    assert ran.exit_code == 0, ran.output
    table = open_table(tmp_path / "out" / f"part-000000.{format}", needs=("input_id", "intent", "sensitive"))
    rows = [(row["input_id"], row["intent"], row["sensitive"]) for row in table]
    assert rows[1] == ("m1", "refund", "")
    assert rows[2][2] == "email"
    assert len(rows) == 4
    assert "urgency" not in table.source.columns


def test_a_finished_run_is_not_done_again(tmp_path: Path) -> None:
    words = (history(tmp_path / "a.csv", 5), "-o", tmp_path / "out", "--shard-rows", 2)
    score(*words)
    before = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "out").iterdir()}

    assert score(*words).exit_code == 0
    assert {path.name: path.stat().st_mtime_ns for path in (tmp_path / "out").iterdir()} == before


@pytest.mark.parametrize("change", ["another row", "another option", "a strange folder"])
def test_scores_of_two_runs_are_never_mixed(tmp_path: Path, change: str) -> None:
    file, out = history(tmp_path / "a.csv", 5), tmp_path / "out"
    if change == "a strange folder":
        out.mkdir()
        (out / "thesis.txt").write_text("mine")
        ran = score(file, "-o", out)
    else:
        score(file, "-o", out)
        history(file, 5 + (change == "another row"))
        ran = score(file, "-o", out, *(["--task", "intent"] if change == "another option" else []))

    assert ran.exit_code == 1
    assert "Name another folder" in str(ran.exception)


def test_a_row_that_is_no_text_is_named_before_anything_is_scored(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text('{"text": "hello"}\n{"text": ["no"]}\n', "utf-8")

    ran = score(file, "-o", tmp_path / "out")

    assert ran.exit_code == 1
    assert "a.jsonl:2" in str(ran.exception)
    assert not (tmp_path / "out").exists()


def test_a_run_goes_on_where_it_was_when_its_processes_are_killed(tmp_path: Path) -> None:
    file, out = history(tmp_path / "a.csv", 4000), tmp_path / "out"
    words = ["score", str(file), "-o", str(out), "--shard-rows", "20", "--workers", "2"]
    command = [sys.executable, "-m", "cli.main", *words, "--bundle", str(tiny_folder()), "--quiet"]
    running = subprocess.Popen(command, cwd=ROOT)

    _wait_for(lambda: len(list(out.glob("part-*"))) >= 2)
    [victim, other] = _children(running.pid)
    os.kill(victim, signal.SIGKILL)
    _wait_for(lambda: len(set(_children(running.pid)) - {victim}) == 2)
    running.kill()
    running.wait()
    _wait_for(lambda: not Path(f"/proc/{other}").exists())
    n_done = len(list(out.glob("part-*")))

    assert 0 < n_done < 200
    ended = score(file, "-o", out, "--shard-rows", 20)
    assert ended.exit_code == 0, ended.output
    assert [row["input_id"] for row in scores(out)] == [f"m{n}" for n in range(4000)]
    assert not list(out.glob(".part-*"))


@pytest.mark.usefixtures("_signals")
def test_workers_of_the_queue_score_what_was_lost_again(tmp_path: Path) -> None:
    settings = load_settings(redis={"url": "embedded"})
    file, out = history(tmp_path / "a.csv", 60), tmp_path / "out"
    plan, _ = make_plan([file], HowToScore(shard_rows=10, bundle=str(tiny_folder())), settings)
    begin(plan, out)

    with queue_server(settings) as url:
        connection = Redis.from_url(url)
        over_rq._ring(over_rq.queue_of(plan, connection), plan.shards()[:3], over_rq.Counter(), plan)
        # Whoever took these died, and who else writes to the queue cannot have anything else done.
        connection.delete(over_rq.queue_of(plan, connection).key)
        handing = threading.Thread(
            target=over_rq.hand_out, args=(plan, out, connection), kwargs={"tell": lambda _: None, "patience_s": 0.1}
        )
        handing.start()
        over_rq.join(out, settings)
        handing.join()
        connection.close()

    assert [row["input_id"] for row in scores(out)] == [f"m{n}" for n in range(60)]


def test_a_host_with_other_bundles_takes_no_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan, _ = make_plan([history(tmp_path / "a.csv", 3)], HowToScore(bundle=str(tiny_folder())), load_settings())
    begin(plan, tmp_path / "out")
    monkeypatch.setenv("TACTFUL_MODEL__PRECISION", '{"intent": 0.9}')

    ran = CliRunner().invoke(app, ["score", "--join", str(tmp_path / "out")])

    assert ran.exit_code == 1
    assert "bring the same bundles here" in str(ran.exception)


def test_a_cluster_scores_every_row_once(tmp_path: Path) -> None:
    words = ["score", str(history(tmp_path / "a.csv", 60)), "-o", str(tmp_path / "out"), "--shard-rows", "10"]
    command = [sys.executable, "-m", "cli.main", *words, "--bundle", str(tiny_folder())]

    ran = subprocess.run(
        [*command, "--engine", "dask", "--workers", "1"], cwd=ROOT, capture_output=True, text=True, timeout=120
    )

    assert ran.returncode == 0, ran.stderr
    assert [row["input_id"] for row in scores(tmp_path / "out")] == [f"m{n}" for n in range(60)]


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _wait_for(is_so: Any) -> None:
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)
