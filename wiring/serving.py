"""What reads messages: the bundles that the settings name, opened in one way for service, command line and trials."""

import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from care.classification import RISKS, Classification, Entity
from care.errors import BundleError
from care.message import Turn
from care.ports import Assessment, Classifier, DraftJudge, Offer, Redactor, SpanReader
from care.reply import Draft
from care.sensitive import Redaction
from care.topics import TopicFinder
from wiring.settings import Settings
from wiring.watched import Watched, marks_of

if TYPE_CHECKING:
    from model.classifier import MessageClassifier
    from model.encoder import Encoder
    from model.pairs import PairReader

Labels = Mapping[str, Sequence[str]]
"""What is told apart, by task."""


def open_classifier(
    settings: Settings,
    *,
    redactor: Redactor,
    bundle: Path | None = None,
    common: "Callable[[], Encoder | None] | None" = None,
    threads: int = 1,
) -> "MessageClassifier":
    """The bundles that serve, as one reader; with `bundle` that one alone, for all its tasks.

    common: gives the encoder of this process, instead of one of its own. threads: cores that one run may use.
    Raises BundleError when a bundle or an encoder is missing, damaged, or not one that fits.
    """
    from model.bundle import Bundle
    from model.classifier import MessageClassifier
    from model.risk import RiskReader, risk_folder
    from model.served import ServedBundle
    from model.watch import Watch

    shared = common or SharedEncoder(settings, threads=threads)

    def encoder_of(folder: Path) -> "Encoder | None":
        return _encoder_of(folder, settings, shared, threads=threads)

    # Resolved once: where `current` is turned meanwhile, bundle and encoder still belong together.
    main = (bundle or settings.bundle).resolve()
    own = {} if bundle is not None else _by_folder(settings.model.bundles)
    others = []
    for folder, tasks in own.items():
        others.append(ServedBundle(Bundle.load(folder), encoder_of(folder), tasks=tasks))
    served = Bundle.load(main)
    encoder = encoder_of(main)
    heads = RiskReader.load(risk_folder(settings.home)) if reads_risk(settings) else None
    return MessageClassifier(
        served,
        encoder,
        redactor,
        precision=settings.model.precision or None,
        watch=Watch(heads, shared() if heads is not None and heads.encoder else encoder),
        others=others,
    )


def _by_folder(bundles: Mapping[str, Path]) -> dict[Path, list[str]]:
    """The tasks of each folder, so that one named for several is opened once."""
    by_folder: dict[Path, list[str]] = {}
    for task, folder in bundles.items():
        by_folder.setdefault(folder.resolve(), []).append(task)
    return by_folder


class SharedEncoder:
    """Gives the encoder that the settings name, open once for all who ask; opened again when its folder has changed.

    Raises BundleError, as `encoder` does. Safe from several threads.
    """

    def __init__(self, settings: Settings, *, threads: int = 1) -> None:
        self._settings, self._threads = settings, threads
        self._lock = threading.Lock()
        self._seen: object = None
        self._opened: Encoder | None = None

    def __call__(self) -> "Encoder | None":
        with self._lock:
            there = marks_of(self._settings.encoder_folder)
            if there != self._seen:
                self._opened = encoder(self._settings, threads=self._threads)
                self._seen = there
            return self._opened


def _encoder_of(
    bundle: Path, settings: Settings, shared: "Callable[[], Encoder | None]", *, threads: int
) -> "Encoder | None":
    """What a bundle was trained with: its own before the shared one, none where it needs none."""
    from model.bundle import own_encoder, read_manifest

    if own_encoder(bundle) is not None:
        return encoder(settings, bundle=bundle, threads=threads)
    return shared() if read_manifest(bundle).get("encoder") else None


def topic_finder(settings: Settings, *, threads: int = 1) -> TopicFinder:
    """What groups messages by what they are about, for a job: it opens an encoder of its own.

    Raises BundleError, as `encoder` does.
    """
    from model.topics import TopicGrouper

    return TopicGrouper(encoder(settings, threads=threads))


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
    served = dict(_labels_of((instead or {}).get(main, main)))
    if bundle is None:
        for task, folder in settings.model.bundles.items():
            told = _labels_of((instead or {}).get(folder, folder))
            if task not in told:
                raise BundleError(
                    f"model.bundles names {folder} for {task}, which that bundle has not; it has {', '.join(told)}."
                )
            served[task] = told[task]
    return served


def _labels_of(folder: Path) -> dict[str, Sequence[str]]:
    from model.bundle import read_manifest

    tasks: list[dict[str, Any]] = read_manifest(folder.resolve())["tasks"]
    return {str(task["task"]): tuple(map(str, task["labels"])) for task in tasks}


def reads_risk(settings: Settings) -> bool:
    """Whether the trained heads for what cannot wait are there."""
    from model.risk import risk_folder

    return risk_folder(settings.home).exists()


def risks_read(settings: Settings) -> frozenset[str]:
    """The kinds of what cannot wait that something reads: all by the trained heads, some by rules alone."""
    from model.risk import BY_RULE

    return frozenset(RISKS if reads_risk(settings) else BY_RULE.values())


def _folders(settings: Settings) -> dict[str, Path]:
    """The bundles that serve, by task; the one for all others stands under "*"."""
    return {"*": settings.bundle, **settings.model.bundles}


