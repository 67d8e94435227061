"""Writes configuration files for the tests of this folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from config_text import MODELS

from collector.config.load import load
from collector.config.settings import Settings
from collector.errors import ConfigError, Mistake


@pytest.fixture
def settings_of(tmp_path: Path) -> Callable[[str], Settings]:
    """Loads this text as a configuration file."""

    def read(text: str) -> Settings:
        path = tmp_path / "phaselog.toml"
        path.write_text(text, encoding="utf-8")
        return load(path, MODELS)

    return read


@pytest.fixture
def mistakes_of(settings_of: Callable[[str], Settings]) -> Callable[[str], dict[str, Mistake]]:
    """Key path -> mistake of a text that must not load."""

    def read(text: str) -> dict[str, Mistake]:
        with pytest.raises(ConfigError) as caught:
            settings_of(text)
        return {mistake.key.split(" ")[0]: mistake for mistake in caught.value.mistakes}

    return read
