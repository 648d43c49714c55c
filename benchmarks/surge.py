"""Planted surges: how soon they are found, and how often there is an alarm without one.

    python -m benchmarks.surge
    python -m benchmarks.surge --real ../shared/data/twitter_support/train.csv

Twelve weeks by minute, foretold from the eight before and those since, at several volumes: the shape of a shop's week,
days that are better or worse, half hours that differ by more than chance. Without surges every minute is looked at;
with them, messages come three times as often from a minute on, drawn anew each time from half hours in which at least
as many come as on average.
--real: the same with the shape of the week of real customers' messages. Writes results/surge.md.
"""

import argparse
import csv
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from benchmarks.machine import RESULTS, heading, percentile, row
from benchmarks.staffing import poisson, shape
from care.forecast import SLOT_MIN, SLOTS, SLOTS_OF_A_DAY, usual_week
from care.surge import CALM_MIN, SEEN_MIN, UsualMinutes, usual_minutes

WEEK_MIN = SLOTS * SLOT_MIN
LEARNT, TRIED = 8, 12
VOLUMES = (10_000, 30_000, 100_000, 300_000)
TIMES = 3


@dataclass(frozen=True)
class Past:
    """counts: by minute of all weeks. usual: by week of those that are tried."""

    counts: list[int]
    usual: list[UsualMinutes]
    shares: Sequence[float]
    volume: int

    def at(self, minute: int) -> tuple[UsualMinutes, list[int], list[int]]:
        """What is usual, and counts and half hours of the minutes up to and with this one."""
        begin = minute + 1 - SEEN_MIN
        slots = [n % WEEK_MIN // SLOT_MIN for n in range(begin, minute + 1)]
        return self.usual[minute // WEEK_MIN - LEARNT], self.counts[begin : minute + 1], slots


def past(shares: Sequence[float], volume: int, dice: random.Random) -> Past:
    counts, weeks, usual = list[int](), list[list[int | None]](), list[UsualMinutes]()
    for number in range(LEARNT + TRIED):
        if number >= LEARNT:
            week = usual_week(weeks)
            assert week is not None
            usual.append(usual_minutes(weeks, week))
        begin = len(counts)
        for slot in range(SLOTS):
            if slot % SLOTS_OF_A_DAY == 0:
                day = math.exp(dice.gauss(0, 0.1))
            rate = volume * shares[slot] * day * dice.gammavariate(50, 1 / 50) / SLOT_MIN
            counts += [poisson(rate, dice) for _ in range(SLOT_MIN)]
        weeks.append([sum(counts[n : n + SLOT_MIN]) for n in range(begin, begin + WEEK_MIN, SLOT_MIN)])
    return Past(counts, usual, shares, volume)


def false_alarms(of: Past) -> int:
    n, minute = 0, LEARNT * WEEK_MIN
    while minute < len(of.counts):
        usual, counts, slots = of.at(minute)
        if usual.evidence(counts, slots).is_enough:
            n += 1
            minute += CALM_MIN
        minute += 1
    return n


def delays(of: Past, n: int, dice: random.Random) -> list[float]:
    """Minutes until each of n surges is found; an hour where it is not."""
    found = []
    while len(found) < n:
        begin = dice.randrange(LEARNT * WEEK_MIN + SEEN_MIN, len(of.counts) - 60)
        if of.shares[begin % WEEK_MIN // SLOT_MIN] < 1 / SLOTS:
            continue
        more = [0] * SEEN_MIN
        for minute in range(60):
            slot = (begin + minute) % WEEK_MIN // SLOT_MIN
            more = [*more[1:], poisson((TIMES - 1) * of.volume * of.shares[slot] / SLOT_MIN, dice)]
            usual, counts, slots = of.at(begin + minute)
            both = [count + extra for count, extra in zip(counts, more, strict=True)]
            if usual.evidence(both, slots).is_enough:
                break
        found.append(float(minute + 1))
    return found


def real_shape(path: Path) -> list[float]:
    """Shares of a week by half hour of what customers wrote; the hours of the file are UTC."""
    counts = [0.5] * SLOTS
    with path.open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            if line["inbound"] == "True":
                at = datetime.strptime(line["created_at"], "%a %b %d %H:%M:%S %z %Y")
                counts[at.weekday() * SLOTS_OF_A_DAY + (at.hour * 60 + at.minute) // SLOT_MIN] += 1
    return [count / sum(counts) for count in counts]


def lines(name: str, shares: Sequence[float], n_surges: int) -> list[str]:
    dice, told = random.Random(7), []
    for volume in VOLUMES:
        made = past(shares, volume, dice)
        found = delays(made, n_surges, dice)
        soon = sum(delay <= 5 for delay in found) / n_surges
        alarms = false_alarms(made) / (TRIED / 2)
        cells = (name, f"{volume:,}", f"{soon:.3f}", percentile(found, 0.5), percentile(found, 0.95), f"{alarms:.2f}")
        told.append(row(*cells))
        print(told[-1], flush=True)
    return told


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("--surges", type=int, default=200)
    asked.add_argument("--real", type=Path)
    given = asked.parse_args()
    names = ("messages a week", "found within 5 min", "half of them, min", "95 %, min", "false alarms in two weeks")
    told = [
        row("shape", *names),
        row("---", "---", "---", "---", "---", "---"),
        *lines("generated", shape(), given.surges),
        *(lines("real customers'", real_shape(given.real), given.surges) if given.real else []),
    ]
    goal = (
        f"Surges of ×{TIMES}, {given.surges} at each volume. Goal: within 5 min ≥ 0.95, false alarms ≤ 1 in two weeks."
    )
    text = f"{heading('Surges')}\n\n{goal}\n\n" + "\n".join(told) + "\n"
    (RESULTS / "surge.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
