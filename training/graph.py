"""Write ONNX graphs node by node: the encoder's, and a bundle's kernel."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

MS = "com.microsoft"
# Without VNNI the int8 kernels add pairs of products in 16 bits, which overflow at full range; 7-bit weights cannot.
WEIGHT_RANGE = 63
ROW_RANGE = 127
"""Whole numbers either way that a value of a row is rounded to."""


def in_eight_bits(weight: Floats) -> tuple[NDArray[np.int8], Floats]:
    """The weights as int8, and one scale a column: int8 * scale is nearly the weight."""
    scale = np.maximum(np.abs(weight).max(0), 1e-9) / WEIGHT_RANGE
    rounded = np.clip(np.round(weight / scale), -WEIGHT_RANGE, WEIGHT_RANGE).astype(np.int8)
    return rounded, scale.astype(np.float32)


@dataclass
class Graph:
    """An ONNX graph in the making: constants and nodes by name."""

    constants: list[Any] = field(default_factory=list)
    nodes: list[Any] = field(default_factory=list)
    _named: set[str] = field(default_factory=set)

    def constant(self, name: str, value: NDArray[Any]) -> str:
        from onnx import numpy_helper

        self.constants.append(numpy_helper.from_array(np.asarray(value, order="C"), name))
        return name

    def node(self, kind: str, inputs: list[str], output: str, *, domain: str = "", **options: Any) -> str:
        from onnx import helper

        self.nodes.append(helper.make_node(kind, inputs, [output], domain=domain, **options))
        return output

    def matmul(self, x: str, weight: Floats, output: str, *, bias: Floats | None = None) -> str:
        """x @ weight + bias with int8 weights, one scale a column; each row of x is rounded as it comes."""
        return self.matmul_rounded(x, *in_eight_bits(weight), output, bias=bias)

    def matmul_rounded(
        self, x: str, rounded: NDArray[np.int8], scale: Floats, output: str, *, bias: Floats | None = None
    ) -> str:
        """The same for weights that are `in_eight_bits` already.

        Every row of x is rounded by its own largest value, so what stands in the other rows changes nothing. The fused
        node for this, DynamicQuantizeMatMul, measures all of x at once: a message's answer then depends on the batch.
        """
        step = self._shared("row.step", np.array(1 / ROW_RANGE, np.float32))
        zero = self._shared("row.zero", np.array(128, np.uint8))
        axis = self._shared("row.axis", np.array([-1], np.int64))
        tiny = self._shared("row.tiny", np.array(1e-12, np.float32))
        size = self.node("Abs", [x], f"{output}.size")
        most = self.node("ReduceMax", [size, axis], f"{output}.most", keepdims=1)
        length = self.node("Max", [most, tiny], f"{output}.length")
        level = self.node("Div", [x, length], f"{output}.level")
        eight = self.node("QuantizeLinear", [level, step, zero], f"{output}.eight")
        inputs = [
            eight,
            self.constant(f"{output}.weight", rounded),
            step,
            self.constant(f"{output}.scale", scale),
            zero,
            self.constant(f"{output}.zero", np.zeros(len(scale), np.int8)),
        ]
        product = self.node("MatMulIntegerToFloat", inputs, f"{output}.product", domain=MS)
        if bias is None:
            return self.node("Mul", [product, length], output)
        scaled = self.node("Mul", [product, length], f"{output}.scaled")
        return self.node("Add", [scaled, self.constant(f"{output}.bias", bias.astype(np.float32))], output)

    def _shared(self, name: str, value: NDArray[Any]) -> str:
        """A constant that several nodes read, put in once."""
        if name not in self._named:
            self._named.add(name)
            self.constant(name, value)
        return name

    def normalised(self, x: str, output: str) -> str:
        return self.node("LpNormalization", [x], output, axis=1, p=2)

    def finished(self, name: str, inputs: Sequence[Any], outputs: Sequence[Any]) -> bytes:
        """The graph as a file's content."""
        from onnx import ModelProto, helper

        made = helper.make_graph(self.nodes, name, inputs, outputs, self.constants)
        opsets = [helper.make_opsetid("", 18), helper.make_opsetid(MS, 1)]
        return bytes(ModelProto.SerializeToString(helper.make_model(made, opset_imports=opsets, ir_version=9)))
