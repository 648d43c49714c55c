"""Fine-tuning in torch: the encoder and one linear head a task learn together from all labelled rows.

Only `training/finetune.py` imports this file, once it knows that torch and transformers are there.
"""

import copy
import math
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional
from transformers import BertModel, get_linear_schedule_with_warmup
from transformers.utils import logging as transformers_words

from care.errors import BadInput
from training.lesson import Lesson, Tuning
from training.tasks import UNLABELLED

Ints = NDArray[np.int64]
Say = Callable[[str], None]

N_TRIAL_STEPS = 6
REPORT_EVERY_S = 20.0
ROWS_A_CENTRE = 20
NOTICEABLY_SLOWER = 1.25


class Learner(nn.Module):  # type: ignore[misc]
    """The encoder, and for each task a direction a label that sentence vectors of that label should point to."""

    def __init__(self, encoder: Any, lesson: Lesson, tuning: Tuning) -> None:
        super().__init__()
        self.encoder = encoder
        # Words that the rows never use must not stay behind while the others move.
        self.encoder.embeddings.requires_grad_(False)
        layers = encoder.encoder.layer
        n_frozen = min(tuning.frozen_layers, len(layers) - 1)
        layers[:n_frozen].requires_grad_(False)
        self.learning = layers[n_frozen:]
        width = encoder.config.hidden_size
        self.heads = nn.ModuleList([nn.Linear(width, n) for n in lesson.n_labels])
        self.scale = tuning.scale

    def vectors(self, ids: Tensor, mask: Tensor) -> Tensor:
        """(n, width) the mean over word pieces, of length 1: what the exported encoder gives first."""
        states = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        weight = mask.unsqueeze(-1).to(states.dtype)
        return functional.normalize((states * weight).sum(1) / weight.sum(1), dim=1)

    def loss(self, lesson: Lesson, rows: Ints, *, smoothing: float, device: str) -> Tensor:
        """The mean over the tasks of the mean over their labelled rows."""
        vectors = self.vectors(*_on(device, lesson.padded(rows)))
        losses = []
        for head, targets in zip(self.heads, lesson.targets, strict=True):
            wanted = torch.from_numpy(targets[rows]).to(device)
            if bool((wanted != UNLABELLED).any()):
                said = self.scale * head(vectors)
                losses.append(
                    functional.cross_entropy(said, wanted, ignore_index=UNLABELLED, label_smoothing=smoothing)
                )
        return torch.stack(losses).mean() if losses else vectors.sum() * 0

    @torch.no_grad()  # type: ignore[untyped-decorator]
    def start_at_centres(self, lesson: Lesson, tuning: Tuning, device: str) -> None:
        """Let every label's direction be the mean of some of its rows: learning then starts from a fair classifier."""
        self.eval()
        dice = np.random.default_rng(tuning.seed)
        for head, targets, n in zip(self.heads, lesson.targets, lesson.n_labels, strict=True):
            head.bias.zero_()
            for label in range(n):
                members = dice.permutation(np.flatnonzero(targets == label))[:ROWS_A_CENTRE]
                if len(members):
                    mean = self.vectors(*_on(device, lesson.padded(members))).mean(0)
                    head.weight[label] = functional.normalize(mean, dim=0)
        self.train()

    def optimiser(self, tuning: Tuning) -> torch.optim.Optimizer:
        """AdamW; the further below the top a layer lies, the slower it learns."""
        groups: list[dict[str, Any]] = [{"params": list(self.heads.parameters()), "lr": tuning.head_rate}]
        for depth, layer in enumerate(reversed(self.learning)):
            groups.append({"params": list(layer.parameters()), "lr": tuning.encoder_rate * tuning.layer_decay**depth})
        return torch.optim.AdamW(groups, weight_decay=tuning.weight_decay)


@dataclass(frozen=True, slots=True)
class FinetuneResult:
    """How a run went. estimate_s: what was said before it began."""

    seconds: float
    estimate_s: float
    loss: float
    device: str


@dataclass(frozen=True)
class Plan:
    """What is learnt in which steps, how and where. epochs: the rows of every step."""

    lesson: Lesson
    epochs: list[list[Ints]]
    tuning: Tuning
    device: str

    @property
    def steps(self) -> list[Ints]:
        return [rows for epoch in self.epochs for rows in epoch]


