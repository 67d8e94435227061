"""Connectionist temporal decoding under constraints: which strings of N digits the scores allow, how likely each is.

Graves 2006, section 4: a path over blank and symbols stands for the string that is left when repeats and blanks are
dropped. A decimal point parts digits as a blank does, so for the digits alone both count as blank: the sum over all
places of the point.
"""

from __future__ import annotations

import math
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]
_Prefixes: TypeAlias = dict[tuple[int, ...], tuple[float, float]]
BLANK: Final = 0
POINT: Final = 11
NOTHING: Final = -1e30
FAINT: Final = 9.0  # symbols fainter than this below the best of a step are left out of the search


def log_softmax(scores: NDArray[np.float32]) -> Scores:
    """Scores (steps, classes) as log probabilities."""
    wide = scores.astype(np.float64)
    wide -= wide.max(axis=1, keepdims=True)
    return np.asarray(wide - np.log(np.exp(wide).sum(axis=1, keepdims=True)), np.float64)


def digits_only(steps: Scores) -> Scores:
    """Log probabilities (steps, 11) with the point counted as blank."""
    alone = steps[:, :POINT].copy()
    alone[:, BLANK] = np.logaddexp(steps[:, BLANK], steps[:, POINT])
    return alone


def log_likelihoods(steps: Scores, strings: list[tuple[int, ...]]) -> Scores:
    """The log probability of each string, summed over all its paths; strings may differ in length."""
    longest = max((len(string) for string in strings), default=0)
    count, states = len(strings), 2 * longest + 1
    symbols = np.zeros((count, states), np.int64)
    for row, string in enumerate(strings):
        symbols[row, 1 : 2 * len(string) : 2] = string
    skips = np.zeros((count, states), bool)
    skips[:, 3::2] = symbols[:, 3::2] != symbols[:, 1:-2:2]
    forward = np.full((count, states), NOTHING)
    forward[:, 0] = steps[0, BLANK]
    if states > 1:
        forward[:, 1] = steps[0, symbols[:, 1]]
    for step in steps[1:]:
        moved = forward.copy()
        moved[:, 1:] = np.logaddexp(moved[:, 1:], forward[:, :-1])
        moved[:, 2:] = np.where(skips[:, 2:], np.logaddexp(moved[:, 2:], forward[:, :-2]), moved[:, 2:])
        forward = moved + step[symbols]
    ends = np.array([2 * len(string) for string in strings])
    rows = np.arange(count)
    last = np.where(ends > 0, forward[rows, np.maximum(ends - 1, 0)], NOTHING)
    return np.asarray(np.logaddexp(forward[rows, ends], last), np.float64)


def log_total(steps: Scores, most: int) -> Scores:
    """The log probability that the string has 0, 1 ... `most` symbols, summed over all strings and paths."""
    kinds = steps.shape[1] - 1
    blank = np.full(most + 1, NOTHING)
    ends = np.full((most + 1, kinds), NOTHING)
    blank[0] = steps[0, BLANK]
    if most:
        ends[1] = steps[0, 1:]
    for step in steps[1:]:
        whole = np.logaddexp.reduce(ends, axis=1)
        grown = np.full_like(ends, NOTHING)
        # a new symbol comes after a blank, or right after another symbol
        grown[1:] = np.logaddexp(blank[:-1, None], _all_but_own(ends)[:-1])
        fresh = np.logaddexp(ends, grown) + step[1:]
        blank = np.logaddexp(blank, whole) + step[BLANK]
        ends = fresh
    return np.asarray(np.logaddexp(blank, np.logaddexp.reduce(ends, axis=1)), np.float64)


def _all_but_own(ends: Scores) -> Scores:
    """For each symbol the log of the summed probability of all others: of those before it and of those behind it."""
    others = np.full_like(ends, NOTHING)
    others[:, 1:] = np.logaddexp.accumulate(ends[:, :-1], axis=1)
    behind = np.logaddexp.accumulate(ends[:, :0:-1], axis=1)[:, ::-1]
    others[:, :-1] = np.logaddexp(others[:, :-1], behind)
    return others


