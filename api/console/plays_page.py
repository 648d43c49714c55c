"""The play library: every play with its wordings, what became of its drafts, and a message tried on all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from api.access import Agent, Human
from api.console import wording
from api.console.desk import names_of
from api.console.form import FormDep
from api.console.look import render
from api.depends import Parts, PartsDep
from care.access import Role
from care.errors import NotFound
from care.learning import PlayCount, PlayFlag
from care.play_changes import ChangeState
from care.plays import PlayEntry
from care.results import results
from care.trying import Tried, try_message

router = APIRouter(include_in_schema=False)

LONGEST_TRY = 4000


@dataclass(frozen=True, slots=True)
class PlayLine:
    """One play, what became of its drafts if anybody was shown one, and what its owner should look at."""

    play: PlayEntry
    count: PlayCount | None
    flags: Sequence[PlayFlag]

    def share(self, n: int) -> str:
        """A count of its drafts in words, with its share."""
        shown = self.count.n_shown if self.count else 0
        return f"{n} ({n / shown:.0%})" if n else "0"


@router.get("/plays")
def read_plays(
    request: Request, human: Agent, parts: PartsDep, q: Annotated[str, Query(max_length=200)] = ""
) -> HTMLResponse:
    """Every play, or those with these words."""
    return _show(request, parts, human, search=q)


@router.get("/plays/{play_id}")
def read_play(request: Request, human: Agent, parts: PartsDep, play_id: str) -> HTMLResponse:
    """One play whole: when it applies, its wordings, its examples."""
    lines = _lines(parts)
    line = next((line for line in lines if line.play.id == play_id), None)
    if line is None:
        raise NotFound("play", play_id[:64])
    with parts.reading() as work:
        changes, names = work.play_changes.of_play(play_id), names_of(work)
    return render(
        request,
        "play.html",
        human=human,
        line=line,
        proposals=[change for change in changes if change.state is ChangeState.PROPOSED],
        edits=[change for change in changes if change.state is not ChangeState.PROPOSED],
        names=names,
        may_edit=human.person.role is not Role.AGENT and parts.playbook.editor is not None,
    )


@router.post("/plays/try")
def try_on_plays(form: FormDep) -> Response:
    """Read a message and draft for it as if it had come in; nothing of it is kept."""
    text, channel = form.text("text").strip()[:LONGEST_TRY], form.text("channel")
    known = _channels(form.parts)
    tried = None
    if text and channel in known:
        tried = try_message(form.parts.journey, text, channel=channel, agent=form.human.person.signs_as)
    typed = {"text": text, "channel": channel}
    return _show(form.request, form.parts, form.human, tried=tried, typed=typed, status=200 if tried else 422)


def _show(
    request: Request,
    parts: Parts,
    human: Human,
    *,
    search: str = "",
    tried: Tried | None = None,
    typed: Mapping[str, str] = {},
    status: int = 200,
) -> HTMLResponse:
    lines = _lines(parts)
    with parts.reading() as work:
        proposed = work.play_changes.proposed()
    return render(
        request,
        "plays.html",
        proposed=proposed,
        status=status,
        human=human,
        lines=[line for line in lines if line.play.has(search)],
        n_all=len(lines),
        titles={line.play.id: line.play.title for line in lines},
        search=search,
        tried=tried,
        sentence=wording.ACTIONS.get(tried.prepared.decision.action, "") if tried else "",
        typed=typed,
        channels=_channels(parts),
        version=parts.playbook.version,
        problem=parts.playbook.problem,
    )


def _lines(parts: Parts) -> list[PlayLine]:
    """Most shown first, then by title."""
    kept = results(parts.store, parts.playbook, now=parts.clock())
    counts = {count.play_id: count for count in kept.counts}
    lines = [
        PlayLine(play, counts.get(play.id), [flag for flag in kept.flags if flag.play_id == play.id])
        for play in parts.playbook.plays
    ]
    return sorted(lines, key=lambda line: (-line.count.n_shown if line.count else 0, line.play.title.casefold()))


def _channels(parts: Parts) -> Sequence[str]:
    return sorted(parts.channels)
