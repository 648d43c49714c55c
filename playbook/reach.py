"""What a bundle makes unreachable: rules and plays that wait for labels it does not have."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from care.classification import OUT_OF_SCOPE, RISKS
from care.decision import Action
from care.errors import Problem
from care.policy import When
from playbook.book import Book

Labels = Mapping[str, Sequence[str]]
_FIX = "name labels that the bundle has, ask for `risks`, or train it with them"


def unreachable(book: Book, labels: Labels, *, risks: Collection[str] = RISKS) -> Iterator[Problem]:
    """Every rule and play that never holds with a bundle.

    labels: by task, what the bundle tells apart. risks: kinds of what cannot wait that something reads beside it. What
    waits for nothing but out_of_scope is left out: a bundle that never says so refuses nobody.
    """
    yield from (problem for problem, _ in _unreachable(book, labels, risks))


def killed(book: Book, labels: Labels, *, before: Labels | None, risks: Collection[str] = RISKS) -> list[Problem]:
    """What may not be lost to a bundle: what holds with the labels that serve now and never with these.

    A rule that escalates may never be lost, whether it holds now or not. before: labels that serve now;
    None where nothing serves.
    """
    dead = {str(problem) for problem in unreachable(book, before, risks=risks)} if before is not None else set()
    return [
        problem for problem, is_serious in _unreachable(book, labels, risks) if is_serious or str(problem) not in dead
    ]


def _unreachable(book: Book, labels: Labels, risks: Collection[str]) -> Iterator[tuple[Problem, bool]]:
    """Each with whether it is a rule for safety."""
    cared_for = _risks(book, labels, risks)
    for rule in book.policy.rules:
        if lacks := _lacks(rule.when, labels, cared_for):
            what = f"rule {rule.name!r} never holds with this bundle: {lacks}"
            yield Problem("playbook.yaml", what, _FIX), rule.action is Action.ESCALATE
    for play in book.plays:
        if lacks := _lacks(play.when, labels, cared_for):
            yield Problem(play.source.file, f"is never reached with this bundle: {lacks}", _FIX), False


def _risks(book: Book, labels: Labels, read: Collection[str]) -> frozenset[str]:
    """The kinds of risk that can be found at all: what is read, and what the playbook's own words show."""
    shown = {
        kind
        for kind, line in book.policy.risks.items()
        if any(not _lacks(when, labels, frozenset(read)) for when in line.also)
    }
    return frozenset(read) | shown


def _lacks(when: When, labels: Labels, risks: frozenset[str]) -> str:
    """Why these conditions cannot hold, in words; "" where they can."""
    asked = (("intent", when.intents), ("sentiment", when.sentiments), ("urgency", when.urgencies))
    for task, wanted in asked:
        if wanted - {OUT_OF_SCOPE} and wanted.isdisjoint(labels.get(task, ())):
            return f"no {task} of the bundle is among {_few(wanted)}"
    if when.risks and when.risks.isdisjoint(risks):
        return f"nothing reads the risks {_few(when.risks)}"
    return ""


def _few(names: frozenset[str]) -> str:
    listed = sorted(names)
    return ", ".join(listed[:3]) + (f" and {len(listed) - 3} more" if len(listed) > 3 else "")
