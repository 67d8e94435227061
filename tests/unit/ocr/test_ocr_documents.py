"""The reference of `python -m ocr` lists the reasons and options that there are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ocr.__main__ import main
from ocr.judge.reasons import SENTENCES, Reason

PAGE = (Path(__file__).parents[3] / "docs/reference/ocr.md").read_text()


def test_every_reason_has_its_sentence_and_stands_in_the_reference():
    assert set(SENTENCES) == set(Reason)
    listed = dict(re.findall(r"^\| `(\w+)` \| (.+\.) \|$", PAGE, flags=re.MULTILINE))
    assert listed == {str(reason): sentence for reason, sentence in SENTENCES.items()}


@pytest.mark.parametrize("command", ["read", "calibrate", "bench"])
def test_every_option_stands_in_the_reference(command: str, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        main([command, "--help"])
    options = set(re.findall(r"--[a-z]+", capsys.readouterr().out)) - {"--help"}
    (usage,) = re.findall(rf"python -m ocr {command} [^\n]+(?:\n {{30,}}[^\n]+)*", PAGE)
    assert set(re.findall(r"--[a-z]+", usage)) == options
