"""Trains the network on rendered strips: CTC, helped by the digits' known places; the averaged weights are kept."""

from __future__ import annotations

import copy
import math
import time
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as fn

from ocr.training.network import CLASSES, StripNetwork
from ocr.training.pool import IGNORED, Batch, Pool, shard
from ocr.training.resume import load

BATCH = 32


def normalised(images: torch.Tensor) -> torch.Tensor:
    """Each strip to mean 0 and deviation 1, as the reader does."""
    pixels = images.float()
    deviation, mean = torch.std_mean(pixels, dim=(1, 2), keepdim=True, correction=0)
    return ((pixels - mean) / (deviation + 2.0)).clamp(-3, 3)[:, None]


def _inputs(batch: Batch, dice: np.random.Generator) -> torch.Tensor:
    x = normalised(torch.from_numpy(batch.images))
    signs = torch.from_numpy(np.where(dice.random(len(x)) < 0.25, -1.0, 1.0).astype(np.float32))
    return (x * signs[:, None, None, None]).contiguous(memory_format=torch.channels_last)


def loss(scores: torch.Tensor, batch: Batch) -> torch.Tensor:
    """How far the scores are from the truth."""
    columns = scores[:, :, 0].float()
    symbols = columns[:, :CLASSES]
    steps = symbols.shape[2]
    lengths = torch.from_numpy(batch.lengths.astype(np.int64))
    whole = fn.ctc_loss(
        symbols.log_softmax(1).permute(2, 0, 1),
        torch.from_numpy(batch.labels.astype(np.int64)),
        torch.full((len(lengths),), steps),
        lengths,
        zero_infinity=True,
    )
    frames = torch.from_numpy(batch.frames.astype(np.int64))
    each = fn.cross_entropy(symbols, frames, ignore_index=IGNORED)
    places = torch.from_numpy(batch.geometry)
    known = places[..., 1] > 0
    geometry = fn.smooth_l1_loss(columns[:, CLASSES:].permute(0, 2, 1)[known], places[known], beta=0.05)
    return whole + 0.3 * each + geometry


def greedy(scores: torch.Tensor) -> list[str]:
    """The texts of the best path."""
    texts = []
    for row in scores[:, :CLASSES, 0].argmax(1).tolist():
        kept = [c for i, c in enumerate(row) if c and (i == 0 or row[i - 1] != c)]
        texts.append("".join("." if c == 11 else str(c - 1) for c in kept))
    return texts


def accuracy(network: StripNetwork, batches: list[Batch]) -> float:
    """The share of whole strips read right, decimal point left aside."""
    right = total = 0
    network.eval()
    with torch.no_grad():
        for batch in batches:
            scores = network(normalised(torch.from_numpy(batch.images)))
            for text, label, length in zip(greedy(scores), batch.labels, batch.lengths, strict=True):
                wanted = "".join(str(c - 1) for c in label[:length] if c != 11)
                right += text.replace(".", "") == wanted
                total += 1
    return right / total


def train(
    out: Path, *, minutes: float, seed: int, start: Path | None = None, rate: float = 2e-3, fresh: float = 12.0
) -> None:
    """Trains for so many minutes, from scratch or from weights of before, and writes the averaged weights."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    network = StripNetwork()
    held_out = [shard(7_000_000 + width, width) for width in (128, 192, 256)]
    if start:
        load(network, start, [normalised(torch.from_numpy(batch.images)) for batch in held_out])
    network = network.to(memory_format=torch.channels_last)
    average = copy.deepcopy(network)
    optimiser = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=1e-3)
    pool = Pool(seed, strips_a_step=fresh)
    dice = np.random.default_rng(seed)
    began = told = time.monotonic()
    step, done, running = 0, 0.0, 0.0
    while done < 1.0:
        done = (time.monotonic() - began) / (minutes * 60)
        for group in optimiser.param_groups:
            group["lr"] = rate * min(1.0, (step + 1) / 200) * (0.5 + 0.5 * math.cos(math.pi * min(1.0, done))) + 1e-6
        batch = pool.batch(step, BATCH)
        network.train()
        with torch.autocast("cpu", torch.bfloat16):
            scores = network(_inputs(batch, dice))
        value = loss(scores, batch)
        optimiser.zero_grad()
        value.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 3.0)
        optimiser.step()
        step += 1
        _follow(average, network, min(0.999, step / (step + 20)))
        running += (float(value.detach()) - running) * max(0.01, 1 / step)
        if time.monotonic() - told > 60 or done >= 1.0:
            told = time.monotonic()
            print(f"{done:5.0%} step {step} loss {running:.3f} held out {accuracy(average, held_out):.3f}", flush=True)
            torch.save(average.state_dict(), out)
    pool.close()


def _follow(average: StripNetwork, network: StripNetwork, keep: float) -> None:
    """Moves the averaged weights a little towards the newest."""
    with torch.no_grad():
        for mine, theirs in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
            if mine.dtype.is_floating_point:
                mine.lerp_(theirs, 1 - keep)
            else:
                mine.copy_(theirs)
