"""The gate on decisions and plays: the golden messages, with the labels that people gave them."""

import csv
import statistics
from collections import Counter

from care.classification import Candidate, Classification, Judgement, Risk
from care.message import Author, Message, Visibility
from care.preparing import Prepared
from model.sensitive import SensitiveFinder
from tests.playbook.builders import FOLDER, MONDAY, drafter, the_book

GOLDEN = FOLDER.parent / "golden.csv"
HEADS = ("intent", "sentiment", "urgency", "act", "stance", "addressed")
GOLDEN_PLAYS = FOLDER.parent / "golden_plays.csv"


def proposals() -> list[tuple[dict[str, str], list[str], Prepared]]:
    with GOLDEN_PLAYS.open(encoding="utf-8", newline="") as file:
        plays = {row["id"]: row["plays"].split() for row in csv.DictReader(file)}
    finder, desk, found = SensitiveFinder(), drafter(), []
    with GOLDEN.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            redaction = finder.redact(row["text"])
            message = Message(
                row["id"], row["channel"], row["id"], row["id"], Author("somebody"), redaction.text,
                Visibility(row["visibility"]), MONDAY, MONDAY, redaction.handling, redaction.spans,
            )  # fmt: skip
            tasks = {task: _sure(row[task]) for task in HEADS}
            read = Classification(tasks, redaction, risk=tuple(Risk(kind, 1.0) for kind in row["risk"].split()))
            found.append((row, plays[row["id"]], desk.propose(message, read, now=MONDAY)))
    return found


def _sure(label: str) -> Judgement:
    return Judgement(label, 0.97, False, (Candidate(label, 0.97),))


def test_the_golden_messages_are_decided_and_drafted_as_people_would() -> None:
    right, given, hits = Counter[str](), Counter[str](), Counter[str]()
    n_first = n_among = 0
    judged = proposals()
    for row, wanted, proposal in judged:
        action = str(proposal.decision.action)
        right[row["action"]] += 1
        given[action] += 1
        hits[action] += action == row["action"]
        drafted = [draft.play.partition("@")[0] for draft in proposal.drafts]
        n_first += drafted[0] in wanted if drafted else not wanted
        n_among += bool(set(drafted) & set(wanted)) or not (drafted or wanted)

    macro_f1 = statistics.mean(2 * hits[name] / (right[name] + given[name]) for name in right)

    assert macro_f1 >= 0.85
    assert n_first / len(judged) >= 0.85
    assert n_among / len(judged) >= 0.97


def test_every_play_that_a_golden_message_names_is_there() -> None:
    known = {play.id for play in the_book().plays}
    with GOLDEN_PLAYS.open(encoding="utf-8", newline="") as file:
        named = {play for row in csv.DictReader(file) for play in row["plays"].split()}

    assert named <= known
