"""Plays real conversations through the running service and says what became of them.

    python benchmarks/replay.py --data PATH/twitter_support/train.csv [--threads 300] [--drafts 20]

The data is not ours: what customers wrote goes to the terminal only, the result keeps figures and our own drafts.
"""

import argparse
import csv
import json
import sqlite3
import sys
import time
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.machine import RESULTS, heading, percentile, row
from benchmarks.running import Service, service
from wiring.channels import signed_inbox_request
from wiring.settings import load_settings

PATIENCE_S = 600
CHANNEL = "x"


def conversations(path: Path, n_threads: int) -> list[list[dict[str, str]]]:
    """The customers' messages of the first n threads, in the order they were written."""
    threads: dict[str, list[dict[str, str]]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            if line["inbound"] == "True":
                threads.setdefault(line["thread"], []).append(line)
    for rows in threads.values():
        rows.sort(key=written_at)
    return list(threads.values())[:n_threads]


def written_at(line: dict[str, str]) -> datetime:
    return datetime.strptime(line["created_at"], "%a %b %d %H:%M:%S %z %Y")


def play(running: Service, threads: list[list[dict[str, str]]]) -> tuple[int, list[float]]:
    """Post every message to the inbox, signed as its channel would sign it.

    Returns how many were kept and how long each took, in ms.
    """
    settings = load_settings(home=running.home)
    kept, taken_ms = 0, []
    with running.api() as api:
        for written in (written for rows in threads for written in rows):
            message = {
                "id": written["tweet_id"],
                "thread_id": written["thread"],
                "text": written["text"],
                "author": {"handle": written["author_id"]},
                "visibility": "public",
                "written_at": written_at(written).isoformat(),
            }
            body = json.dumps(message).encode()
            headers = signed_inbox_request(settings, CHANNEL, body)
            began = time.perf_counter()
            answer = api.post(f"/inbox/{CHANNEL}", content=body, headers=headers)
            taken_ms.append((time.perf_counter() - began) * 1000)
            answer.raise_for_status()
            kept += len(answer.json()["ids"])
    return kept, taken_ms


def cases(running: Service) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = []
    with running.api() as api:
        cursor = None
        while True:
            page = api.get("/v1/messages", params={"limit": 200, **({"cursor": cursor} if cursor else {})}).json()
            listed += page["data"]
            cursor = page.get("next_cursor")
            if not cursor:
                return listed


def wait_until_read(running: Service, n_messages: int) -> float:
    """Wait until every message has its suggestion; seconds it took."""
    began = time.perf_counter()
    while time.perf_counter() - began < PATIENCE_S:
        if sum(case["suggestion"] is not None for case in cases(running)) >= n_messages:
            break
        time.sleep(1)
    return time.perf_counter() - began


def steps(running: Service) -> dict[str, list[float]]:
    """Milliseconds each step took, from the trail the service keeps itself."""
    times: dict[str, list[float]] = {"classify": [], "draft": []}
    with sqlite3.connect(running.home / "tactful.db") as database:
        for (facts,) in database.execute("SELECT facts FROM event WHERE event = 'suggestion.created'"):
            values = json.loads(facts)
            times["classify"].append(values["classify_ms"])
            times["draft"].append(values["draft_ms"])
    return times


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", type=Path, required=True)
    arguments.add_argument("--threads", type=int, default=320)
    arguments.add_argument("--drafts", type=int, default=20)
    given = arguments.parse_args()
    threads = conversations(given.data, given.threads)
    n_messages = sum(len(rows) for rows in threads)
    with service({"TACTFUL_REPLIES__UNDO_S": '{"*": 0}'}) as running:
        began = time.perf_counter()
        kept, taken_ms = play(running, threads)
        wait_until_read(running, n_messages)
        total_s = time.perf_counter() - began
        kept_cases = cases(running)
        step_ms = steps(running)
        memory = running.resident_mb()
    lines = report(threads, kept, taken_ms, kept_cases, step_ms, total_s, memory, given.drafts)
    print("\n".join(lines))
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "replay.md").write_text("\n".join(lines) + "\n", "utf-8")
    show_drafts(kept_cases, given.drafts)


def report(
    threads: list[list[dict[str, str]]],
    kept: int,
    taken_ms: list[float],
    kept_cases: list[dict[str, Any]],
    step_ms: dict[str, list[float]],
    total_s: float,
    memory: dict[str, float],
    n_drafts: int,
) -> list[str]:
    suggested = [case for case in kept_cases if case["suggestion"]]
    drafted = [case for case in suggested if case["suggestion"]["drafts"]]
    actions = Counter(case["suggestion"]["decision"]["action"] for case in suggested)
    plays = Counter(case["suggestion"]["drafts"][0]["play"].partition("@")[0] for case in drafted)
    lines = [
        heading("Real conversations, played through the running service"),
        f"{len(threads)} conversations, {sum(map(len, threads))} customer messages.",
        "",
        "| step | messages | p50 ms | p95 ms |",
        "|---|---|---|---|",
        row("received (HTTP, kept on disk)", kept, percentile(taken_ms, 0.5), percentile(taken_ms, 0.95)),
    ]
    for name, values in step_ms.items():
        lines.append(row(name, len(values), percentile(values, 0.5), percentile(values, 0.95)))
    lines += [
        "",
        f"Every message had its suggestion {total_s:.1f} s after the first was handed in "
        f"({kept / total_s:.0f} a second, one worker). {len(drafted)} of {len(suggested)} have a draft; the others ask "
        "a question or need no answer.",
        "",
        "decisions: " + ", ".join(f"{name} {n}" for name, n in actions.most_common()),
        "",
        "first plays: " + ", ".join(f"{name} {n}" for name, n in plays.most_common(15)),
        "",
        "resident MB: " + ", ".join(f"{name} {size:.0f}" for name, size in sorted(memory.items())),
        "",
        f"Our first {n_drafts} drafts, without what they answer (the data is not ours to print):",
        "",
    ]
    for case in drafted[:n_drafts]:
        draft = case["suggestion"]["drafts"][0]
        lines.append(f"- `{draft['play']}` ({draft['tone']['verdict']}): {' '.join(draft['text'].split())}")
    return lines


def show_drafts(kept_cases: list[dict[str, Any]], n_drafts: int) -> None:
    print("\n--- to read: messages and drafts (terminal only) ---")
    for case in [case for case in kept_cases if case["suggestion"]][:n_drafts]:
        suggestion = case["suggestion"]
        print(f"\n> {case['text']}")
        print(f"  [{suggestion['decision']['action']}]")
        print("  " + (suggestion["drafts"][0]["text"] if suggestion["drafts"] else f"(asks: {suggestion['asks']})"))


if __name__ == "__main__":
    main()
