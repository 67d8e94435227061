"""Reads a straightened strip: two networks find the digits, further views read them, all posteriors are joined."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib import resources
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.recognise import decode, views
from ocr.recognise.decode import Scores
from ocr.recognise.views import HEIGHT, STEP, Band, Picture

WEIGHTS: Final = ("strip_1.onnx", "strip_2.onnx")
CLASSES: Final = 12
BEAM: Final = 6
LONGEST: Final = 12
TEMPERATURE: Final = 0.4  # of four looks: fits how often they are right; independent witnesses would count 1 each
SMALL: Final = 0.82  # last digits not higher than this beside the others are decimals; equal ones seem 0.88 at worst
MOST_SMALL: Final = 3
BEFORE_SMALL: Final = 4.0  # the point stands before them, unless it is seen elsewhere more plainly: its log odds


@dataclass(frozen=True)
class Digit:
    """One digit of a reading; left and right in pixels of the strip."""

    value: str
    confidence: float
    left: float
    right: float


@dataclass(frozen=True)
class Recognition:
    """What a strip says: the likeliest text, the probability that all its digits are right, and what else it may be."""

    text: str
    confidence: float
    digits: tuple[Digit, ...]
    alternatives: tuple[tuple[str, float], ...]
    counted: float = 1.0  # how likely the strip shows as many digits as were told: the mean of two looks
    count: int = 0  # the likeliest number of digits, were none told
    point: float = 1.0  # how likely the point stands where the text has it


NOTHING_SEEN: Final = Recognition("", 0.0, (), ())


@dataclass(frozen=True)
class _Look:
    """One view as the network scored it, and what it may say."""

    steps: Scores
    alone: Scores  # without the point
    geometry: NDArray[np.float32]
    strings: list[tuple[int, ...]]
    totals: Scores  # the log probability of each length


class Recogniser:
    """The networks and how they are asked; made once, used for every frame.

    Two that learned from different drawings seldom err alike: each sees half of the looks.
    """

    def __init__(self) -> None:
        room = resources.files("ocr.recognise")
        weights = [np.frombuffer(room.joinpath(name).read_bytes(), np.uint8) for name in WEIGHTS]
        self._one, self._other = (cv2.dnn.readNetFromONNX(network) for network in weights)

    def read(self, strip: NDArray[np.uint8], *, digits: int | None = None, decimals: int | None = None) -> Recognition:
        """Reads a straightened display; `digits` and `decimals` are what the profile knows of it."""
        if min(strip.shape[:2]) < 4:
            return NOTHING_SEEN
        lengths = (digits, digits) if digits else (max(1, (decimals or 0) + 1), LONGEST)
        across = strip.shape[1]
        strip = views.bounded(strip)
        channel = views.grey(strip)
        width = views.first_width(strip.shape, digits)
        small = views.shrink(channel, width)
        first = self._look(self._other, [small], lengths) + self._look(self._one, [views.even(small)], lengths)
        surer = max(first, key=lambda look: _sureness(look, lengths))
        if not surer.strings:
            return NOTHING_SEEN
        at = decode.places(surer.alone, surer.strings[0])
        band = band_of(surer.geometry, at, width)
        seen = [band.view(colour, width) for colour in (channel, views.stroke_colour(strip))]
        second = self._look(self._one, seen, lengths) + self._look(self._other, seen, lengths)
        read = _together(surer, second, lengths, decimals, across / width)
        if not digits:
            return read
        beside = self._look(self._other, [band.wider(width).view(channel, width)], lengths)
        counts = np.mean([_counts(look) for look in (surer, *beside)], axis=0)
        return replace(read, counted=float(np.exp(counts[digits])), count=int(np.argmax(counts)))

    @staticmethod
    def _look(network: cv2.dnn.Net, pictures: list[Picture], lengths: tuple[int, int]) -> list[_Look]:
        network.setInput(np.stack([views.normalised(picture) for picture in pictures])[:, None])
        scores = np.asarray(network.forward(), np.float32)[:, :, 0].transpose(0, 2, 1)
        return [_look(one, lengths) for one in scores]


def _look(scores: NDArray[np.float32], lengths: tuple[int, int]) -> _Look:
    steps = decode.log_softmax(scores[:, :CLASSES])
    alone = decode.digits_only(steps)
    return _Look(
        steps,
        alone,
        scores[:, CLASSES:],
        decode.beam(alone, BEAM, lengths)[:BEAM],
        decode.log_total(alone, max(LONGEST, lengths[1])),
    )


def _sureness(look: _Look, lengths: tuple[int, int]) -> float:
    return float(_posterior(look, look.strings[:1], lengths)[0]) if look.strings else decode.NOTHING


def _together(
    first: _Look, looks: list[_Look], lengths: tuple[int, int], decimals: int | None, across: float
) -> Recognition:
    """The posterior over all strings that any second look proposes."""
    strings = list(dict.fromkeys(string for look in looks for string in look.strings))
    if not strings:
        return NOTHING_SEEN
    summed = TEMPERATURE * np.sum([_posterior(look, strings, lengths) for look in looks], axis=0)
    shares = np.exp(summed - np.logaddexp.reduce(summed))
    order = np.argsort(-shares)
    best = strings[order[0]]
    text, point = _pointed(best, looks, decimals)
    alternatives = tuple((_digits(strings[i]), float(shares[i])) for i in order[1:6] if shares[i] > 1e-4)
    boxes = _boxes(first, best, strings, shares, across)
    return Recognition(text, float(shares[order[0]]), boxes, alternatives, point=point)


def _posterior(look: _Look, strings: list[tuple[int, ...]], lengths: tuple[int, int]) -> Scores:
    """The log probability of each string among all strings of allowed length."""
    total = np.logaddexp.reduce(look.totals[lengths[0] : lengths[1] + 1])
    return np.asarray(np.maximum(decode.log_likelihoods(look.alone, strings) - total, -12.0), np.float64)


def _counts(look: _Look) -> Scores:
    """The log probability of each number of digits, in a view that shows what stands beside them."""
    return np.asarray(look.totals - np.logaddexp.reduce(look.totals), np.float64)


def _digits(string: tuple[int, ...]) -> str:
    return "".join(str(symbol - 1) for symbol in string)


def _pointed(string: tuple[int, ...], looks: list[_Look], decimals: int | None) -> tuple[str, float]:
    """The digits with the point where the profile says, or else where the views see it; and how likely it is there."""
    text = _digits(string)
    candidates = [string] + [(*string[:-k], decode.POINT, *string[-k:]) for k in range(1, len(string))]
    scores = TEMPERATURE * np.sum([decode.log_likelihoods(look.steps, candidates) for look in looks], axis=0)
    small = _small(string, looks) if decimals is None else 0
    if small:
        scores[0] = decode.NOTHING  # there is a point, however faint
        scores[small] += BEFORE_SMALL
        decimals = small
    shares = np.exp(scores - np.logaddexp.reduce(scores))
    decimals = int(np.argmax(shares)) if decimals is None else min(decimals, len(text) - 1)
    pointed = f"{text[:-decimals]}.{text[-decimals:]}" if decimals else text
    return pointed, float(shares[decimals])


def _small(string: tuple[int, ...], looks: list[_Look]) -> int:
    """How many of the last digits are drawn smaller than the others, as decimals are."""
    heights = np.median([_heights(string, look) for look in looks], axis=0)
    for k in range(1, min(MOST_SMALL, len(string) - 2) + 1):
        if heights[-k:].max() < SMALL * np.median(heights[:-k]):
            return k
    return 0


def _heights(string: tuple[int, ...], look: _Look) -> NDArray[np.float32]:
    at = decode.places(look.alone, string)
    return np.asarray(look.geometry[at, 1] - look.geometry[at, 0], np.float32)


def _boxes(
    look: _Look, best: tuple[int, ...], strings: list[tuple[int, ...]], shares: Scores, across: float
) -> tuple[Digit, ...]:
    at = decode.places(look.alone, best)
    centres = (np.array(at) + 0.5) * STEP
    pitch = float(np.median(np.diff(centres))) if len(at) > 1 else 20.0
    digits = []
    for i, centre in enumerate(centres):
        share = sum(float(p) for s, p in zip(strings, shares, strict=True) if len(s) == len(best) and s[i] == best[i])
        digits.append(
            Digit(
                str(best[i] - 1),
                min(1.0, share),
                float(centre - 0.42 * pitch) * across,
                float(centre + 0.42 * pitch) * across,
            )
        )
    return tuple(digits)


def band_of(geometry: NDArray[np.float32], at: list[int], width: int) -> Band:
    """The band that the digits found at these steps fill."""
    centres = (np.array(at) + 0.5) * STEP
    pitch = float(np.median(np.diff(centres))) if len(at) > 1 else 20.0
    tops, bottoms, leans = (geometry[at, i].astype(np.float64) for i in range(3))
    left, right = float(centres[0] - pitch / 2), float(centres[-1] + pitch / 2)
    ends = np.array([left, right])
    top = _line(centres, tops * HEIGHT, ends)
    bottom = _line(centres, bottoms * HEIGHT, ends)
    if min(bottom - top) < 6:
        top, bottom = np.array([2.0, 2.0]), np.array([30.0, 30.0])
    lean = float(np.clip(np.median(leans), -0.6, 0.6))
    return Band(
        left, right, max(pitch, 6.0), (float(top[0]), float(top[1])), (float(bottom[0]), float(bottom[1])), lean
    )


def _line(x: NDArray[np.float64], y: NDArray[np.float64], ends: NDArray[np.float64]) -> NDArray[np.float64]:
    """A robust straight line through what each digit says."""
    if len(x) < 3:
        return np.full(2, float(np.median(y)))
    i, j = np.triu_indices(len(x), 1)
    slope = float(np.median((y[j] - y[i]) / np.maximum(x[j] - x[i], 1e-6)))
    slope = float(np.clip(slope, -0.12, 0.12))
    return np.asarray(float(np.median(y - slope * x)) + slope * ends, np.float64)
