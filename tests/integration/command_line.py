"""Runs command lines as a person types them, one after the other."""

from __future__ import annotations

import io
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout

from collector.cli import frame


@contextmanager
def _signals_kept() -> Iterator[None]:
    """A command may block signals for the rest of its process; here the processes of later tests would inherit that."""
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)


def phaselog(*arguments: str, expected: int = 0) -> subprocess.CompletedProcess[str]:
    """A command line as its process runs it, but in this one: starting another costs more than most commands do."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    with redirect_stdout(out), redirect_stderr(err), _signals_kept():
        code = frame.ended(arguments)
    said, complained = (stream.buffer.getvalue().decode() for stream in (out, err))
    assert code == expected, said + complained
    assert "Traceback" not in complained
    return subprocess.CompletedProcess(arguments, code, said, complained)
