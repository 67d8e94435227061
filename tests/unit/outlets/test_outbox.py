"""What must be sent is kept until it was sent, in order, through a killed process."""

import os
import signal
import subprocess
import sys
import time

import pytest

from collector.outlets.outbox import MOST_WAITING, Outbox

_WRITER = """
import sys
from pathlib import Path
from collector.outlets.outbox import Outbox
outbox = Outbox(Path(sys.argv[1]))
for number in range(10**6):
    outbox.put("mail", number, "k", f"text {number}")
    print(number, flush=True)
"""


def test_what_was_put_waits_in_order_until_it_was_sent(tmp_path):
    outbox = Outbox(tmp_path)
    for number in (3, 1, 2):
        assert outbox.put("mail", number, "key", f"text {number}")
    assert outbox.put("web", 9, "key", "other")
    waiting = Outbox(tmp_path).waiting("mail")
    assert list(waiting.values()) == ["text 1", "text 2", "text 3"]
    outbox.sent(dict.fromkeys(list(waiting)[:2]))
    assert list(outbox.waiting("mail").values()) == ["text 3"]
    assert list(outbox.waiting("web").values()) == ["other"]
    assert outbox.waiting("never") == {}


def test_the_same_notice_twice_waits_once(tmp_path):
    outbox = Outbox(tmp_path)
    outbox.put("mail", 1, "same", "text")
    outbox.put("mail", 1, "same", "text")
    assert len(outbox.waiting("mail")) == 1


@pytest.mark.slow
def test_a_dead_channel_does_not_fill_the_card(tmp_path):
    folder = tmp_path / "mail"
    folder.mkdir()
    for number in range(MOST_WAITING):
        (folder / f"{number}.notice").touch()
    assert not Outbox(tmp_path).put("mail", 1, "key", "text")


def test_everything_that_put_has_returned_for_is_there_after_a_kill(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", _WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    time.sleep(0.5)
    os.kill(process.pid, signal.SIGKILL)
    said = [int(line) for line in process.stdout.read().split("\n")[:-1]]
    process.wait()
    kept = list(Outbox(tmp_path).waiting("mail").values())
    assert kept[: len(said)] == [f"text {number}" for number in said]
    assert len(kept) <= len(said) + 1
