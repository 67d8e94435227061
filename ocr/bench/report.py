"""Sums up results by source, prints them as a table, and as JSON for programs."""

from __future__ import annotations

import resource
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from ocr.bench.modes import MODES, Result

ALL = "all"
STEPS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999)


def figures(results: Sequence[Result]) -> dict[str, Any]:
    """Everything that is printed."""
    return {
        "rows": [_row(*key, held) for key, held in _by_source(results)],
        "coverage": {mode: _coverage(held) for mode, held in _by_mode(results)},
        "confusion": dict(_confusion(results).most_common(20)),
        "mistakes": [_told(result) for result in results if result.wrong],
        "rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def table(sums: dict[str, Any]) -> Iterator[str]:
    """The figures as lines for people."""
    yield (
        f"{'mode':11} {'source':19} {'photos':6} {'n':>4} {'right':>7} {'refused':>8} {'wrong':>6} {'point':>6} "
        f"{'precision':>10} {'ms':>6}  refused because"
    )
    for row in sums["rows"]:
        if row["source"] != ALL and row["mode"] not in MODES:
            continue  # of what is done to photos, people want the sum
        precision = "-" if row["precision"] is None else f"{row['precision']:.1%}"
        why = ", ".join(f"{reason} {count}" for reason, count in row["reasons"].items())
        yield (
            f"{row['mode']:11} {row['source']:19} {row['quality']:6} {row['n']:4d} {row['right'] / row['n']:7.1%} "
            f"{row['refused'] / row['n']:8.1%} {row['wrong']:6d} "
            f"{row['wrong_only_the_point']:6d} {precision:>10} {row['ms']:6.1f}  {why}"
        )
    for mode, steps in sums["coverage"].items():
        yield f"\n{mode}, were all believed from a confidence on: share of the photos, right among them"
        yield "  " + "  ".join(f"{step['from']:g}: {step['share']:.1%} {step['precision']:.2%}" for step in steps)
    if sums["confusion"]:
        pairs = ", ".join(f"{pair} {count}" for pair, count in sums["confusion"].items())
        yield f"\ndigits taken for others (true>read): {pairs}"
    for told in sums["mistakes"]:
        sure = f"{told['confidence']:.4f}"
        yield f"wrong: {told['mode']} {told['file']}: shows {told['shows']}, read {told['read']}, {sure} sure"
    yield f"\npeak memory (RSS): {sums['rss_mb']} MB"


def _row(mode: str, source: str, quality: str, results: Sequence[Result]) -> dict[str, Any]:
    right = sum(result.right for result in results)
    wrong = sum(result.wrong for result in results)
    reasons = Counter(str(result.outcome.refused) for result in results if result.outcome.refused is not None)
    return {
        "mode": mode,
        "source": source,
        "quality": quality,
        "n": len(results),
        "right": right,
        "wrong": wrong,
        "wrong_only_the_point": sum(result.wrong and result.digits_agree for result in results),
        "refused": len(results) - right - wrong,
        "precision": right / (right + wrong) if right + wrong else None,
        "reasons": dict(reasons.most_common()),
        "ms": sorted(result.ms for result in results)[len(results) // 2],
    }


def _by_source(results: Sequence[Result]) -> Iterator[tuple[tuple[str, str, str], list[Result]]]:
    """Each source, then all of them together, the good and the hard photos apart."""
    for mode, held in _by_mode(results):
        for quality in ("ok", "hard"):
            chosen = sorted((result for result in held if result.label.quality == quality), key=_source)
            for source, group in groupby(chosen, key=_source):
                yield (mode, source, quality), list(group)
            if chosen:
                yield (mode, ALL, quality), chosen


def _by_mode(results: Sequence[Result]) -> Iterator[tuple[str, list[Result]]]:
    for mode in dict.fromkeys(result.mode for result in results):
        yield mode, [result for result in results if result.mode == mode]


def _source(result: Result) -> str:
    return result.label.source


def _coverage(results: Sequence[Result]) -> list[dict[str, float]]:
    """What would come of other thresholds, were the confidence all that is judged by."""
    good = [result for result in results if result.label.quality == "ok"]
    steps = []
    for step in STEPS:
        believed = [result for result in good if result.outcome.text and result.outcome.confidence >= step]
        if believed:
            right = sum(result.agrees for result in believed)
            steps.append({"from": step, "share": len(believed) / len(good), "precision": right / len(believed)})
    return steps


def _confusion(results: Sequence[Result]) -> Counter[str]:
    pairs: Counter[str] = Counter()
    for result in results:
        read = (result.outcome.text or "").replace(".", "")
        if len(read) == len(result.label.digits):
            pairs.update(f"{true}>{seen}" for true, seen in zip(result.label.digits, read, strict=True) if true != seen)
    return pairs


def _told(result: Result) -> dict[str, Any]:
    return {
        "mode": result.mode,
        "file": f"{result.label.source}/{result.label.path.name}",
        "shows": result.label.reading,
        "read": result.outcome.text,
        "confidence": result.outcome.confidence,
    }
