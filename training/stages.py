"""One stage of a head: its sources mixed and its scores made honest, and promised only what rows it never saw show."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.calibration import Certificate, certify
from model.head import Blend, ScoringStage
from model.panel import Answers, Beside, Layout, NearestTo, Panel
from model.thread import N_PRIORS
from training.calibrate import (
    after,
    best_threshold,
    fit_blend,
    fit_final,
    fit_fits,
    fit_mix,
    fit_offsets,
    fit_right,
    worth_of_steps,
)
from training.recipe import TrainRecipe
from training.score import Accepted
from training.solvers import N_LABEL_GROUPS, Solver
from training.tasks import OUTSIDE, TaskData

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
_FEW_IN_THREADS = 100
_MANY = 2_000
"""From so many rows on two parts are enough to score each row by what the other gave; below it is four."""


@dataclass(frozen=True)
class HeldOutRows:
    """The rows that calibration may look at.

    n_own: examples, before the background's. marks: of their threads. units: (n_rows,) number of what stays together
    when rows are dealt out.
    """

    n_own: int
    is_held_out: Bools = field(repr=False)
    marks: Floats = field(repr=False)
    units: Ints = field(repr=False)


@dataclass(frozen=True)
class StageRows:
    """What one stage of one task is fitted on: scores of rows that had no part in them. nearest: None without."""

    data: TaskData
    solvers: Sequence[Solver]
    nearest: Floats | None = field(repr=False)
    recipe: TrainRecipe
    rows: HeldOutRows

    @cached_property
    def inside(self) -> Ints:
        return np.flatnonzero((self.data.of >= 0) & self.rows.is_held_out)

    @cached_property
    def outside(self) -> Ints:
        return np.flatnonzero((self.data.of == OUTSIDE) & self.rows.is_held_out)

    @cached_property
    def is_open(self) -> bool:
        scope = self.recipe.scope
        many = len(self.outside) > 0 or len(self.data.labels) >= scope.min_open_labels
        return self.data.task not in scope.closed_tasks and many

    @cached_property
    def held_out(self) -> list[Floats]:
        return [solver.held_out[self.data.task] for solver in self.solvers]

    @cached_property
    def beside(self) -> Beside:
        return Beside(tuple(solver.beside[self.data.task] for solver in self.solvers), self.rows.marks)

    @cached_property
    def unseen(self) -> Ints:
        """Rows whose label some solver never saw: messages in the customers' own words that fit nothing."""
        if not self.is_open or self.data.task not in self.solvers[0].unseen:
            return np.zeros(0, np.int64)
        rows = self.solvers[0].unseen[self.data.task][0]
        return np.asarray(rows[self.rows.is_held_out[rows]], np.int64)

    @cached_property
    def share_outside(self) -> float:
        """How much of the traffic nothing fits, as far as anybody knows."""
        return after(int((self.data.of >= 0).sum()), self.recipe.scope.out_of_scope)

    def answer(self, stage: ScoringStage, rows: Ints, sources: Sequence[Floats] | None = None) -> Answers:
        """What a stage says of some rows, by the arithmetic that serves."""
        chosen_from = [source[rows] for source in sources or self.held_out]
        return _panel(stage).answer(chosen_from, _looked_up(self.nearest, rows), self.beside.of(rows))

    def answer_unseen(self, stage: ScoringStage, rows: Ints) -> Answers:
        """What it says of unseen rows by those who never saw their label."""
        all_rows = self.solvers[0].unseen[self.data.task][0]
        order = np.argsort(all_rows)
        at = order[np.searchsorted(all_rows[order], rows)]
        scores = [solver.unseen[self.data.task][1][at] for solver in self.solvers]
        nearest = self.nearest
        if nearest is not None:
            # What stands near under a label that was left out was left out with it.
            groups = np.arange(len(self.data.labels)) % N_LABEL_GROUPS
            left_out = groups == self.data.of[:, None] % N_LABEL_GROUPS
            nearest = np.where(left_out, np.float32(-1), nearest)
        return _panel(stage).answer(scores, _looked_up(nearest, rows))


