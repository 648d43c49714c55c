"""A bundle's kernel as one ONNX graph in eight bits: what model/kernel.py runs.

A message alone is answered as fast as the training rows can be fetched from memory, so they are kept small; the batch
gains too. Rounding moves a likeness by some thousandths, less than the encoder's own rounding does.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from model.kernel import COSINES, MEANING, SCORES, STYLE
from training.graph import Graph, in_eight_bits
from training.space import Lens, Space

Floats = NDArray[np.float32]


def kernel_graph(space: Space, heads: Sequence[tuple[Lens, Floats]]) -> bytes:
    """heads: how each looks at the space, and its weights, (n_rows, n_columns)."""
    from onnx import TensorProto, helper

    graph = Graph()
    placed = graph.matmul(MEANING, space.axes, "placed", bias=-(space.mean @ space.axes))
    places, styles = space.weighing
    nearness = {MEANING: _nearness(graph, placed, places, "in_meaning")}
    if any(lens.style for lens, _ in heads):
        nearness[STYLE] = _nearness(graph, STYLE, styles, "in_style")
    read, order = [], []
    for at, lens in enumerate(dict.fromkeys(lens for lens, _ in heads)):
        members = [(i, weight) for i, (seen_by, weight) in enumerate(heads) if seen_by == lens]
        read.append(_scores(graph, nearness, lens, np.concatenate([w for _, w in members], axis=1), f"lens{at}"))
        order += [i for i, _ in members]
    starts = np.cumsum([0, *(weight.shape[1] for _, weight in heads)])
    stands = np.concatenate([np.arange(starts[i], starts[i + 1]) for i in order])
    together = graph.node("Concat", read, "together", axis=1)
    graph.node("Gather", [together, graph.constant("order", np.argsort(stands))], SCORES, axis=1)
    span = {"from": 0, "to": space.vectors.shape[1], "axis": 1}
    of_span = [graph.constant(name, np.array([at], np.int64)) for name, at in span.items()]
    vector = graph.node("Slice", [MEANING, *of_span], "vector")
    graph.matmul(vector, space.vectors.T, COSINES)

    def port(name: str, columns: int) -> object:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", columns])

    inputs = [port(MEANING, len(space.mean)), port(STYLE, space.styles.shape[1])]
    return graph.finished("kernel", inputs, [port(SCORES, int(starts[-1])), port(COSINES, len(space.vectors))])


def _nearness(graph: Graph, x: str, rows: Floats, name: str) -> str:
    """Minus half the squared distance of x to every row, as the rows are once rounded."""
    rounded, scale = in_eight_bits(rows.T)
    squares = np.square(rounded * scale).sum(axis=0)
    products = graph.matmul_rounded(x, rounded, scale, f"{name}.products", bias=-squares / 2)
    graph.constant(f"{name}.half", np.array(0.5, np.float32))
    axis = graph.constant(f"{name}.axis", np.array([1], np.int64))
    length = graph.node("ReduceSumSquare", [x, axis], f"{name}.length", keepdims=1)
    half = graph.node("Mul", [length, f"{name}.half"], f"{name}.half_length")
    apart = graph.node("Sub", [products, half], f"{name}.apart")
    return graph.node("Min", [apart, graph.constant(f"{name}.zero", np.array(0, np.float32))], name)


def _scores(graph: Graph, nearness: dict[str, str], lens: Lens, weight: Floats, name: str) -> str:
    """What the kernel of one lens says for some columns."""
    parts = []
    for kind, counts in ((MEANING, lens.meaning), (STYLE, lens.style)):
        if counts:
            strength = graph.constant(f"{name}.{kind}", np.array(counts, np.float32))
            parts.append(graph.node("Mul", [nearness[kind], strength], f"{name}.of_{kind}"))
    likeness = parts[0] if len(parts) == 1 else graph.node("Add", parts, f"{name}.likeness")
    kernel = graph.node("Exp", [likeness], f"{name}.kernel")
    return graph.node("MatMul", [kernel, graph.constant(f"{name}.weight", weight)], f"{name}.scores")
