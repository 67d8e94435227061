"""Serves the page over a made-up plant, for looking at: `python tests/browser/look.py [METERS] [PORT]`."""

import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2])]
from conftest import Running  # noqa: E402 - the path above leads to it

from collector.web.serve import serve  # noqa: E402


def main() -> None:
    meters, port = (int(word) for word in (sys.argv[1:] + ["1", "8080"][len(sys.argv) - 1 :])[:2])
    with tempfile.TemporaryDirectory() as folder:
        running = Running(Path(folder), meters)
        print(f"http://127.0.0.1:{port}/ (Ctrl-C ends)")
        serve(running.house.app, "127.0.0.1", port)


if __name__ == "__main__":
    main()
