"""Every number a training run depends on."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TrainRecipe:
    """Every number a training run depends on."""

    seed: int = 13
    max_rows: int = 16_000
    n_axes: int = 384
    open_lens: tuple[float, float] = (0.5, 0.0)
    open_ridge: float = 0.1
    # Above so many rows the kernel goes through that many landmarks among them; 0: never.
    landmarks: int = 0
    # Opinions about any message, whatever it is about: they always have an answer, and look at style too.
    closed_tasks: tuple[str, ...] = ("sentiment", "urgency", "act", "stance", "addressed")
    closed_lens: tuple[float, float] = (0.25, 0.06)
    closed_ridge: float = 0.4
    ngram_c: float = 0.5
    n_folds: int = 4
    n_group_folds: int = 4
    n_seen_folds: int = 2
    min_open_labels: int = 6
    enough_outside: int = 200
    # How much of the traffic nothing fits, for who learnt from 1,000 rows and from 10,000: what the score reckons with,
    # and what the threshold does, which after many rows rather refuses once too often; yet where thresholds are hardly
    # to be told apart it rather answers, because what comes is a little stranger than what was learnt from.
    out_of_scope: tuple[float, float] = (0.5, 0.05)
    out_of_scope_feared: tuple[float, float] = (0.4, 0.1)
    threshold_leeway: tuple[float, float] = (0.0, 0.5)
    # A label that is likelier wrong than right is a hint and no more.
    least_threshold: float = 0.0
    confidence: float = 0.95
    promises: tuple[float, ...] = (0.90, 0.95, 0.98, 0.99)
    gate_loss: float = 0.001
    gate_precision: float = 0.95

    def is_open(self, task: str, n_labels: int) -> bool:
        """Whether messages may fit none of a task's labels."""
        return n_labels >= self.min_open_labels and task not in self.closed_tasks
