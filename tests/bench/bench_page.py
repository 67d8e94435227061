"""Measures the page over five years of a meter and forty others: every room, every answer, what a first paint takes."""

from __future__ import annotations

import re
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from flask.testing import FlaskClient

from collector.config.settings import Settings, StoreSettings
from collector.doctor.page_doctor import PageDoctor
from collector.store.factory import open_accounts, open_alert_desk, open_reader
from collector.web.app import create_app
from collector.web.site import Stores
from tests.bench.figures import Figure
from tests.contract.five_years import DAY, HOUSE, Size, build, log_in, settings_of
from tests.contract.rooms import DOORS, TOKEN_HASH, Address, described_questions, logged_in, offered
from tests.contract.stores import Server

#: As default retention leaves it, but one raw reading in ten seconds: no answer depends on how many there are.
SIZE = Size(every=10, others=180)
VISITS = 3
#: ms of CPU, kB.
MOST_TIME, MOST_PAINT = 150, 150
#: Bytes; a longer answer is a download, which takes as long as it is.
DOWNLOAD = 1_000_000
GZIP = {"Accept-Encoding": "gzip"}


@dataclass(frozen=True, slots=True)
class Store:
    """One that is measured, with the process that serves it, if any."""

    name: str
    settings: StoreSettings
    process: int | None = None

    def spent(self) -> float:
        """s of CPU that this thread, and the database server, have had: what else the machine does is not in it."""
        here = time.thread_time()
        if self.process is None:
            return here
        threads = Path(f"/proc/{self.process}/task").glob("*/schedstat")
        return here + sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9


@contextmanager
def _sqlite(folder: Path) -> Iterator[Store]:
    yield Store("SQLite", StoreSettings(path=folder / "bench.sqlite"))


@contextmanager
def _mariadb(folder: Path) -> Iterator[Store]:
    server = Server(folder / "server")
    server.folder.mkdir()
    server.install()
    server.start()
    server.load_zones()
    assert server.process is not None
    try:
        yield Store("MariaDB", StoreSettings(kind="mariadb", socket=server.socket, user="root"), server.process.pid)
    finally:
        server.stop()


def figures() -> list[Figure]:
    """CPU time of every room and answer over either database, and the bytes of the first paint of every room."""
    return [*_over(_sqlite, paints=True), *_over(_mariadb)]


def _over(opened: Callable[[Path], AbstractContextManager[Store]], *, paints: bool = False) -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder)) as store:
        settings, now = settings_of(Path(folder), store.settings), int(time.time() * 1000)
        build(settings, now, SIZE)
        log_in(settings, TOKEN_HASH, now)
        visitor = Visitor(store, _page(settings, Path(folder)), now)
        return [*visitor.rooms(), *visitor.answers(), *(visitor.paint(door) for door in DOORS if paints)]


def _page(settings: Settings, folder: Path) -> FlaskClient:
    stores = Stores(
        lambda: open_reader(settings.store, settings.site),
        lambda: open_accounts(settings.store),
        lambda: open_alert_desk(settings.store),
    )
    (folder / "run").mkdir()
    return logged_in(create_app(settings, stores, folder / "run", PageDoctor(settings)).test_client())


@dataclass(frozen=True, slots=True)
class Visitor:
    """A browser in which an admin is logged in."""

    store: Store
    client: FlaskClient
    now: int

    def _least(self, url: str) -> float:
        """ms of CPU of the cheapest of some visits."""
        taken = []
        for _ in range(VISITS):
            began = self.store.spent()
            self.client.get(url)
            taken.append((self.store.spent() - began) * 1000)
        return min(taken)

    def rooms(self) -> list[Figure]:
        """Every room with all that its pages offer."""
        pages = (each for each in offered(self.client, self.now, SIZE.years) if not each.url.startswith("/api/"))
        return self._slowest((each, self._least(each.url)) for each in pages)

    def answers(self) -> list[Figure]:
        """Every answer of the API; what is longer than a page could use is a download."""
        taken, pace = [], []
        for address in (*described_questions(self.now, SIZE.years), *_charts(self.now)):
            answer = self.client.get(address.url)
            # Refused is what would be too long.
            if answer.status_code == 200:
                ms, size = self._least(address.url), len(answer.data)
                if size <= DOWNLOAD:
                    taken.append((address, ms))
                else:
                    pace.append(ms / size * 1e6)
        note = f"median of {len(pace)} answers of more than {DOWNLOAD / 1e6:g} MB"
        return [*self._slowest(taken), Figure(f"{self.store.name}: a download, each MB", median(pace), "ms", note=note)]

    def _slowest(self, taken: Iterable[tuple[Address, float]]) -> list[Figure]:
        paths: dict[str, list[tuple[float, str]]] = defaultdict(list)
        for address, ms in taken:
            paths[address.url.partition("?")[0]].append((ms, address.kind))
        found = []
        for path, each in paths.items():
            worst, kind = max(each)
            note = f"slowest of {len(each)} ({kind}), median {median(ms for ms, _ in each):.1f} ms"
            found.append(Figure(f"{self.store.name}: {path}", worst, "ms", most=MOST_TIME, note=note))
        return found

    def paint(self, door: str) -> Figure:
        """A page, everything that it names and its first figures, as a browser that takes gzip gets them."""
        page = self.client.get(door).get_data(as_text=True)
        files = self._files(page)
        data = _first_data(page, door)
        total = sum(len(self.client.get(url, headers=GZIP).data) for url in (door, *files, *data))
        note = f"page, {len(files)} files, {len(data)} answers, compressed where the server does"
        return Figure(f"first paint of {door}: transferred", total / 1000, "kB", most=MOST_PAINT, note=note)

    def _files(self, page: str) -> set[str]:
        """Styles, scripts and pictures that a page names, and the scripts that those name."""
        files = set(re.findall(r'(?:src|href)="(/[^"#]+\.(?:js|css|svg|png|ico|woff2))"', page))
        waiting = [file for file in files if file.endswith(".js")]
        while waiting:
            file = waiting.pop()
            named = re.findall(r'from "\./([^"]+\.js)"', self.client.get(file).get_data(as_text=True))
            new = {f"{file.rpartition('/')[0]}/{other}" for other in named} - files
            files |= new
            waiting += new
        return files


def _charts(now: int) -> list[Address]:
    """What the charts of the room "history" ask for."""
    lengths = {"hour": 1 / 24, "day": 1, "month": 31, "year": 366, "all": SIZE.years * 365}
    names = ("active_power_total", "active_power_l1", "active_power_l2", "active_power_l3")
    query = f"/api/series?meter={HOUSE}&" + "&".join(f"quantity={name}" for name in names)
    return [
        Address(f"chart of a {word}", f"{query}&from={round(now - days * DAY)}&to={now}")
        for word, days in lengths.items()
    ]


def _first_data(page: str, door: str) -> list[str]:
    """What the scripts of a room ask for at once."""
    if door in {"/", "/screen"}:
        return ["/api/live"]
    span = re.search(r'data-quantities="([^"]*)" data-from="(\d+)" data-to="(\d+)"', page)
    if door != "/history" or span is None:
        return []
    query = "".join(f"&quantity={name}" for name in span[1].split())
    first, time_ = span[1].split()[0], f"from={span[2]}&to={span[3]}"
    return [f"/api/series?meter={HOUSE}{query}&{time_}", f"/api/forecast?meter={HOUSE}&quantity={first}&{time_}"]
