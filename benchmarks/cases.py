"""How many of the small inputs that once went wrong are read right now: mails, masks, placeholders, names.

    python -m benchmarks.cases --cases ../shared/cases

Each file holds inputs with the right answer beside them. A mail is right where every word that it must have is in what
`tactful mail read` keeps of it. A mask is right where the kinds that are wanted are found and those forbidden are not.
"""

import argparse
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.machine import RESULTS, ROOT, heading, row
from care.reply import Verdict
from model.sensitive import SensitiveFinder
from model.tone.checker import ToneModel
from playbook.names import given_name
from wiring.mail import read_mail
from wiring.settings import Settings
from wiring.shapes.answers import MailOut

Wrong = Iterator[tuple[str, bool]]
"""Each case by its name, and whether it is right."""


def mails(folder: Path) -> Wrong:
    settings = Settings()
    for case in json.loads((folder / "mail.json").read_text("utf-8")):
        path = folder / case["file"]
        read = MailOut.of_file(case["file"], read_mail(path.read_bytes(), settings)).as_json()
        yield case["file"], is_read_right(case["want"], read)


def is_read_right(want: dict[str, Any], read: dict[str, Any]) -> bool:
    # A mail without a subject of its own is its text alone; a subject is read and shown as the first line.
    words = f"{read['subject'] or ''}\n{read['text']}"
    return (
        ("text" not in want or read["text"].strip() == want["text"])
        and all(want.get(key, "") in words for key in ("contains", "contains_too"))
        and ("not_contains" not in want or want["not_contains"] not in words)
        and ("dropped" not in want or (read["automatic"] is not None) == want["dropped"])
    )


def masks(folder: Path) -> Wrong:
    finder = SensitiveFinder()
    for name in ("redact_round1.json", "redact_round2.json"):
        for case in json.loads((folder / name).read_text("utf-8")):
            kinds = {span.category for span in finder.redact(case["text"]).spans}
            yield case["text"], set(case["want"]) <= kinds and not kinds & set(case["forbid"])


def placeholders(folder: Path) -> Wrong:
    check = ToneModel.rules_only().check
    for texts in json.loads((folder / "placeholders.json").read_text("utf-8")).values():
        for text in texts:
            yield text, check(text, channel="chat").verdict is Verdict.STOP


def names(folder: Path) -> Wrong:
    for case in json.loads((folder / "names.json").read_text("utf-8")):
        name = given_name(case["name"])
        yield case["name"], (f"Hello {name}," if name else "Hello,") in case["want"]


KINDS: dict[str, Callable[[Path], Wrong]] = {
    "mails": mails,
    "masks": masks,
    "placeholders": placeholders,
    "names": names,
}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--cases", type=Path, default=ROOT.parent / "shared" / "cases")
    folder = arguments.parse_args().cases
    lines = [heading("Small inputs that once went wrong"), "| kind | right | of |", "|---|---|---|"]
    for kind, read in KINDS.items():
        judged = list(read(folder))
        lines.append(row(kind, sum(right for _, right in judged), len(judged)))
        for name, right in judged:
            if not right:
                print(f"wrong: {kind}: {name}")
    print("\n".join(lines))
    (RESULTS / "cases.md").write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