def finetune(weights: Path, lesson: Lesson, into: Path, *, tuning: Tuning, threads: int, say: Say) -> FinetuneResult:
    """Fine-tune a copy of the encoder in `weights` and write it to `into` as safetensors.

    Same lesson, tuning, machine and threads: same weights (on the CPU). Raises BadInput when the loss is no number.
    """
    device = "cuda" if torch.cuda.is_available() else "cpu"
    transformers_words.set_verbosity_error()
    transformers_words.disable_progress_bar()
    with _quiet_dice(tuning.seed, threads):
        encoder = BertModel.from_pretrained(weights, local_files_only=True, add_pooling_layer=False)
        learner = Learner(encoder, lesson, tuning).to(device)
        original = copy.deepcopy(learner.learning)
        learner.start_at_centres(lesson, tuning, device)
        plan = Plan(lesson, lesson.batches(tuning), tuning, device)
        estimate_s = trial(learner, plan)
        where = "on the GPU" if device == "cuda" else f"on the CPU ({threads} thread{'s' * (threads > 1)})"
        say(
            f"fine-tuning will take about {in_words(estimate_s)} {where}: {tuning.epochs} times through "
            f"{len(lesson.tokens)} messages, then the usual training; Ctrl-C leaves everything as it was"
        )
        torch.manual_seed(tuning.seed)
        started = time.perf_counter()
        loss = learn(learner, plan, estimate_s=estimate_s, say=say)
        seconds = time.perf_counter() - started
        say(f"fine-tuning took {in_words(seconds)}; the estimate was {in_words(estimate_s)}")
        _draw_back(learner.learning, original, share=tuning.kept)
        learner.encoder.cpu().save_pretrained(into)
    return FinetuneResult(seconds, estimate_s, loss, device)


@torch.no_grad()  # type: ignore[untyped-decorator]
def _draw_back(layers: nn.Module, original: nn.Module, *, share: float) -> None:
    """Draw the weights back towards where they came from: no less right on the labels, and better on what is new.

    Source: Wortsman et al. 2022, Robust fine-tuning of zero-shot models, section 4.
    """
    for value, before in zip(layers.parameters(), original.parameters(), strict=True):
        value.lerp_(before, share)


def trial(learner: Learner, plan: Plan) -> float:
    """Seconds that all steps will take, by a few real steps of every length on a copy that is thrown away."""
    n_tokens = plan.lesson.n_tokens
    steps = sorted(plan.steps, key=n_tokens)
    picked = [steps[int(at)] for at in np.linspace(0, len(steps) - 1, N_TRIAL_STEPS + 2)[1:-1]]
    mine = copy.deepcopy(learner)
    optimiser = mine.optimiser(plan.tuning)
    _step(mine, plan, picked[0], optimiser)
    started = time.perf_counter()
    for rows in picked:
        _step(mine, plan, rows, optimiser)
    seconds = time.perf_counter() - started
    return seconds * sum(map(n_tokens, steps)) / sum(map(n_tokens, picked))


def learn(
    learner: Learner, plan: Plan, *, estimate_s: float, say: Say, clock: Callable[[], float] = time.perf_counter
) -> float:
    """All steps of all epochs; returns the mean loss of the last epoch. clock: seconds, for the minutes left."""
    lesson, tuning = plan.lesson, plan.tuning
    optimiser = learner.optimiser(tuning)
    n_steps = len(plan.steps)
    schedule = get_linear_schedule_with_warmup(optimiser, int(tuning.warm_up * n_steps), n_steps)
    n_tokens = sum(map(lesson.n_tokens, plan.steps))
    started = told = clock()
    done, is_warned, mean = 0, False, math.nan
    for epoch, steps in enumerate(plan.epochs, 1):
        losses = []
        for at, rows in enumerate(steps, 1):
            losses.append(_step(learner, plan, rows, optimiser))
            if not math.isfinite(losses[-1]):
                raise BadInput("Fine-tuning went astray: its loss is no number any more. Train without --finetune.")
            schedule.step()
            done += lesson.n_tokens(rows)
            now = clock()
            if now - told >= REPORT_EVERY_S or at == len(steps):
                told = now
                mean = sum(losses) / len(losses)
                whole_s = (now - started) * n_tokens / done
                say(
                    f"fine-tuning: epoch {epoch} of {tuning.epochs}, step {at} of {len(steps)}, loss {mean:.3f}, "
                    f"{in_words(whole_s - (now - started))} left"
                )
                # The first steps tell little: they may all be long ones, or the machine was busy for a moment.
                is_settled = done > 0.1 * n_tokens
                if is_settled and whole_s > NOTICEABLY_SLOWER * max(estimate_s, 60) and not is_warned:
                    is_warned = True
                    say(f"slower than estimated: about {in_words(whole_s)} in all, not {in_words(estimate_s)}")
    return mean


def _step(learner: Learner, plan: Plan, rows: Ints, optimiser: torch.optim.Optimizer) -> float:
    loss = learner.loss(plan.lesson, rows, smoothing=plan.tuning.smoothing, device=plan.device)
    loss.backward()
    nn.utils.clip_grad_norm_(learner.parameters(), plan.tuning.max_norm)
    optimiser.step()
    optimiser.zero_grad(set_to_none=True)
    return float(loss.detach())


def _on(device: str, arrays: Iterable[Ints]) -> list[Tensor]:
    return [torch.from_numpy(array).to(device) for array in arrays]


@contextmanager
def _quiet_dice(seed: int, threads: int) -> Iterator[None]:
    """Torch's dice and threads as this run wants them, and as they were afterwards."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        try:
            yield
        finally:
            torch.set_num_threads(before)


def in_words(seconds: float) -> str:
    """A length of time as people say it."""
    if seconds < 90:
        return f"{max(seconds, 1):.0f} s"
    return f"{seconds / 60:.1f} min" if seconds < 600 else f"{seconds / 60:.0f} min"