def beam(steps: Scores, width: int, lengths: tuple[int, int]) -> list[tuple[int, ...]]:
    """The likeliest strings whose length lies within the bounds, found by prefix search; best first."""
    least, most = lengths
    prefixes: _Prefixes = {(): (0.0, NOTHING)}
    total = len(steps)
    for at, step in enumerate(steps):
        scores = step.tolist()
        floor = max(scores) - FAINT
        likely = [c for c in range(1, len(scores)) if scores[c] > floor]
        grown = _grown(prefixes, scores, likely, most)
        if not likely:  # between digits nothing new comes up
            prefixes = grown
            continue
        left = total - at - 1
        kept = [(_add(*ways), prefix, ways) for prefix, ways in grown.items() if len(prefix) + left >= least]
        kept.sort(key=_score, reverse=True)
        # a string that is behind in length may still become the best of the right length: the best of each length stays
        lengths_seen: set[int] = set()
        prefixes = {}
        for _, prefix, ways in kept:
            if len(prefixes) < width or len(prefix) not in lengths_seen:
                prefixes[prefix] = ways
                lengths_seen.add(len(prefix))
    found = [(_add(*ways), prefix) for prefix, ways in prefixes.items() if len(prefix) >= least]
    possible = [item for item in found if item[0] > NOTHING / 2]
    return [prefix for _, prefix in sorted(possible, key=lambda item: -item[0])]


def _score(item: tuple[float, tuple[int, ...], tuple[float, float]]) -> float:
    return item[0]


def _grown(prefixes: _Prefixes, scores: list[float], likely: list[int], most: int) -> _Prefixes:
    """The prefixes one step later, each with its log probability of ending in blank and in its last symbol."""
    grown: _Prefixes = {}
    for prefix, (blank, ended) in prefixes.items():
        both = _add(blank, ended)
        still = (both + scores[BLANK], ended + scores[prefix[-1]] if prefix else NOTHING)
        old = grown.get(prefix)
        grown[prefix] = (_add(old[0], still[0]), _add(old[1], still[1])) if old else still
        if len(prefix) == most:
            continue
        for symbol in likely:
            come = (blank if prefix and prefix[-1] == symbol else both) + scores[symbol]
            longer = (*prefix, symbol)
            old = grown.get(longer)
            grown[longer] = (old[0], _add(old[1], come)) if old else (NOTHING, come)
    return grown


def _add(a: float, b: float) -> float:
    """log(exp(a) + exp(b))."""
    if a < b:
        a, b = b, a
    return a + math.log1p(math.exp(b - a)) if b > a - 40 else a


def places(steps: Scores, string: tuple[int, ...]) -> list[int]:
    """The step at which each symbol of the string most likely stands: the steepest step of the best path."""
    states = 2 * len(string) + 1
    symbols = np.zeros(states, np.int64)
    symbols[1::2] = string
    skip = np.full(states, NOTHING)
    skip[3::2] = np.where(symbols[3::2] != symbols[1:-2:2], 0.0, NOTHING)
    scores = steps[:, symbols]
    best = np.full(states, NOTHING)
    best[:2] = scores[0, :2]
    came = np.zeros((len(steps), states), np.int64)
    for t in range(1, len(steps)):
        ways = np.full((3, states), NOTHING)
        ways[0], ways[1, 1:], ways[2, 2:] = best, best[:-1], best[:-2] + skip[2:]
        came[t] = ways.argmax(axis=0)
        best = ways.max(axis=0) + scores[t]
    state = states - 1 if states < 2 or best[-1] >= best[-2] else states - 2
    path = [state]
    for t in range(len(steps) - 1, 0, -1):
        state -= int(came[t, state])
        path.append(state)
    on = np.array(path[::-1])
    return [int(np.where(on == s, scores[:, s], -np.inf).argmax()) for s in range(1, states, 2)]
