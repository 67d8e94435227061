"""Measures every budget of the design in one run: `python -m tests.bench [wire spool store ...] [--write]`.

--write renews docs/reference/performance.md.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable
from pathlib import Path

from tests.bench import bench_camera, bench_collector, bench_forecast, bench_page, bench_spool, bench_store, bench_wire
from tests.bench.figures import Figure, table

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "performance.md"

BENCHES: dict[str, tuple[str, Callable[[], list[Figure]]]] = {
    "wire": ("On the wire", bench_wire.figures),
    "spool": ("Spool and pipeline", bench_spool.figures),
    "store": ("Store", bench_store.figures),
    "collector": ("The whole collector", bench_collector.figures),
    "page": ("The page", bench_page.figures),
    "forecast": ("Forecast and anomaly", bench_forecast.figures),
    "camera": ("What a camera misreads", bench_camera.figures),
}
HEAD = """# Performance

Written by `python -m tests.bench --write`; every figure of a table is from one run. The machine: {machine}.
A Raspberry Pi 4 takes about five times the CPU time, a Zero 2 W about ten times; memory and wire time are the same.
The budgets are the promises of the design; a figure that breaks one is a defect.
"""


def machine() -> str:
    """What this was measured on."""
    return f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}, Python {platform.python_version()}"


def main(arguments: list[str]) -> int:
    """Runs the named benches (all without a name); 1 when a budget is broken."""
    names = [name for name in arguments if not name.startswith("-")] or list(BENCHES)
    parts, broken = [HEAD.format(machine=machine())], 0
    for name in names:
        title, figures = BENCHES[name]
        print(f"{title} …", file=sys.stderr, flush=True)
        found = figures()
        broken += sum(not figure.kept for figure in found)
        parts.append(f"\n## {title}\n\n{table(found)}")
        print(parts[-1], flush=True)
    if "--write" in arguments:
        PAGE.write_text("".join(parts), encoding="utf-8")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
