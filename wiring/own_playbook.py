"""A playbook of one's own: the trades there are, where each play comes from, and a play taken over from a base."""

from collections.abc import Mapping
from pathlib import Path

from care.plays import PlayEntry
from playbook.book import load
from playbook.newcomer import Answers, start, take, trades
from playbook.plays import entry_of

__all__ = ["begin", "list_plays", "sensible_answers", "take_over", "trades"]


def sensible_answers(folder: Path) -> dict[str, str]:
    """What is taken for each of the seven questions that nobody answers; the brand is called like the folder."""
    taken = Answers(brand=folder.name.replace("-", " ").replace("_", " ").title())
    return {name: str(getattr(taken, name)) for name in Answers.__dataclass_fields__}


def begin(folder: Path, trade: str, answers: Mapping[str, str]) -> None:
    """Write the playbook. Raises BadInput for a trade, an answer or a folder that will not do."""
    start(folder, trade, Answers(**answers))


def list_plays(folder: Path) -> list[PlayEntry]:
    """Every play, those of the playbook itself first. Raises BadPlaybook."""
    plays = map(entry_of, load(folder).plays)
    return sorted(plays, key=lambda play: (play.source.origin != "", play.source.origin, play.id))


def take_over(folder: Path, play: str) -> Path:
    """Copy a play of a base into the playbook; the new file. Raises BadPlaybook, NotFound, BadInput."""
    return take(load(folder), folder, play)
