"""Several bundles as one reader: each answers for its tasks, and a message is masked and read once."""

from collections.abc import Sequence
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.typing import NDArray

from care.errors import BundleError
from care.sensitive import Redaction
from model.bundle import Bundle
from model.classifier import MessageClassifier
from model.encoder import DIMENSIONS, Encoder
from model.encoder_cache import Library
from model.sensitive import SensitiveFinder
from model.served import ServedBundle
from tests.model.tiny import own_folder, tiny_folder
from training.encoders import Remembering
from wiring.shapes.reading import ClassificationOut


class CountingRedactor:
    """The real one, counting."""

    def __init__(self) -> None:
        self.n = 0
        self._finder = SensitiveFinder()

    def redact(self, text: str, *, before: str | None = None, is_public: bool | None = None) -> Redaction:
        self.n += 1
        return self._finder.redact(text, before=before, is_public=is_public)


@pytest.fixture(scope="module")
def redactor() -> CountingRedactor:
    return CountingRedactor()


@pytest.fixture(scope="module")
def both(redactor: CountingRedactor) -> MessageClassifier:
    """The tiny bundle for urgency, one of our own for the intent."""
    own = ServedBundle(Bundle.load(own_folder()), None, tasks=["intent"])
    return MessageClassifier(Bundle.load(tiny_folder()), None, redactor, others=[own])


def test_each_task_is_judged_by_its_bundle_and_says_by_which(both: MessageClassifier) -> None:
    read = both.classify("can i park near the lamp, it is urgent")

    assert read.tasks["intent"].label == "parking"
    assert list(read.tasks) == ["intent", "urgency"]
    own, tiny = Bundle.load(own_folder()).id, Bundle.load(tiny_folder()).id
    assert (read.bundle, read.bundles) == (tiny, {"intent": own, "urgency": tiny})
    assert ClassificationOut.of(read).as_json()["model"] == {"name": tiny, "bundles": {"intent": own, "urgency": tiny}}
    assert both.labels["intent"] == ("opening", "parking")


def test_each_says_what_it_would_say_alone(both: MessageClassifier) -> None:
    texts = ["is parking free at the desk", "where is my parcel", "my lamp caught fire"]
    alone = MessageClassifier(Bundle.load(own_folder()), None, SensitiveFinder())

    together = both.classify_many(texts, explain=True)

    assert [classification.tasks["intent"] for classification in together] == [
        classification.tasks["intent"] for classification in alone.classify_many(texts, explain=True)
    ]
    assert together[2].tasks["urgency"].label == "urgent"


def test_a_message_is_masked_once_however_many_bundles_read_it(
    both: MessageClassifier, redactor: CountingRedactor
) -> None:
    before = redactor.n

    both.classify_many(["when do you open", "where can i park"])

    assert redactor.n - before == 2


def test_only_the_tasks_asked_for_are_read(both: MessageClassifier) -> None:
    assert list(both.classify("where can i park", tasks=["urgency"]).tasks) == ["urgency"]
    assert list(both.classify("where can i park", tasks=["intent"]).tasks) == ["intent"]


def test_a_bundle_that_lacks_the_task_it_was_named_for_is_refused() -> None:
    with pytest.raises(BundleError, match=r"has no task mood; it has intent. Name another one .* model.bundles"):
        ServedBundle(Bundle.load(own_folder()), None, tasks=["mood"])


def test_an_encoder_reads_each_text_once_a_call() -> None:
    read: list[str] = []

    def features(texts: Sequence[str]) -> NDArray[np.float32]:
        read.extend(texts)
        return np.full((len(texts), DIMENSIONS), len(read), np.float32)

    encoder, same = (SimpleNamespace(id="enc_1", features=features) for _ in range(2))
    library = Library()
    first = library.of(encoder).text_features(["a", "b"])  # type: ignore[arg-type]
    again = library.of(same).text_features(["b", "c", "a"])  # type: ignore[arg-type]

    assert read == ["a", "b", "c"]
    assert (again[0] == first[1]).all()
    assert (again[2] == first[0]).all()


def test_one_that_remembers_reads_no_text_again_and_gives_the_same() -> None:
    read: list[str] = []

    class Session:
        def run(self, _: object, given: dict[str, NDArray[np.int64]]) -> list[NDArray[np.float32]]:
            read.extend("".join(map(chr, row[row > 0])) for row in given["input_ids"])
            return [given["input_ids"][:, :1].repeat(DIMENSIONS, axis=1).astype(np.float32)]

    pieces = SimpleNamespace(encode_batch=lambda texts: [SimpleNamespace(ids=[*map(ord, text)]) for text in texts])
    encoder = Encoder("enc_1", Session(), pieces)
    remembering = Remembering.of(encoder)

    first = remembering.features(["a", "b"])
    again = remembering.features(["b", "c", "a", "c"])

    assert sorted(read) == ["a", "b", "c", "c"]
    assert (again[[2, 0]] == first).all()
    assert (again == encoder.features(["b", "c", "a", "c"])).all()
    assert remembering.id == "enc_1"
    assert len(remembering.features([])) == 0
