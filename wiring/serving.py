"""What reads messages: the bundles that the settings name, opened in one way for service, command line and trials."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from care.classification import RISKS, Classification
from care.errors import BundleError
from care.message import Turn
from care.ports import Classifier, Redactor
from wiring.settings import Settings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from model.classifier import MessageClassifier
    from model.encoder import Encoder

log = logging.getLogger(__name__)

Labels = Mapping[str, Sequence[str]]
"""What is told apart, by task."""


def open_classifier(
    settings: Settings,
    *,
    redactor: Redactor,
    bundle: Path | None = None,
    common: "Encoder | None" = None,
    threads: int = 1,
) -> "MessageClassifier":
    """The bundles that serve, as one reader; with `bundle` that one alone, for all its tasks.

    common: an encoder opened already, in place of the one that the settings name. threads: cores that one run may use.
    Raises BundleError when a bundle or an encoder is missing, damaged, or not one that fits.
    """
    from model.bundle import Bundle
    from model.classifier import MessageClassifier
    from model.risk import RiskReader, risk_folder
    from model.served import ServedBundle

    opened = _Encoders(settings, common=common, threads=threads)
    # Resolved once: where `current` is turned meanwhile, bundle and encoder still belong together.
    main = (bundle or settings.bundle).resolve()
    own = {} if bundle is not None else _by_folder(settings.model.bundles)
    others = []
    for folder, tasks in own.items():
        others.append(ServedBundle(Bundle.load(folder), opened.of(folder), tasks=tasks))
    heads = RiskReader.load(risk_folder(settings.home)) if reads_risk(settings) else None
    return MessageClassifier(
        Bundle.load(main),
        opened.of(main),
        redactor,
        precision=settings.model.precision or None,
        risk=heads,
        risk_encoder=opened.common if heads is not None and heads.encoder else None,
        others=others,
    )


def _by_folder(bundles: Mapping[str, Path]) -> dict[Path, list[str]]:
    """The tasks of each folder, so that one named for several is opened once."""
    found: dict[Path, list[str]] = {}
    for task, folder in bundles.items():
        found.setdefault(folder.resolve(), []).append(task)
    return found


class _Encoders:
    """The encoders of a process, each opened once: the common one, and those that bundles bring along."""

    def __init__(self, settings: Settings, *, common: "Encoder | None", threads: int) -> None:
        self._settings = settings
        self._threads = threads
        self._common = common
        self._is_opened = common is not None

    @property
    def common(self) -> "Encoder | None":
        if not self._is_opened:
            self._common = encoder(self._settings, threads=self._threads)
            self._is_opened = True
        return self._common

    def of(self, bundle: Path) -> "Encoder | None":
        """What a bundle was trained with: its own before the common one, none where it needs none."""
        from model.bundle import own_encoder, read_manifest

        if own_encoder(bundle) is not None:
            return encoder(self._settings, bundle=bundle, threads=self._threads)
        return self.common if read_manifest(bundle).get("encoder") else None


def encoder(settings: Settings, *, bundle: Path | None = None, threads: int = 1) -> "Encoder | None":
    """The sentence encoder; None where it is switched off or its libraries are not installed.

    bundle: folder of a bundle, whose own encoder goes before the common one. threads: cores that one run may use.
    Raises BundleError when its files are missing or not the right ones.
    """
    from model.bundle import own_encoder
    from model.encoder import Encoder, has_libraries, is_available

    own = own_encoder(bundle) if bundle is not None else None
    if settings.model.encoder == "none" or not (has_libraries() if own else is_available()):
        return None
    return Encoder.load(own or settings.encoder_folder, threads=threads)


def labels(settings: Settings, *, bundle: Path | None = None, instead: Mapping[Path, Path] | None = None) -> Labels:
    """What the bundles that serve tell apart, by task; with `bundle` what that one does.

    instead: bundles to look at in place of folders that the settings name. Raises BundleError.
    """
    main = bundle or settings.bundle
    found = dict(_labels_of((instead or {}).get(main, main)))
    if bundle is None:
        for task, folder in settings.model.bundles.items():
            told = _labels_of((instead or {}).get(folder, folder))
            if task not in told:
                raise BundleError(
                    f"model.bundles names {folder} for {task}, which that bundle has not; it has {', '.join(told)}."
                )
            found[task] = told[task]
    return found


def _labels_of(folder: Path) -> dict[str, Sequence[str]]:
    from model.bundle import read_manifest

    tasks: list[dict[str, Any]] = read_manifest(folder.resolve())["tasks"]
    return {str(task["task"]): tuple(map(str, task["labels"])) for task in tasks}


def are_seen(texts: Sequence[str], bundle: Path) -> "NDArray[np.bool_]":
    """(n,) whether a bundle was given each text to learn from. Raises BundleError."""
    from model import learnt

    return learnt.are_seen(texts, bundle)


def reads_risk(settings: Settings) -> bool:
    """Whether the trained heads for what cannot wait are there."""
    from model.risk import risk_folder

    return risk_folder(settings.home).exists()


def risks_read(settings: Settings) -> frozenset[str]:
    """The kinds of what cannot wait that something reads: all by the trained heads, some by rules alone."""
    from model.risk import BY_RULE

    return frozenset(RISKS if reads_risk(settings) else BY_RULE.values())


class LiveClassifier:
    """Satisfies care.ports.Classifier with what serves now: a bundle that is promoted reads the next message.

    make: opens it. state: what its folders look like, cheap to ask. Whoever has something read and sees a change first
    opens the new one, while all others go on with the old one; who only asks for labels never waits. Where it cannot be
    opened, the old one stays and `problem` says why. Raises what `make` raises at the start only; where it is patient,
    it raises that whenever it is asked to read, tells nothing apart, and looks again. Safe from several threads.
    """

    def __init__(
        self,
        make: Callable[[], "MessageClassifier"],
        state: Callable[[], object],
        *,
        look_every_s: float = 2.0,
        clock: Callable[[], float] = monotonic,
        is_patient: bool = False,
    ) -> None:
        self._make = make
        self._state = state
        self._look_every_s = look_every_s
        self._clock = clock
        self._lock = threading.Lock()
        self._looked_at = clock()
        self._seen = state()
        self.problem: Exception | None = None
        self._made: MessageClassifier | None = None
        try:
            self._made = make()
        except (BundleError, OSError) as problem:
            if not is_patient:
                raise
            self.problem = problem
            log.error("no bundle can be opened", extra={"problem": str(problem)})
        _: Classifier = self

    @property
    def bundle_id(self) -> str:
        made = self._at_once()
        return made.bundle_id if made is not None else ""

    @property
    def labels(self) -> Labels:
        made = self._at_once()
        return made.labels if made is not None else {}

    def classify(self, text: str, *, thread: Sequence[Turn] = ()) -> Classification:
        return self.now().classify(text, thread=thread)

    def classify_many(
        self,
        texts: Sequence[str],
        *,
        tasks: Sequence[str] | None = None,
        explain: bool = False,
        precision: float | Mapping[str, float] | None = None,
    ) -> list[Classification]:
        return self.now().classify_many(texts, tasks=tasks, explain=explain, precision=precision)

    def now(self) -> "MessageClassifier":
        """The one that reads at this moment."""
        if self._is_due() and self._lock.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._lock.release()
        if self._made is None:
            raise BundleError(f"No bundle can be read: {self.problem}")
        return self._made

    def _at_once(self) -> "MessageClassifier | None":
        """The same for an event loop, which must not wait while a bundle is opened."""
        if self._is_due() and not self._lock.locked():
            threading.Thread(target=self._look_alone, name="look for bundles", daemon=True).start()
        return self._made

    def _look_alone(self) -> None:
        with suppress(BundleError):
            self.now()

    def _is_due(self) -> bool:
        return self._clock() - self._looked_at >= self._look_every_s

    def _look(self) -> None:
        self._looked_at = self._clock()
        state = self._state()
        if state == self._seen:
            return
        self._seen = state
        try:
            self._made = self._make()
        except (BundleError, OSError) as problem:
            self.problem = problem
            log.warning("bundle not taken over", extra={"problem": str(problem)})
        else:
            self.problem = None
            log.info("bundle taken over", extra={"bundle": self._made.bundle_id})


def state_of(settings: Settings) -> tuple[tuple[str, int, int], ...]:
    """Where every folder that serves leads to now, with size and time of its manifest: different after every change."""
    from model.risk import risk_folder

    folders = (
        settings.bundle,
        *settings.model.bundles.values(),
        risk_folder(settings.home),
        settings.encoder_folder,
    )
    found = []
    for folder in folders:
        path = folder.resolve() / "manifest.json"
        try:
            status = path.stat()
        except OSError:
            continue
        found.append((str(path), status.st_size, status.st_mtime_ns))
    return tuple(found)
