"""Every number a training run depends on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class KernelRecipe:
    """How messages are compared with those that were learnt from.

    landmarks: above so many rows the kernel goes through that many among them; 0: never.
    """

    n_axes: int = 384
    landmarks: int = 0
    open_lens: tuple[float, float] = (0.5, 0.0)
    open_ridge: float = 0.1
    closed_lens: tuple[float, float] = (0.25, 0.06)
    closed_ridge: float = 0.4


@dataclass(frozen=True, slots=True)
class FoldRecipe:
    """How many times rows are left out to score them: of all, by group, and of groups that were seen."""

    n_folds: int = 4
    n_group_folds: int = 4
    n_seen_folds: int = 2


@dataclass(frozen=True, slots=True)
class ScopeRecipe:
    """Messages that fit no label, and when to abstain.

    closed_tasks: opinions about any message, whatever it is about: they always have an answer, and look at style too.
    out_of_scope, out_of_scope_feared: how much of the traffic nothing fits, for who learnt from 1,000 rows and from
    10,000: what the score reckons with, and what the threshold does, which after many rows rather refuses once too
    often. threshold_leeway: where thresholds are hardly to be told apart it rather answers, because what comes is a
    little stranger than what was learnt from. least_threshold: a label under it is a hint and no more.
    """

    closed_tasks: tuple[str, ...] = ("sentiment", "urgency", "act", "stance", "addressed")
    min_open_labels: int = 6
    enough_outside: int = 200
    out_of_scope: tuple[float, float] = (0.5, 0.05)
    out_of_scope_feared: tuple[float, float] = (0.4, 0.1)
    threshold_leeway: tuple[float, float] = (0.0, 0.5)
    least_threshold: float = 0.0

    def is_open(self, task: str, n_labels: int) -> bool:
        """Whether messages may fit none of a task's labels."""
        return n_labels >= self.min_open_labels and task not in self.closed_tasks


@dataclass(frozen=True, slots=True)
class LevelsRecipe:
    """Tasks whose labels are steps of one scale, and what it costs to answer too low.

    scales: labels by task, the least first. missed: one step too low costs so many steps too high.
    """

    scales: Mapping[str, tuple[str, ...]] = field(
        default_factory=lambda: {"urgency": ("low", "normal", "high", "urgent")}
    )
    missed: float = 2.0

    def places_of(self, task: str, labels: Sequence[str]) -> tuple[int, ...] | None:
        """Where a task's labels stand on its scale; None where they are no steps."""
        scale = self.scales.get(task, ())
        return tuple(map(scale.index, labels)) if set(labels) <= set(scale) else None


@dataclass(frozen=True, slots=True)
class PromiseRecipe:
    """Which shares of right answers are certified and how surely, and what the fast path may cost.

    counts_out_of_scope: whether promises also count messages that nothing fits, `ScopeRecipe.out_of_scope` of them.
    """

    confidence: float = 0.95
    promises: tuple[float, ...] = (0.90, 0.95, 0.98, 0.99)
    counts_out_of_scope: bool = False
    gate_loss: float = 0.001
    gate_precision: float = 0.95


@dataclass(frozen=True, slots=True)
class TrainRecipe:
    """Every number a training run depends on. max_rows: so many are learnt from at most. ngram_c: of the n-grams."""

    seed: int = 13
    max_rows: int = 16_000
    ngram_c: float = 0.5
    kernel: KernelRecipe = KernelRecipe()
    folds: FoldRecipe = FoldRecipe()
    scope: ScopeRecipe = ScopeRecipe()
    promise: PromiseRecipe = PromiseRecipe()
    levels: LevelsRecipe = LevelsRecipe()
