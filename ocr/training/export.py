"""Writes the network as ONNX, opset 11: normalisation folded away, only Conv, Relu and Add, weights as octets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from ocr.training.network import Conv, Residual, StripNetwork

Array = NDArray[np.float32]


class _Graph:
    """Collects nodes and weights."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def _name(self) -> str:
        return f"t{len(self.nodes)}"

    def bias(self, value: Array) -> str:
        """Kept as half floats and widened when the network is loaded."""
        return self._cast(value.astype(np.float16))

    def kernel(self, value: Array) -> str:
        """Kept as octets, each output channel at its own scale; what is lost is far less than what digits differ by."""
        largest = np.abs(value).max(axis=(1, 2, 3), keepdims=True)
        scale = np.where(largest > 0, largest / 127, 1).astype(np.float32)
        return self.add("Mul", self._cast(np.round(value / scale).astype(np.int8)), self._keep(scale))

    def _cast(self, value: NDArray[Any]) -> str:
        return self.add("Cast", self._keep(value), to=TensorProto.FLOAT)

    def _keep(self, value: NDArray[Any]) -> str:
        kept = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(value, kept))
        return kept

    def add(self, kind: str, *inputs: str, **attributes: object) -> str:
        """A node; returns its output's name."""
        output = self._name()
        self.nodes.append(helper.make_node(kind, list(inputs), [output], **attributes))
        return output

    def conv(self, x: str, conv: nn.Conv2d, norm: nn.BatchNorm2d | None) -> str:
        """A convolution with its normalisation folded in."""
        weight, bias = folded(conv, norm)
        pad = [int(p) for p in conv.padding]
        return self.add(
            "Conv",
            x,
            self.kernel(weight),
            self.bias(bias),
            kernel_shape=list(conv.kernel_size),
            strides=list(conv.stride),
            pads=pad + pad,
        )


def folded(conv: nn.Conv2d, norm: nn.BatchNorm2d | None) -> tuple[Array, Array]:
    """Weight and bias of a convolution and the batch normalisation after it as one convolution."""
    weight = conv.weight.detach().double()
    bias = conv.bias.detach().double() if conv.bias is not None else torch.zeros(weight.shape[0], dtype=torch.float64)
    if norm is not None:
        assert norm.running_mean is not None
        assert norm.running_var is not None
        scale = norm.weight.detach().double() / torch.sqrt(norm.running_var.double() + norm.eps)
        weight = weight * scale[:, None, None, None]
        bias = norm.bias.detach().double() + (bias - norm.running_mean.double()) * scale
    return weight.float().numpy(), bias.float().numpy()


def export(checkpoint: Path, out: Path) -> None:
    """Turns a checkpoint into the reader's file."""
    network = StripNetwork()
    network.load_state_dict(torch.load(checkpoint))
    graph = _Graph()
    x = "strip"
    layers = list(network.body)
    for i, layer in enumerate(layers):
        if isinstance(layer, Conv):
            x = graph.add("Relu", graph.conv(x, layer.conv, layer.norm))
        elif isinstance(layer, Residual):
            inner = graph.add("Relu", graph.conv(x, layer.first.conv, layer.first.norm))
            x = graph.add("Relu", graph.add("Add", graph.conv(inner, layer.second, layer.norm), x))
        elif isinstance(layer, nn.Conv2d):
            following = layers[i + 1]
            assert isinstance(following, nn.BatchNorm2d)
            x = graph.add("Relu", graph.conv(x, layer, following))
    x = graph.conv(x, network.head, None)
    graph.nodes[-1].output[0] = "scores"
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "strip",
            [helper.make_tensor_value_info("strip", TensorProto.FLOAT, ["n", 1, 32, "width"])],
            [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["n", 15, 1, "steps"])],
            graph.weights,
        ),
        opset_imports=[helper.make_opsetid("", 11)],
        ir_version=6,
        producer_name="phaselog",
    )
    onnx.checker.check_model(model)
    out.write_bytes(model.SerializeToString())
