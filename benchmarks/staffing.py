"""How well the forecast of arrivals knows what it does not know: coverage of its intervals on generated series.

    python -m benchmarks.staffing --series 40 --weeks 26

Weeks with the shape of a shop's, days that are better or worse than others, a slow trend, and chance on top; volumes
from 200 to 20,000 messages a week. Each week is foretold from those before it. Writes results/staffing.md.
"""

import argparse
import json
import math
import random
import time
from dataclasses import dataclass

from benchmarks.machine import RESULTS, heading, row
from care.forecast import SLOTS, SLOTS_OF_A_DAY, Coverage, UsualWeek, Week, usual_week

VOLUMES = (200, 1_000, 5_000, 20_000)
DAYS = (1.25, 1.1, 1.0, 1.0, 0.95, 0.55, 0.45)


@dataclass(frozen=True)
class Kind:
    """A kind of series. of_a_day: how much days differ beside chance. of_a_week: the trend of a week."""

    name: str
    of_a_day: float
    of_a_week: float


KINDS = (Kind("chance alone", 0.0, 0.0), Kind("days differ", 0.15, 0.0), Kind("days differ, growing", 0.15, 0.02))


def shape() -> list[float]:
    """Shares of a week by half hour: quiet nights, a morning and an evening peak."""
    hours = [n / 2 for n in range(SLOTS_OF_A_DAY)]
    day = [0.08 + math.exp(-(((h - 10.5) / 2.5) ** 2)) + 0.8 * math.exp(-(((h - 19) / 2.8) ** 2)) for h in hours]
    week = [DAYS[slot // SLOTS_OF_A_DAY] * day[slot % SLOTS_OF_A_DAY] for slot in range(SLOTS)]
    total = sum(week)
    return [share / total for share in week]


def poisson(mean: float, dice: random.Random) -> int:
    if mean > 60:
        return max(0, round(dice.gauss(mean, math.sqrt(mean))))
    limit, n, product = math.exp(-mean), 0, dice.random()
    while product > limit:
        n += 1
        product *= dice.random()
    return n


def series(kind: Kind, volume: float, n_weeks: int, dice: random.Random) -> list[Week]:
    shares, weeks = shape(), list[Week]()
    for number in range(n_weeks):
        level = volume * (1 + kind.of_a_week) ** number
        days = [math.exp(dice.gauss(-(kind.of_a_day**2) / 2, kind.of_a_day)) for _ in range(7)]
        weeks.append([poisson(level * shares[s] * days[s // SLOTS_OF_A_DAY], dice) for s in range(SLOTS)])
    return weeks


def foretold(weeks: list[Week], *, first: int) -> Coverage:
    """Every week from the first on, each from those before it alone."""
    n, n_within = 0, 0
    for number in range(first, len(weeks)):
        usual = usual_week(weeks[:number])
        assert isinstance(usual, UsualWeek)
        intervals = [usual.interval(slot) for slot in range(SLOTS)]
        n += SLOTS
        n_within += sum(count in intervals[slot] for slot, count in enumerate(weeks[number]) if count is not None)
    return Coverage(n, n_within)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("--series", type=int, default=3)
    asked.add_argument("--weeks", type=int, default=16)
    asked.add_argument("--first", type=int, default=8, help="weeks that are learnt from before any is foretold")
    given = asked.parse_args()
    dice, began = random.Random(7), time.perf_counter()
    table, all_n, all_within = [], 0, 0
    for kind in KINDS:
        for volume in VOLUMES:
            made = [series(kind, volume, given.weeks, dice) for _ in range(given.series)]
            counted = [foretold(weeks, first=given.first) for weeks in made]
            said = [usual.coverage for weeks in made if (usual := usual_week(weeks))]
            n, within = sum(c.n for c in counted), sum(c.n_within for c in counted)
            all_n, all_within = all_n + n, all_within + within
            printed = sum(c.n_within for c in said) / sum(c.n for c in said)
            table.append(row(kind.name, f"{volume:,}", n, f"{within / n:.3f}", f"{printed:.3f}"))
    lines = [
        row("series", "messages a week", "half hours foretold", "within the interval", "as the page prints it"),
        row("---", "---", "---", "---", "---"),
        *table,
        row("**all**", "", all_n, f"**{all_within / all_n:.3f}**", ""),
    ]
    said_s = f"Goal: 0.90 ± 0.03. {time.perf_counter() - began:.0f} s."
    text = f"{heading('Staffing: coverage of the forecast')}\n\n{said_s}\n\n" + "\n".join(lines) + "\n"
    (RESULTS / "staffing.md").write_text(text, encoding="utf-8")
    print(json.dumps({"coverage": all_within / all_n}), text, sep="\n")


if __name__ == "__main__":
    main()
