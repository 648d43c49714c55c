"""A tiny bundle of n-grams alone, trained in two seconds."""

import csv
import functools
import hashlib
import json
import tempfile
from pathlib import Path
from typing import Any

from model.bundle import Bundle, id_of
from model.classifier import MessageClassifier
from model.sealed import write_manifest
from model.sensitive import SensitiveFinder
from training.options import ReadOptions, TrainOptions
from training.run import train

WORDS = {
    "parcel": (
        "where is my {} parcel",
        "my {} delivery has not arrived",
        "track the {} package please",
        "{} parcel is late",
    ),
    "refund": (
        "i want my money back for the {}",
        "refund the {} please",
        "how do i return the {}",
        "{} goes back, refund me",
    ),
    "login": (
        "cannot log in to my {} account",
        "forgot the {} password",
        "locked out of the {} app",
        "{} sign in fails",
    ),
    "praise": ("thank you, the {} is lovely", "great {} and great service", "love my new {}", "best {} i ever had"),
    "price": ("what does the {} cost", "is there a discount on the {}", "price of the {} please", "how much is a {}"),
    "stock": ("is the {} in stock", "when is the {} available again", "do you still have the {}", "{} sold out?"),
}
THINGS = ("lamp", "chair", "kettle", "phone", "jacket", "mirror", "tent", "desk")


def write_examples(path: Path) -> Path:
    """192 rows, six intents, two urgencies."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("text", "intent", "urgency"))
        for intent, sentences in WORDS.items():
            for sentence in sentences:
                for thing in THINGS:
                    writer.writerow((sentence.format(thing), intent, "low" if intent == "praise" else "normal"))
    return path


@functools.cache
def tiny_folder() -> Path:
    """The tiny bundle's folder; made once a test run. Copy it before changing it."""
    folder = Path(tempfile.mkdtemp(prefix="tactful-tiny-"))
    train(
        [write_examples(folder / "examples.csv")],
        ReadOptions({"intent": "intent", "urgency": "urgency"}),
        TrainOptions(out=folder / "tiny", home=folder, encoder="none"),
    )
    return folder / "tiny"


OWN_WORDS = {
    "opening": ("when do you open the {} shop", "is the {} counter open today", "{} opening hours on sunday"),
    "parking": ("can i park near the {}", "where is the car park of the {}", "is parking free at the {}"),
}


@functools.cache
def own_folder() -> Path:
    """A bundle of a team's own intents and nothing else."""
    folder = Path(tempfile.mkdtemp(prefix="tactful-own-"))
    lines = ["text,intent"]
    for intent, sentences in OWN_WORDS.items():
        lines += [f"{sentence.format(thing)},{intent}" for sentence in sentences for thing in THINGS]
    (folder / "own.csv").write_text("\n".join(lines) + "\n", "utf-8")
    out = folder / "own"
    train([folder / "own.csv"], ReadOptions({"intent": "intent"}), TrainOptions(out=out, home=folder, encoder="none"))
    return out


@functools.cache
def tiny_classifier() -> MessageClassifier:
    return MessageClassifier(Bundle.load(tiny_folder()), None, SensitiveFinder())


def rehash(folder: Path, name: str) -> None:
    """Make the manifest agree with a file that was changed: what a forger would do."""
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    manifest["files"][name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    reseal(folder, manifest)


def reseal(folder: Path, manifest: dict[str, Any]) -> None:
    """Write a manifest with the id and the seal of what stands in it: what a forger would do."""
    write_manifest(folder, {**manifest, "id": id_of(manifest)})