def serving_ids(settings: Settings) -> dict[str, str]:
    """The bundles that serve, by task; the one for all others stands under "*". Empty where none can be read."""
    from model.bundle import read_manifest

    try:
        return {task: str(read_manifest(folder.resolve())["id"]) for task, folder in _folders(settings).items()}
    except BundleError:
        return {}


def reads_with(settings: Settings, *, bundle: Path | None = None) -> dict[str, str]:
    """What tells whether two processes read alike: the bundle of every task, the heads of risk, the encoder.

    bundle: one that reads alone, instead of those that serve. Raises BundleError.
    """
    from model.bundle import read_manifest
    from model.encoder import has_libraries
    from model.risk import risk_folder
    from model.sealed import load_manifest

    folders = _folders(settings) if bundle is None else {"*": bundle}
    manifests = {task: read_manifest(folder.resolve()) for task, folder in folders.items()}
    known = {f"bundle of {task}": str(manifest["id"]) for task, manifest in manifests.items()}
    is_blind = settings.model.encoder == "none" or not has_libraries()
    known["encoder"] = "none" if is_blind else str(manifests["*"].get("encoder") or "none")
    seal = load_manifest(risk_folder(settings.home)).get("seal") if reads_risk(settings) else None
    known["heads of risk"] = str(seal)[:16] if seal else "none"
    known |= {f"precision of {task}": f"{share:g}" for task, share in settings.model.precision.items()}
    return known


class LiveClassifier:
    """Satisfies care.ports.Classifier with what serves now: a bundle that is promoted reads the next message.

    Who only asks for labels never waits while a bundle is opened. Where it is patient and no bundle can be opened, it
    tells nothing apart, raises BundleError whenever it is asked to read, and looks again.
    """

    def __init__(self, watched: "Watched[MessageClassifier]") -> None:
        self.watched = watched
        _: Classifier = self

    @classmethod
    def of(
        cls, settings: Settings, make: Callable[[], "MessageClassifier"], *, is_patient: bool = False
    ) -> "LiveClassifier":
        """What `make` opens, opened again when a folder changes that the settings name. Raises BundleError."""
        return cls(Watched("bundle", make, lambda: state_of(settings), is_patient=is_patient))

    @property
    def bundle_id(self) -> str:
        made = self.watched.at_once()
        return made.bundle_id if made is not None else ""

    @property
    def labels(self) -> Labels:
        made = self.watched.at_once()
        return made.labels if made is not None else {}

    def classify(self, text: str, *, thread: Sequence[Turn] = ()) -> Classification:
        return self.watched.now().classify(text, thread=thread)

    def classify_many(
        self,
        texts: Sequence[str],
        *,
        threads: Sequence[Sequence[Turn]] | None = None,
        tasks: Sequence[str] | None = None,
        explain: bool = False,
        precision: float | Mapping[str, float] | None = None,
    ) -> list[Classification]:
        serving = self.watched.now()
        return serving.classify_many(texts, threads=threads, tasks=tasks, explain=explain, precision=precision)


class LiveJudge:
    """Satisfies care.ports.DraftJudge with the newest head in its folder."""

    def __init__(self, watched: "Watched[PairReader]") -> None:
        self._watched = watched
        _: DraftJudge = self

    @property
    def least(self) -> float:
        return self._watched.now().least

    def chance(self, assessed: Assessment, draft: Draft, offer: Offer) -> float:
        return self._watched.now().chance(assessed, draft, offer)


def open_judge(settings: Settings) -> DraftJudge | None:
    """What reads a message and a draft together; None where it was never trained. Raises BundleError."""
    from model.pairs import PairReader, pairs_folder

    folder = pairs_folder(settings.home)
    if not folder.exists():
        return None
    return LiveJudge(Watched("pairs head", lambda: PairReader.load(folder), lambda: marks_of(folder)))


class LiveSpans:
    """Satisfies care.ports.SpanReader with the newest pipeline in its folder.

    Opened when it is first asked, since only drafts need it. Where none was trained or it cannot be opened, nothing is
    read and drafts name nothing.
    """

    def __init__(self, settings: Settings) -> None:
        from model.spans import spans_folder

        self._folder = spans_folder(settings.home)
        self._lock = threading.Lock()
        self._watched: Watched[SpanReader] | None = None
        _: SpanReader = self

    def entities(self, text: str, redaction: Redaction) -> tuple[Entity, ...] | None:
        try:
            reader = self._open()
            return None if reader is None else reader.now().entities(text, redaction)
        except BundleError:
            return None

    def _open(self) -> "Watched[SpanReader] | None":
        with self._lock:
            if self._watched is None and self._folder.exists():
                self._watched = Watched("reader of spans", self._load, lambda: marks_of(self._folder), is_patient=True)
            return self._watched

    def _load(self) -> SpanReader:
        from model.spans import SpanReader as TrainedReader

        return TrainedReader.load(self._folder)


def state_of(settings: Settings) -> tuple[tuple[str, int, int], ...]:
    """What every folder looks like that the classifier is opened from."""
    from model.risk import risk_folder

    bundles = (settings.bundle, *settings.model.bundles.values())
    return marks_of(*bundles, risk_folder(settings.home), settings.encoder_folder)
