"""Goes on from weights that were exported: the normalisation that was folded away is measured anew on drawings."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn


def load(network: nn.Module, start: Path, inputs: Iterable[Tensor]) -> None:
    """Loads a checkpoint, or an exported file; the network then answers as the file does.

    An exported file has no normalisation. It is put back so that it changes nothing, with the means and deviations that
    `inputs` give.
    """
    if start.suffix != ".onnx":
        network.load_state_dict(torch.load(start, weights_only=True))
        return
    kept = _weights(start)
    norms = _restore(network, kept, next(iter(inputs)))
    seen = {norm: _Seen(norm) for norm in norms}
    with torch.no_grad():
        for batch in inputs:
            network(batch)
    for norm, statistics in seen.items():
        statistics.put_back(norm)


def _weights(path: Path) -> list[tuple[Tensor, Tensor]]:
    """Weight and bias of each convolution, in the order in which they are used."""
    graph = onnx.load(path).graph
    values = {given.name: numpy_helper.to_array(given).astype("float32") for given in graph.initializer}
    for node in graph.node:
        if node.op_type in ("Cast", "Identity") and node.input[0] in values:
            values[node.output[0]] = values[node.input[0]]
        elif node.op_type == "Mul" and node.input[0] in values:
            values[node.output[0]] = values[node.input[0]] * values[node.input[1]]
    convolutions = (node for node in graph.node if node.op_type == "Conv")
    return [tuple(torch.tensor(values[name]) for name in node.input[1:3]) for node in convolutions]


def _restore(network: nn.Module, kept: list[tuple[Tensor, Tensor]], example: Tensor) -> list[nn.BatchNorm2d]:
    """Fills the convolutions in the order of use; a following normalisation takes the bias and does nothing else."""
    order: list[nn.Module] = []
    parts = [part for part in network.modules() if isinstance(part, nn.Conv2d | nn.BatchNorm2d)]
    hooks = [part.register_forward_hook(lambda used, _in, _out: order.append(used)) for part in parts]
    network.eval()
    with torch.no_grad():
        network(example)
    for hook in hooks:
        hook.remove()
    norms = []
    waiting = iter(kept)
    for part, following in zip(order, [*order[1:], None], strict=True):
        if not isinstance(part, nn.Conv2d):
            continue
        weight, bias = next(waiting)
        part.weight.data.copy_(weight)
        if isinstance(following, nn.BatchNorm2d):
            _pass_through(following, bias)
            norms.append(following)
        elif part.bias is not None:
            part.bias.data.copy_(bias)
    return norms


def _pass_through(norm: nn.BatchNorm2d, bias: Tensor) -> None:
    assert norm.running_mean is not None
    assert norm.running_var is not None
    norm.running_mean.zero_()
    norm.running_var.fill_(1 - norm.eps)
    norm.weight.data.fill_(1)
    norm.bias.data.copy_(bias)


class _Seen:
    """Sums over what enters a normalisation."""

    def __init__(self, norm: nn.BatchNorm2d) -> None:
        self._count = 0
        self._sum = torch.zeros(norm.num_features, dtype=torch.float64)
        self._squares = torch.zeros(norm.num_features, dtype=torch.float64)
        self._hook = norm.register_forward_pre_hook(self._look)

    def _look(self, _norm: nn.Module, inputs: tuple[Tensor]) -> None:
        x = inputs[0].double()
        self._count += x.numel() // x.shape[1]
        self._sum += x.sum((0, 2, 3))
        self._squares += (x * x).sum((0, 2, 3))

    def put_back(self, norm: nn.BatchNorm2d) -> None:
        """The measured mean and variance, undone by scale and shift."""
        self._hook.remove()
        assert norm.running_mean is not None
        assert norm.running_var is not None
        mean = self._sum / self._count
        variance = (self._squares / self._count - mean * mean).clamp_min(1e-6)
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(variance)
        norm.weight.data.copy_(torch.sqrt(variance + norm.eps))
        norm.bias.data.add_(mean.float())