def fit_stage(on: StageRows) -> tuple[ScoringStage, dict[str, Any]]:
    """Mix the sources, then calibrate. Figures and promises rest on what stages say that never saw the row."""
    stage = _fitted(on, np.ones(len(on.data.of), bool))
    crossed = _crossed(on)
    certificates, with_outside = _certificates(on, crossed)
    promised = with_outside if on.recipe.promise.counts_out_of_scope and with_outside else certificates
    stage = replace(stage, threshold=_threshold(on, stage), certificates=promised)
    gold = on.data.of[on.inside]
    measured = {
        "rows": on.inside,
        "scores": crossed.inside,
        "right": crossed.chosen == gold,
        "accepted": _accepted(on, crossed.chosen),
        "gold": gold,
        "chosen": crossed.chosen,
        "shares": crossed.shares,
        "strange": np.concatenate([crossed.outside, crossed.unseen]),
        "with_out_of_scope": with_outside,
    }
    # Not how good it is, since it is fitted on these rows, but what the very stage that serves makes of their scores.
    served = on.answer(stage, on.inside)
    measured["served"] = {"scores": served.score[:, 0], "chosen": served.chosen[:, 0]}
    if all(on.data.task in solver.seen for solver in on.solvers):
        seen = on.answer(stage, on.inside, [solver.seen[on.data.task] for solver in on.solvers])
        chosen = seen.chosen[:, 0]
        measured["seen"] = {"scores": seen.score[:, 0], "chosen": chosen, "accepted": _accepted(on, chosen)}
    return stage, measured


def _accepted(on: StageRows, chosen: Ints) -> Accepted | None:
    """What second readings say of the labels chosen for the rows inside; None where too few were read again."""
    if on.data.second is None:
        return None
    return Accepted(on.data.is_judged(on.inside), on.data.is_right(on.inside, chosen))


def _fitted(on: StageRows, is_used: Bools) -> ScoringStage:
    """A stage that learnt from the rows that are used, without threshold and promises."""
    inside, outside, unseen = (rows[is_used[rows]] for rows in (on.inside, on.outside, on.unseen))
    gold = on.data.of[inside]
    mix = fit_mix([scores[inside, :-1] for scores in on.held_out], gold)
    # Where nothing is looked up, what is most alike has no weight: the evidence is shorter by two.
    no_weights = np.zeros(3 + len(on.held_out) + 2 * (on.nearest is not None), np.float32)
    stage = ScoringStage(
        mix, np.eye(len(on.data.labels), dtype=np.float32), no_weights, no_weights, (1.0, 0.0), 0.0, 2.0
    )
    stage = replace(stage, blend=_blend_of(stage, on, inside))
    if not on.is_open:
        sources = [scores[inside] for scores in on.held_out]
        shares = _panel(stage).answer(sources, None, on.beside.of(inside)).probabilities
        stage = replace(stage, worth=_worth_of(on, shares[:, 0], gold))
    answers = on.answer(stage, inside)
    evidence = answers.evidence[:, 0]
    judged = on.data.is_judged(inside)
    right = on.data.is_right(inside, answers.chosen[:, 0])[judged]
    of_outside = on.answer(stage, outside)
    strange = [of_outside.evidence[:, 0]]
    if len(unseen):
        strange.append(on.answer_unseen(stage, unseen).evidence[:, 0])
    fits = fit_fits(evidence, strange, share=on.share_outside)
    stage = replace(stage, right=fit_right(evidence[judged], right), fits=fits)
    # Only the examples themselves tell how often nothing fits; the background tells what that looks like.
    own = np.flatnonzero((outside < on.rows.n_own) & on.data.is_judged(outside))
    right_outside = on.data.is_right(outside[own], of_outside.chosen[own, 0])
    raw = _panel(stage).raw(np.concatenate([evidence[judged], strange[0][own]])[:, None])[:, 0]
    return replace(stage, final=fit_final(raw, np.append(right, right_outside)))


def _worth_of(on: StageRows, shares: Floats, gold: Ints) -> Floats:
    """What each answer is worth: by steps where the labels are steps of a scale, else so that rare ones are seen."""
    places = on.recipe.levels.places_of(on.data.task, on.data.labels)
    if places is not None:
        return worth_of_steps(places, missed=on.recipe.levels.missed)
    return np.diag(np.exp(fit_offsets(shares, gold)))


@dataclass(frozen=True)
class _Crossed:
    """What stages say of rows that none of their numbers were fitted on. shares: (n, n_labels) of the rows inside."""

    inside: Floats
    chosen: Ints
    shares: Floats
    outside: Floats
    chosen_outside: Ints
    unseen: Floats


