"""Export the encoder once: original weights in, int8 ONNX with fused attention out.

The graph is written node by node from the weights, so neither torch nor transformers is needed: a BERT encoder is six
times the same dozen nodes, and only what the heads read leaves it.
"""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from care.errors import BundleError
from model.encoder import (
    EXPORT_VERSION,
    MAX_TOKENS,
    READ_LAYERS,
    TOKENIZER_SHA256,
    WEIGHTS_MISSING,
    WEIGHTS_SHA256,
    Encoder,
    check_hash,
    package_folder,
)
from model.folders import replacing
from model.sealed import hashes_of
from training.graph import MS, Graph

Floats = NDArray[np.float32]
Say = Callable[[str], None]


def ensure_encoder(
    home: Path, *, source: Path | None = None, threads: int = 1, say: Say = lambda line: None
) -> Encoder:
    """The ready encoder: exported now when it is not there yet.

    home: the data folder; the export goes to home/encoder. source: another local model folder.
    Raises BundleError when the weights are missing or not the ones we know.
    """
    folder = export(home, source=source, say=say)
    return Encoder.load(folder, threads=threads)


def export(home: Path, *, source: Path | None = None, force: bool = False, say: Say = lambda line: None) -> Path:
    """Write the int8 encoder under home/encoder and return its folder. Safe to run twice and by two at once."""
    origin = source or package_folder()
    if origin is None:
        raise BundleError(WEIGHTS_MISSING)
    if source is not None and (source / "manifest.json").is_file():
        return source
    folder = home / ("encoder" if source is None else _folder_name(origin))
    if not force and _is_exported(folder):
        return folder
    say("checking the encoder's weights")
    if source is None:
        check_hash(origin / "model.safetensors", WEIGHTS_SHA256)
        check_hash(origin / "tokenizer.json", TOKENIZER_SHA256)
    say("exporting the encoder to int8 (once)")
    with replacing(folder) as made:
        _write(origin, made)
    return folder


def _folder_name(origin: Path) -> str:
    mark = hashlib.sha256(str(origin.resolve()).encode()).hexdigest()[:8]
    return f"encoder-{origin.name}-{mark}"


def _is_exported(folder: Path) -> bool:
    try:
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        return manifest["version"] == EXPORT_VERSION and all((folder / name).is_file() for name in manifest["files"])
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _write(origin: Path, made: Path) -> None:
    try:
        config = json.loads((origin / "config.json").read_text("utf-8"))
        shutil.copyfile(origin / "tokenizer.json", made / "tokenizer.json")
    except (OSError, ValueError) as error:
        raise BundleError(f"{origin} is not an encoder folder: it needs config.json and tokenizer.json.") from error
    if config.get("model_type") != "bert":
        raise BundleError(f"{origin} holds a {config.get('model_type')} model; tactful exports BERT encoders.")
    (made / "model.onnx").write_bytes(_graph_of(origin / "model.safetensors", config))
    files = hashes_of(made, ("model.onnx", "tokenizer.json"))
    mark = hashlib.sha256("".join(files.values()).encode()).hexdigest()[:12]
    manifest = {"version": EXPORT_VERSION, "id": f"enc_{mark}", "origin": origin.name, "files": files}
    (made / "manifest.json").write_text(json.dumps(manifest, indent=1), "utf-8")


