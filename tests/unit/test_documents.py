"""The documents that are written by hand do not lie about the tree they describe."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_the_architecture_names_every_room_and_no_other():
    text = (ROOT / "docs/explanation/architecture.md").read_text()
    named = set(re.findall(r"^\| `([\w/]+)` \|", text, flags=re.MULTILINE))
    packages = {f"collector/{path.parent.name}" for path in (ROOT / "collector").glob("*/__init__.py")}
    folders = {name for name in ("sql", "systemd", "provisioning", "ocr", "tests", "docs") if (ROOT / name).is_dir()}
    assert named == packages | folders


def test_the_architecture_draws_the_layers_that_are_checked():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = contracts[0]["layers"]
    drawn = "  ->  ".join(layer.replace("collector.", "") for layer in layers)
    assert drawn in (ROOT / "docs/explanation/architecture.md").read_text()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path):
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text())
    missing = [link for link in links if not (page.parent / link).exists()]
    assert not missing


def test_the_configuration_of_the_readme_works(tmp_path: Path):
    from collector.config.load import load
    from collector.devices import catalogue

    for page in (ROOT / "README.md", ROOT / "docs/how-to/read-a-pac3100.md"):
        for block in re.findall(r"```toml\n(.*?)```", page.read_text(), flags=re.DOTALL):
            path = tmp_path / "phaselog.toml"
            path.write_text(block)
            assert load(path, catalogue.OFFERS).meters


def test_every_dependency_is_pinned():
    pins = set(re.findall(r"^([A-Za-z0-9_-]+)==", (ROOT / "requirements.txt").read_text(), flags=re.MULTILINE))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = {
        *project["dependencies"],
        *(name for extra in project["optional-dependencies"].values() for name in extra),
    }
    assert {name.lower() for name in wanted} <= {name.lower() for name in pins}


def test_the_readme_is_one_screen():
    assert len((ROOT / "README.md").read_text().splitlines()) <= 70
