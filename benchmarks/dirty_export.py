"""A help desk's export as it really comes, made of our fixtures: what `docs/retraining.md` walks with.

    python -m benchmarks.dirty_export work                       # export.csv, held-out.csv and answers.csv
    python -m benchmarks.dirty_export work --settle 60           # settles the first suspects as a person would

Semicolons and a byte order mark, reasons in several spellings, empty and `N/A` ones, HTML, repeats, contradictions, a
reason with one row, card numbers, and wrong reasons on 5 rows of 100.
"""

import argparse
import csv
import random
from pathlib import Path

MESSAGES = Path(__file__).resolve().parents[1] / "fixtures" / "messages"
REASONS = {
    "delivery_problem": "Delivery",
    "order_status": "Order status",
    "return_refund": "Refund",
    "faulty_goods": "Damaged",
    "billing_problem": "Billing",
    "account_access": "Login",
    "praise": "Praise",
    "price_question": "Price",
    "availability": "Availability",
    "technical_problem": "Technical",
}
FLIPPED, REPEATED, BLANK, HTML, CARDS = 0.05, 0.06, 0.02, 0.04, 0.01
HELD_OUT = 0.3
CARD = "4000056655665556"
Row = tuple[str, str]


def rows_of_ours(n: int, *, seed: int) -> list[Row]:
    """So many messages that open a conversation, with the reason a team of ours would give each."""
    rows = []
    for path in sorted(MESSAGES.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows += [
                (row["text"], REASONS[row["intent"]])
                for row in csv.DictReader(file)
                if row["intent"] in REASONS and not row["thread"]
            ]
    rows = list(dict.fromkeys(rows))
    random.Random(seed).shuffle(rows)
    return rows[:n]


def dirtied(rows: list[Row], *, seed: int) -> tuple[list[Row], list[str]]:
    """The rows as an export has them, and the reason that is right for each."""
    chance = random.Random(seed)
    names = sorted(set(REASONS.values()))
    said: list[Row] = []
    right: list[str] = []

    def add(text: str, reason: str, truth: str) -> None:
        said.append((text, reason))
        right.append(truth)

    for text, reason in rows:
        shown = text
        if chance.random() < HTML:
            shown = f"<div>{text}</div><br>"
        if chance.random() < CARDS:
            shown = f"{text} my card is {CARD}"
        written = chance.choice([reason, reason, reason, reason.lower(), f" {reason} ", reason.upper()])
        if chance.random() < BLANK:
            written = chance.choice(["", "N/A", "none"])
        elif chance.random() < FLIPPED:
            written = chance.choice([name for name in names if name != reason])
        add(shown, written, reason)
        if chance.random() < REPEATED:
            add(shown, written, reason)
    first, second = said[0][0], said[1][0]
    add(first, "Praise" if right[0] != "Praise" else "Price", right[0])
    add(second, "Billing" if right[1] != "Billing" else "Price", right[1])
    add("please delete everything you hold about me", "Privacy", "Privacy")
    add("", "Refund", "Refund")
    return said, right


def write(folder: Path, *, n: int, seed: int) -> None:
    """export.csv as it comes, held-out.csv read with care, and answers.csv, which no team has."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = rows_of_ours(round(n / (1 - HELD_OUT)), seed=seed)
    said, right = dirtied(rows[:n], seed=seed)
    with (folder / "export.csv").open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file, delimiter=";")
        table.writerow(("Ticket ID", "Created", "Body", "Contact reason", "Agent"))
        for at, (text, reason) in enumerate(said):
            table.writerow((10_000 + at, f"2026-{1 + at % 9:02}-{1 + at % 28:02}", text, reason, f"agent {at % 7}"))
    _write(folder / "held-out.csv", ("text", "reason"), rows[n:])
    _write(folder / "answers.csv", ("line", "reason"), [(str(at), reason) for at, reason in enumerate(right, 1)])


def settle(folder: Path, n: int) -> None:
    """Write the right reason beside the first suspects, as who reads them would."""
    with (folder / "answers.csv").open(encoding="utf-8", newline="") as file:
        right = {row["line"]: row["reason"] for row in csv.DictReader(file)}
    with (folder / "suspects.csv").open(encoding="utf-8", newline="") as file:
        suspects = list(csv.DictReader(file))
    for row in suspects[:n]:
        row |= {"right": right[row["line"]], "by": "kim"}
    _write(folder / "suspects.csv", tuple(suspects[0]), [tuple(row.values()) for row in suspects])
    n_wrong = sum(row["label"] != row["right"] for row in suspects[:n])
    print(f"{min(n, len(suspects))} of {len(suspects)} suspects settled: {n_wrong} labels were wrong")


def _write(path: Path, heading: tuple[str, ...], rows: list[tuple[str, ...]] | list[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([heading, *rows])


def main(words: list[str] | None = None) -> None:
    """Make the files, or settle suspects."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--rows", type=int, default=1_800)
    asked.add_argument("--seed", type=int, default=7)
    asked.add_argument("--settle", type=int, default=0)
    given = asked.parse_args(words)
    if given.settle:
        settle(given.folder, given.settle)
    else:
        write(given.folder, n=given.rows, seed=given.seed)


if __name__ == "__main__":
    main()
