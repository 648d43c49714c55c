"""What cannot wait, in words of a hand that the risk heads never read.

    python -m benchmarks.risk [--home .tactful] [--file FILE] [--missed]

FILE: a CSV with `text` and `risk` (kinds joined by +, empty for ordinary messages); ours is `fixtures/risk_unseen.csv`,
written by somebody who read nothing of the project and used for no training and no choice. --missed prints what was not
told of, to the terminal only.
"""

import argparse
import csv
from pathlib import Path

from benchmarks.machine import RESULTS, heading, row
from care.classification import RISKS
from wiring.assemble import Assembly
from wiring.settings import load_settings

UNSEEN = Path(__file__).resolve().parents[1] / "fixtures" / "risk_unseen.csv"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--home", type=Path, default=Path(".tactful"))
    arguments.add_argument("--file", type=Path, default=UNSEEN)
    arguments.add_argument("--missed", action="store_true")
    given = arguments.parse_args()
    with given.file.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    classifier = Assembly(load_settings(home=given.home), threads=2).classifier
    told = [
        frozenset(risk.kind for risk in classification.risk)
        for classification in classifier.classify_many([row["text"] for row in rows])
    ]
    wanted = [frozenset(line["risk"].split("+")) - {""} for line in rows]
    lines = [
        heading("What cannot wait, in an unseen hand"),
        "| kind | messages | told, as this kind | told at all |",
        "|---|---|---|---|",
    ]
    for kind in RISKS:
        of_kind = [kinds_told for kinds_told, kinds in zip(told, wanted, strict=True) if kind in kinds]
        if of_kind:
            lines.append(
                row(
                    kind,
                    len(of_kind),
                    share([kind in kinds_told for kinds_told in of_kind]),
                    share([bool(kinds_told) for kinds_told in of_kind]),
                )
            )
    ordinary = [bool(kinds_told) for kinds_told, kinds in zip(told, wanted, strict=True) if not kinds]
    any_kind = [bool(kinds_told) for kinds_told, kinds in zip(told, wanted, strict=True) if kinds]
    lines += ["", f"Of {len(any_kind)} messages with some risk {share(any_kind)} are told of; "
              f"of {len(ordinary)} ordinary ones {share(ordinary)} are."]  # fmt: skip
    print("\n".join(lines))
    if given.file == UNSEEN:
        (RESULTS / "risk.md").write_text("\n".join(lines) + "\n", "utf-8")
    if given.missed:
        for kinds_told, kinds, text in zip(told, wanted, (row["text"] for row in rows), strict=True):
            if bool(kinds_told) != bool(kinds):
                print(sorted(kinds), sorted(kinds_told), text)


def share(truths: list[bool]) -> str:
    """Of true ones, to three places."""
    return f"{sum(truths) / len(truths):.3f}"


if __name__ == "__main__":
    main()
