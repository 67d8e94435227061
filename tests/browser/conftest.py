"""A running page over a made-up plant, and a real Chromium to look at it with."""

from __future__ import annotations

import contextlib
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import waitress

sys.path.append(str(Path(__file__).parents[1] / "unit" / "web"))
from household import Household

CHROMIUM, DRIVER = Path("/usr/bin/chromium"), Path("/usr/bin/chromedriver")
FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--disable-dev-shm-usage",
]


class Running:
    """A page that is served, over a plant that goes on until told to stop."""

    def __init__(self, folder: Path, count: int = 1) -> None:
        self.house = Household(folder, count)
        self.states: dict[str, str] = {}
        self.collecting = True
        self._beat()
        self._server: Any = waitress.create_server(self.house.app, host="127.0.0.1", port=0, threads=4)
        self.url = f"http://127.0.0.1:{self._server.effective_port}"
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._serve, self._go_on)]
        for thread in self._threads:
            thread.start()

    def _serve(self) -> None:
        # Closing the server pulls its sockets from under its loop.
        with contextlib.suppress(OSError):
            self._server.run()

    def _beat(self) -> None:
        self.house.store.last = int(time.time() * 1000)
        self.house.run(self.states)

    def _go_on(self) -> None:
        while not self._stop.wait(0.3):
            if self.collecting:
                self._beat()

    def close(self) -> None:
        self._stop.set()
        self._server.close()


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Running]]:
    """Serves a page with as many meters as a test wants."""
    monkeypatch.setattr("collector.web.live.LATEST_EVERY", 0.2)
    opened: list[Running] = []

    def serve(count: int = 1) -> Running:
        opened.append(Running(tmp_path, count))
        return opened[-1]

    yield serve
    for running in opened:
        running.close()


@pytest.fixture(scope="session")
def _chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    from selenium.webdriver.chrome.service import Service

    if not CHROMIUM.exists() or not DRIVER.exists():
        pytest.skip("Chromium and its driver are not installed (apt install chromium chromium-driver)")
    profile = tmp_path_factory.mktemp("chromium")
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(str(DRIVER)))
    yield driver
    driver.quit()
    shutil.rmtree(profile, ignore_errors=True)


@pytest.fixture
def browser(_chromium: Any) -> Iterator[Any]:
    """Chromium at desktop size and in light colours; fails the test if a page complained in the console."""
    resize(_chromium, 1280, 800)
    theme(_chromium, "light")
    _chromium.execute_cdp_cmd("Network.clearBrowserCookies", {})
    _chromium.get_log("browser")
    yield _chromium
    complaints = [entry["message"] for entry in _chromium.get_log("browser") if entry["level"] == "SEVERE"]
    _chromium.get("about:blank")
    assert [each for each in complaints if "ERR_INTERNET_DISCONNECTED" not in each] == []


def resize(browser: Any, width: int, height: int) -> None:
    """A window, or under 600 pixels a phone."""
    screen = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)


def theme(browser: Any, name: str) -> None:
    """What the person prefers in all programs."""
    feature = {"name": "prefers-color-scheme", "value": name}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})


@pytest.fixture
def use() -> Any:
    """(resize, theme) for tests."""
    return resize, theme


@pytest.fixture
def until() -> Callable[[Callable[[], object], str], Any]:
    """Waits for something to become true, generously: the machine may be busy."""

    def wait(true: Callable[[], object], what: str, seconds: float = 20.0) -> Any:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = true()
            if found:
                return found
            time.sleep(0.1)
        raise AssertionError(f"did not happen: {what}")

    return wait