def _crossed(on: StageRows) -> _Crossed:
    n_parts = 2 if len(on.inside) >= _MANY else 4
    names, number = np.unique(on.rows.units, return_inverse=True)
    part_of = np.random.default_rng(on.recipe.seed).permutation(len(names))[number] % n_parts
    inside, chosen = np.zeros(len(on.inside), np.float32), np.zeros(len(on.inside), np.int64)
    shares = np.zeros((len(on.inside), len(on.data.labels)), np.float32)
    outside, chosen_outside = np.zeros(len(on.outside), np.float32), np.zeros(len(on.outside), np.int64)
    unseen = np.zeros(len(on.unseen), np.float32)
    for part in range(n_parts):
        is_here = part_of == part
        here = is_here[on.inside]
        if not here.any() or here.all():
            # Too few to part: the few rows there are promise nothing anyway.
            is_used = np.ones(len(is_here), bool)
        else:
            is_used = ~is_here
        stage = _fitted(on, is_used)
        said = on.answer(stage, on.inside[here])
        inside[here], chosen[here], shares[here] = said.score[:, 0], said.chosen[:, 0], said.probabilities[:, 0]
        there = is_here[on.outside]
        said = on.answer(stage, on.outside[there])
        outside[there], chosen_outside[there] = said.score[:, 0], said.chosen[:, 0]
        there = is_here[on.unseen]
        if there.any():
            unseen[there] = on.answer_unseen(stage, on.unseen[there]).score[:, 0]
    return _Crossed(inside, chosen, shares, outside, chosen_outside, unseen)


def _certificates(on: StageRows, crossed: _Crossed) -> tuple[tuple[Certificate, ...], tuple[Certificate, ...]]:
    """Promises for traffic as the file has it, and for traffic in which a share fits nothing; that one for open tasks.

    What a file says fits nothing counts as wrong where it is answered, unless a second reading accepts the answer.
    """
    judged = on.data.is_judged(on.inside)
    right = on.data.is_right(on.inside, crossed.chosen)[judged]
    of_inside = crossed.inside[judged]
    own = np.flatnonzero((on.outside < on.rows.n_own) & on.data.is_judged(on.outside))
    right_outside = on.data.is_right(on.outside[own], crossed.chosen_outside[own])
    promise = on.recipe.promise
    strange = np.concatenate([crossed.outside, crossed.unseen])

    def certified(scores: Floats, is_right: Bools) -> tuple[Certificate, ...]:
        return tuple(
            certify(scores, is_right, precision=precision, confidence=promise.confidence)
            for precision in promise.promises
        )

    as_in_file = certified(np.append(of_inside, crossed.outside[own]), np.append(right, right_outside))
    if not on.is_open or not len(strange):
        return as_in_file, ()
    share = on.share_outside
    dice = np.random.default_rng(on.recipe.seed)
    n_strange = min(len(strange), round(share / (1 - share) * len(right)))
    n_inside = min(len(right), round((1 - share) / share * n_strange))
    inside, outside = dice.permutation(len(right))[:n_inside], dice.permutation(len(strange))[:n_strange]
    scores = np.append(of_inside[inside], strange[outside])
    return as_in_file, certified(scores, np.append(right[inside], np.zeros(n_strange, bool)))


def _threshold(on: StageRows, stage: ScoringStage) -> float:
    """The score under which a message is answered with a hint only."""
    if not on.is_open:
        return 0.0
    scope, n_rows = on.recipe.scope, int((on.data.of >= 0).sum())
    judged = on.inside[on.data.is_judged(on.inside)]
    said = on.answer(stage, judged)
    strange = [on.answer(stage, on.outside).score[:, 0]]
    if len(on.unseen):
        strange.append(on.answer_unseen(stage, on.unseen).score[:, 0])
    best = best_threshold(
        said.score[:, 0],
        on.data.is_right(judged, said.chosen[:, 0]),
        [scores for scores in strange if len(scores)],
        share=after(n_rows, scope.out_of_scope_feared),
        leeway=after(n_rows, scope.threshold_leeway),
    )
    return max(best, scope.least_threshold)


def _blend_of(stage: ScoringStage, on: StageRows, inside: Ints) -> Blend | None:
    """What a thread counts for, where enough of the labelled rows stand in one."""
    talked = on.beside.marks[inside].any(axis=1)
    if talked.sum() < _FEW_IN_THREADS:
        return None
    rows = inside[talked]
    panel = _panel(stage)
    own = panel.mixed([scores[rows] for scores in on.held_out])[:, 0]
    before = panel.mixed([scores[rows] for scores in on.beside.sources])[:, 0]
    return fit_blend(own, before, on.beside.marks[rows], on.data.of[rows], n_priors=N_PRIORS)


def _panel(stage: ScoringStage) -> Panel:
    return Panel([stage], Layout([len(stage.worth)]))


def _looked_up(nearest: Floats | None, rows: Ints) -> NearestTo | None:
    if nearest is None:
        return None

    def look_up(chosen: Ints) -> Floats:
        of_labels = nearest[rows]
        at = (np.arange(len(rows)), chosen[:, 0])
        own = of_labels[at]
        of_labels[at] = -1
        return np.stack([own, of_labels.max(axis=1)], axis=-1)[:, None]

    return look_up
