"""Trains the finder of digit lines on rendered scenes and writes its weights as ONNX."""

import time
import warnings
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from ocr.locate.prepare import PLANES, planes
from ocr.training.locate_net import LineFinder
from ocr.training.locate_targets import targets
from ocr.training.resume import load
from ocr.training.scenes import Scene, scene

SIZES = ((256, 256), (256, 192), (192, 256), (320, 192), (320, 128), (320, 64))
OFTEN = (0.34, 0.17, 0.15, 0.12, 0.08, 0.14)
PIXELS = 8 * 256 * 256  # of one batch
KEPT = 600  # scenes of each size that come back in other light
SETTLED = 0.4  # of the time; from then on the normalisation stays as it will be when used


class Scenes:
    """Batches of one size each: a third of the scenes is new, the others are old ones in other light."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        self._kept: dict[tuple[int, int], list[Scene]] = {size: [] for size in SIZES}

    def batch(self) -> tuple[Tensor, Tensor, Tensor]:
        """Planes, wanted answers, weights of the geometry."""
        size = SIZES[self._rng.choice(len(SIZES), p=OFTEN)]
        count = PIXELS // (size[0] * size[1])
        kept = self._kept[size]
        new = [scene(self._rng, *size) for _ in range(count if len(kept) < 4 * count else count // 3)]
        old = [_relit(self._rng, kept[i]) for i in self._rng.integers(0, max(1, len(kept)), count - len(new))]
        self._kept[size] = (kept + new)[-KEPT:]
        wanted = [targets(s.lines, *size) for s in new + old]
        return (
            torch.from_numpy(np.stack([planes(s.picture) for s in new + old])).contiguous(
                memory_format=torch.channels_last
            ),
            torch.from_numpy(np.stack([answers for answers, _ in wanted])),
            torch.from_numpy(np.stack([weight for _, weight in wanted])),
        )


def _relit(rng: Generator, old: Scene) -> Scene:
    """The same scene brighter, tinted, as a negative, noisier."""
    picture = old.picture
    if rng.random() < 0.25:
        picture = 255 - picture
    if rng.random() < 0.25:
        picture = picture[:, :, rng.permutation(3)]
    ramp = np.arange(256)[:, None] * rng.uniform(0.5, 1.2) * np.exp(rng.normal(0, 0.08, 3)) + rng.normal(0, 12)
    picture = cv2.LUT(np.ascontiguousarray(picture), np.clip(ramp, 0, 255).astype(np.uint8)[None])
    if rng.random() < 0.5:
        grain = np.empty(picture.shape, np.float32)
        cv2.randn(grain, np.zeros(1), np.full(1, rng.exponential(4)))
        picture = cv2.add(picture, grain, dtype=cv2.CV_8U)
    return Scene(picture, old.lines)


def loss(answers: Tensor, wanted: Tensor, weight: Tensor) -> Tensor:
    """Every line counts alike, small or large; of the rest what is most mistaken for a line."""
    line = wanted[:, 0]
    apart = functional.binary_cross_entropy_with_logits(answers[:, 0], line, reduction="none")
    lines = weight.sum() + 1e-6
    even = 0.5 * (apart * weight).sum() / lines + 0.5 * (apart * line).sum() / (line.sum() + 1)
    rest = apart[line == 0]
    hardest = torch.topk(rest, min(rest.numel(), max(int(3 * line.sum()), rest.numel() // 60))).values.mean()
    sure = torch.sigmoid(answers[:, 0])
    dice = 1 - (2 * (sure * line).sum() + 1) / (sure.sum() + line.sum() + 1)
    geometry = functional.smooth_l1_loss(answers[:, 1:], wanted[:, 1:], reduction="none", beta=0.2)
    share = torch.tensor([1.0, 2, 2, 1, 1, 0.6, 0.6])[None, :, None, None]
    return even + hardest + 0.5 * dice + 1.5 * (geometry * share * weight[:, None]).sum() / lines


def _settle(net: nn.Module) -> None:
    """Keeps the normalisation: a batch holds scenes of one size, whose statistics are not those of the others."""
    for part in net.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.eval()


def train(checkpoint: Path, *, minutes: float, seed: int, start: Path | None, rate: float) -> None:
    """Trains on one thread for a given time; with a start, the normalisation is settled already."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    cv2.setRNGSeed(seed)
    scenes = Scenes(seed)
    net = LineFinder().to(memory_format=torch.channels_last)
    if start:
        load(net, start, [scenes.batch()[0] for _ in range(20)])
    optimiser = torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=1e-3)
    mean_net = AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(0.99), use_buffers=True)
    began = time.monotonic()
    mean, step = 0.0, 0
    while (done := (time.monotonic() - began) / 60 / minutes) < 1:
        if start or done > SETTLED:
            _settle(net)
        warm = min(1.0, (step + 1) / 60)
        for group in optimiser.param_groups:
            group["lr"] = rate * warm * (0.5 + 0.5 * float(np.cos(np.pi * done))) + 1e-5
        pictures, wanted, weight = scenes.batch()
        optimiser.zero_grad()
        value = loss(net(pictures), wanted, weight)
        value.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimiser.step()
        mean_net.update_parameters(net)
        step += 1
        mean = value.item() if step == 1 else 0.98 * mean + 0.02 * value.item()
        if step % 50 == 0:
            print(f"{done * minutes:5.1f} min  batch {step:5d}  loss {mean:.3f}", flush=True)
            torch.save(mean_net.module.state_dict(), checkpoint)
    torch.save(mean_net.module.state_dict(), checkpoint)


def export(checkpoint: Path, out: Path) -> None:
    """Writes the weights as cv2.dnn reads them: opset 11, any picture size."""
    net = LineFinder()
    net.load_state_dict(torch.load(checkpoint, weights_only=True))
    net.eval()
    names: dict[str, Any] = {"input_names": ["picture"], "output_names": ["answers"]}
    sizes = {2: "height", 3: "width"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the other exporter writes no opset that cv2.dnn 4 reads
        torch.onnx.export(
            net, (torch.zeros(1, PLANES, 320, 320),), out, opset_version=11, dynamo=False,
            dynamic_axes={"picture": sizes, "answers": sizes}, **names,
        )  # fmt: skip