def _graph_of(weights_file: Path, config: dict[str, Any]) -> bytes:
    from onnx import TensorProto, helper
    from safetensors.numpy import load_file

    weights = {name.removeprefix("bert."): value for name, value in load_file(weights_file).items()}
    layers, heads = int(config["num_hidden_layers"]), int(config["num_attention_heads"])
    epsilon = float(config.get("layer_norm_eps", 1e-12))
    graph = Graph()

    words = weights["embeddings.word_embeddings.weight"].astype(np.float32)
    scale = np.maximum(np.abs(words).max(1, keepdims=True), 1e-9) / 127
    graph.constant("words", np.clip(np.round(words / scale), -127, 127).astype(np.int8))
    graph.constant("words.scale", scale.astype(np.float32))
    graph.node("Gather", ["words", "input_ids"], "word8")
    graph.node("Cast", ["word8"], "word32", to=TensorProto.FLOAT)
    graph.node("Gather", ["words.scale", "input_ids"], "word_scale")
    graph.node("Mul", ["word32", "word_scale"], "word")
    positions = weights["embeddings.position_embeddings.weight"] + weights["embeddings.token_type_embeddings.weight"][0]
    graph.constant("positions", positions[: MAX_TOKENS * 2].astype(np.float32))
    graph.constant("zero", np.array([0], np.int64))
    graph.node("Shape", ["input_ids"], "length", start=1, end=2)
    graph.node("Slice", ["positions", "zero", "length"], "position")
    graph.node("Add", ["word", "position"], "embedded")
    gain = graph.constant("embed.gain", weights["embeddings.LayerNorm.weight"])
    shift = graph.constant("embed.shift", weights["embeddings.LayerNorm.bias"])
    x = graph.node("LayerNormalization", ["embedded", gain, shift], "x0", epsilon=epsilon)
    graph.node("Cast", ["attention_mask"], "mask32", to=TensorProto.INT32)

    hidden = [x]
    for layer in range(layers):
        x = _layer(graph, weights, layer, x, heads=heads, epsilon=epsilon)
        hidden.append(x)
    # What the readings are made of leaves the graph too, for whoever asks what a word adds to them.
    kept = hidden[1:][::-1][:READ_LAYERS]
    output = _readings(graph, kept)

    ids = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"])
        for name in ("input_ids", "attention_mask")
    ]
    outputs = [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["batch", "features"])]
    outputs += [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", "length", "width"]) for name in kept]
    return graph.finished("encoder", ids, outputs)


def _layer(graph: Graph, weights: dict[str, Floats], layer: int, x: str, *, heads: int, epsilon: float) -> str:
    """One transformer layer, each part one fused node."""

    def of(name: str) -> Floats:
        return weights[f"encoder.layer.{layer}.{name}"].astype(np.float32)

    def put(name: str) -> str:
        return graph.constant(f"{layer}.{name}", of(name))

    at = f"{layer}"
    parts = ("query", "key", "value")
    together = np.concatenate([of(f"attention.self.{part}.weight").T for part in parts], axis=1)
    bias = np.concatenate([of(f"attention.self.{part}.bias") for part in parts])
    qkv = graph.matmul(x, together, f"{at}.qkv")
    from onnx import helper

    names = [f"{at}.{part}" for part in parts]
    graph.nodes.append(helper.make_node("Split", [qkv], names, axis=-1, num_outputs=3))
    inputs = [*names, graph.constant(f"{at}.qkv.bias", bias), "mask32"]
    attended = graph.node("MultiHeadAttention", inputs, f"{at}.attended", domain=MS, num_heads=heads)
    projected = graph.matmul(attended, of("attention.output.dense.weight").T, f"{at}.projected")
    norm = [put("attention.output.LayerNorm.weight"), put("attention.output.LayerNorm.bias")]
    inputs = [projected, x, *norm, put("attention.output.dense.bias")]
    middle = graph.node("SkipLayerNormalization", inputs, f"{at}.middle", domain=MS, epsilon=epsilon)
    wide = graph.matmul(middle, of("intermediate.dense.weight").T, f"{at}.wide")
    active = graph.node("BiasGelu", [wide, put("intermediate.dense.bias")], f"{at}.active", domain=MS)
    narrow = graph.matmul(active, of("output.dense.weight").T, f"{at}.narrow")
    norm = [put("output.LayerNorm.weight"), put("output.LayerNorm.bias")]
    inputs = [narrow, middle, *norm, put("output.dense.bias")]
    return graph.node("SkipLayerNormalization", inputs, f"x{layer + 1}", domain=MS, epsilon=epsilon)


def _readings(graph: Graph, layers: list[str]) -> str:
    """Means of the last layers (the sentence vector first), maximum and first token of the last; length 1 each.

    `model.encoder.States` does the same without some of the tokens.
    """
    from onnx import TensorProto

    graph.node("Cast", ["attention_mask"], "mask", to=TensorProto.FLOAT)
    graph.constant("axis1", np.array([1], np.int64))
    graph.constant("axis2", np.array([2], np.int64))
    graph.node("Unsqueeze", ["mask", "axis2"], "mask3")
    graph.node("ReduceSum", ["mask3", "axis1"], "count", keepdims=0)
    read = []
    for back, layer in enumerate(layers, 1):
        kept = graph.node("Mul", [layer, "mask3"], f"kept{back}")
        total = graph.node("ReduceSum", [kept, "axis1"], f"sum{back}", keepdims=0)
        read.append(graph.normalised(graph.node("Div", [total, "count"], f"mean{back}"), f"reading{back}"))
    graph.constant("one", np.array(1, np.float32))
    graph.constant("far", np.array(-1e4, np.float32))
    graph.node("Sub", ["one", "mask3"], "padding")
    graph.node("Mul", ["padding", "far"], "pushed")
    graph.node("Add", [layers[0], "pushed"], "unpadded")
    read.append(graph.normalised(graph.node("ReduceMax", ["unpadded", "axis1"], "maximum", keepdims=0), "reading_max"))
    graph.constant("first", np.array(0, np.int64))
    read.append(graph.normalised(graph.node("Gather", [layers[0], "first"], "token", axis=1), "reading_first"))
    return graph.node("Concat", read, "features", axis=1)
