"""A growing pool of rendered strips: another process draws them in the order of their seeds, batches are drawn here."""

from __future__ import annotations

import multiprocessing as mp
import multiprocessing.process
import multiprocessing.queues
import os
from dataclasses import dataclass
from queue import Full
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.training.strips import Strip, render

HEIGHT: Final = 32
STEP: Final = 4
IGNORED: Final = -1
WIDTHS: Final = (128, 192, 256)
SHARD: Final = 256
LONGEST: Final = 12
CLASS_OF: Final = {"0": 1, "1": 2, "2": 3, "3": 4, "4": 5, "5": 6, "6": 7, "7": 8, "8": 9, "9": 10, ".": 11}


@dataclass(frozen=True)
class Batch:
    """Strips and their truth as arrays."""

    images: NDArray[np.uint8]
    labels: NDArray[np.int8]
    lengths: NDArray[np.int8]
    frames: NDArray[np.int8]
    geometry: NDArray[np.float32]


def truth(strip: Strip) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """What each step should say, where that is certain: the digit at its middle, blank between digits."""
    steps = strip.image.shape[1] // STEP
    frames = np.full(steps, IGNORED, np.int8)
    geometry = np.zeros((steps, 3), np.float32)
    centres = np.arange(steps) * STEP + STEP / 2
    free = np.ones(steps, bool)
    for glyph in strip.glyphs:
        free &= (centres < glyph.left - STEP / 2) | (centres > glyph.right + STEP / 2)
    frames[free] = 0
    for glyph in strip.glyphs:
        middle = int((glyph.left + glyph.right) / 2 / STEP)
        if not 0 <= middle < steps or (glyph.character == "." and not free[middle] and frames[middle] > 0):
            continue
        frames[middle] = CLASS_OF[glyph.character]
        if glyph.character != ".":
            geometry[middle] = (glyph.top / HEIGHT, glyph.bottom / HEIGHT, glyph.lean)
    return frames, geometry


def shard(first_seed: int, width: int, count: int = SHARD) -> Batch:
    """Renders strips of consecutive seeds."""
    images = np.empty((count, HEIGHT, width), np.uint8)
    labels = np.zeros((count, LONGEST), np.int8)
    lengths = np.zeros(count, np.int8)
    frames = np.empty((count, width // STEP), np.int8)
    geometry = np.empty((count, width // STEP, 3), np.float32)
    for i in range(count):
        strip = render(first_seed + i, width)
        images[i] = strip.image
        lengths[i] = len(strip.text)
        labels[i, : lengths[i]] = [CLASS_OF[c] for c in strip.text]
        frames[i], geometry[i] = truth(strip)
    return Batch(images, labels, lengths, frames, geometry)


def _work(queue: mp.queues.Queue[Batch], seed: int, nice: int) -> None:
    os.setsid()  # a scheduling group of its own
    os.nice(nice)
    cv2.setNumThreads(1)
    trainer = mp.parent_process()
    while trainer and trainer.is_alive():
        for width in WIDTHS:
            _hand_over(queue, shard(seed, width), trainer)
            seed += SHARD


def _hand_over(queue: mp.queues.Queue[Batch], batch: Batch, trainer: mp.process.BaseProcess) -> None:
    """Waits for room in the queue, but not for a trainer that is gone."""
    while trainer.is_alive():
        try:
            queue.put(batch, timeout=5)
        except Full:
            continue
        return


class Pool:
    """Strips to draw batches from; how many there are depends on the step alone, so a run can be repeated."""

    def __init__(self, seed: int, *, strips_a_step: float, nice: int = 5, most: int = 1500) -> None:
        spawn = mp.get_context("spawn")  # a forked child inherits cv2's locks
        self._dice = np.random.default_rng(seed)
        self._queue: mp.queues.Queue[Batch] = spawn.Queue(maxsize=24)
        self._worker = spawn.Process(target=_work, args=(self._queue, (seed + 1) * 1_000_000_000, nice), daemon=True)
        self._worker.start()
        self._shards: dict[int, list[Batch]] = {width: [] for width in WIDTHS}
        self._taken = 0
        self._rate = strips_a_step
        self._most = most

    def batch(self, step: int, size: int) -> Batch:
        """The batch of this step: strips of one width, drawn at random."""
        while self._taken < 15 + step * self._rate / SHARD:
            fresh = self._queue.get()
            rows = self._shards[fresh.images.shape[2]]
            if len(rows) < self._most:
                rows.append(fresh)
            else:
                rows[self._taken // len(WIDTHS) % self._most] = fresh
            self._taken += 1
        rows = self._shards[WIDTHS[step % len(WIDTHS)]]
        parts = [rows[i] for i in self._dice.integers(0, len(rows), 8)]
        picks = [self._dice.integers(0, SHARD, size // 8) for _ in parts]
        return Batch(
            *(
                np.concatenate([getattr(part, name)[pick] for part, pick in zip(parts, picks, strict=True)])
                for name in ("images", "labels", "lengths", "frames", "geometry")
            )
        )

    def close(self) -> None:
        """Ends the drawing process."""
        self._worker.terminate()
