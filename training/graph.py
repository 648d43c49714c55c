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

    def constant(self, name: str, value: NDArray[Any]) -> str:
        from onnx import numpy_helper

        self.constants.append(numpy_helper.from_array(np.asarray(value, order="C"), name))
        return name

    def node(self, kind: str, inputs: list[str], output: str, *, domain: str = "", **options: Any) -> str:
        from onnx import helper

        self.nodes.append(helper.make_node(kind, inputs, [output], domain=domain, **options))
        return output

    def matmul(self, x: str, weight: Floats, output: str, *, bias: Floats | None = None) -> str:
        """x @ weight + bias with int8 weights, one scale a column; x is measured and rounded as it comes."""
        return self.matmul_rounded(x, *in_eight_bits(weight), output, bias=bias)

    def matmul_rounded(
        self, x: str, rounded: NDArray[np.int8], scale: Floats, output: str, *, bias: Floats | None = None
    ) -> str:
        """The same for weights that are `in_eight_bits` already."""
        inputs = [
            x,
            self.constant(output + ".weight", rounded),
            self.constant(output + ".scale", scale),
            self.constant(output + ".zero", np.zeros(len(scale), np.int8)),
        ]
        if bias is not None:
            inputs.append(self.constant(output + ".bias", bias.astype(np.float32)))
        return self.node("DynamicQuantizeMatMul", inputs, output, domain=MS)

    def normalised(self, x: str, output: str) -> str:
        return self.node("LpNormalization", [x], output, axis=1, p=2)

    def finished(self, name: str, inputs: Sequence[Any], outputs: Sequence[Any]) -> bytes:
        """The graph as a file's content."""
        from onnx import ModelProto, helper

        made = helper.make_graph(self.nodes, name, inputs, outputs, self.constants)
        opsets = [helper.make_opsetid("", 18), helper.make_opsetid(MS, 1)]
        return bytes(ModelProto.SerializeToString(helper.make_model(made, opset_imports=opsets, ir_version=9)))
