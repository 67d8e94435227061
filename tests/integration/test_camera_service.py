"""The camera service as a process: what it reads, what it refuses, and that nothing a camera does can stop it."""

from __future__ import annotations

import http.server
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import pytest

pytest.importorskip("cv2", reason="what reads cameras is not installed here")

from collector.errors import NoAnswer
from tests.integration.camera_service import ROOT, Bench


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """One service for all tests that leave it alive."""
    bench = Bench(tmp_path_factory.mktemp("camera"))
    bench.start()
    yield bench
    bench.end()


@pytest.fixture
def bench(shared: Bench) -> Bench:
    shared.pictures.mkdir(exist_ok=True)
    shared.clear()
    return shared


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Bench]:
    """A service of the test's own, to be killed."""
    bench = Bench(tmp_path)
    yield bench
    bench.end()


@pytest.mark.slow
def test_it_reads_what_the_display_shows(bench: Bench) -> None:
    bench.show("0012345.6")
    (seen,) = bench.read(profile=bench.profile()).values()
    assert (seen["text"], seen["refused"]) == ("0012345.6", None)
    assert seen["confidence"] > 0.9
    assert 0.0 <= seen["age"] < 10


@pytest.mark.slow
def test_a_display_is_set_up_and_its_profile_is_kept(bench: Bench) -> None:
    bench.show("0012345.6")
    picture = bench.ask("frame", seconds=10)["picture"]
    given = [298, 188, 786, 188, 786, 304, 298, 304]
    proposed = bench.ask("propose", picture=picture, corners=given, digits=8, decimals=1)
    assert (proposed["text"], proposed["kind"], proposed["digits"]) == ("0012345.6", "LCD", 8)
    with pytest.raises(NoAnswer, match="not known yet"):
        bench.ask("read", seconds=10)
    bench.ask("keep", profile=proposed["profile"])
    assert bench.read()["display"]["text"] == "0012345.6"


@pytest.mark.slow
def test_frames_that_contradict_each_other_are_refused(bench: Bench) -> None:
    for text in ("0012345.6", "0012348.6", "0012395.6"):
        bench.show(text)
    seen = bench.read(profile=bench.profile())["display"]
    assert seen["text"] is None
    assert "disagree" in seen["refused"]


@pytest.mark.slow
def test_what_most_frames_say_counts(bench: Bench) -> None:
    for text in ("0012345.6", "0012346.6", "0012345.6"):
        bench.show(text)
    assert bench.read(profile=bench.profile())["display"]["text"] == "0012345.6"


@pytest.mark.slow
def test_registers_in_turn_are_told_apart_by_their_code(bench: Bench) -> None:
    shown = {"1.8.0": "0025409.5", "1.8.1": "0004200.1", "1.8.2": "0021209.4"}
    bench.show(shown["1.8.0"], "1.8.0")
    done = threading.Event()

    def turn() -> None:
        turns = cycle(shown.items())
        while not done.wait(1.0):
            code, text = next(turns)
            bench.show(text, code)

    turning = threading.Thread(target=turn)
    turning.start()
    found = bench.read(profile=bench.profile(code=True), codes=list(shown), frames=1, seconds=60)
    done.set()
    turning.join()
    assert {code: found[code]["text"] for code in shown} == shown


HUGE_PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII5s", 13, b"IHDR", 60_000, 60_000, b"\x08\x02\0\0\0") + b"\0" * 99


@pytest.mark.parametrize(
    "content",
    [b"", b"no picture at all", b"\xff\xd8\xff\xe0 cut off", HUGE_PNG, b"\x89PNG\r\n\x1a\n", bytes(1000)],
)
def test_what_is_no_picture_is_refused(bench: Bench, content: bytes) -> None:
    bench.put(content)
    seen = bench.read(profile=bench.profile())["display"]
    assert seen["text"] is None
    assert seen["refused"].startswith("unreadable")


def test_an_old_picture_is_no_reading(bench: Bench) -> None:
    bench.show("0012345.6", age=3600)
    with pytest.raises(NoAnswer, match="60 minutes old"):
        bench.read(profile=bench.profile(), oldest=900)


def test_pictures_are_kept_listed_and_labelled(bench: Bench) -> None:
    bench.show("0055555.5")
    name = bench.read(profile=bench.profile())["display"]["picture"]
    bench.ask("note", picture=name, text="rises by 1000 kWh")
    bench.ask("label", picture=name, text="0055555.5")
    (told,) = [one for one in bench.ask("pictures")["pictures"] if one["picture"] == name]
    assert (told["text"], told["implausible"], told["label"]) == ("0055555.5", "rises by 1000 kWh", "0055555.5")
    assert bench.ask("picture", picture=name)["content"].startswith("/9j/")
    with pytest.raises(NoAnswer, match="no picture"):
        bench.ask("picture", picture="20200101T000000.000Z")


def test_a_person_says_that_the_meter_was_exchanged(bench: Bench) -> None:
    bench.show("0000001.0")
    before = bench.ask("read", seconds=10, profile=bench.profile())["installed"]
    bench.ask("swap")
    assert bench.ask("read", seconds=10, profile=bench.profile())["installed"] != before


def raw(bench: Bench, question: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX) as peer:
        peer.settimeout(30)
        peer.connect(str(bench.socket))
        peer.sendall(question)
        peer.shutdown(socket.SHUT_WR)
        heard = b""
        while lump := peer.recv(65536):
            heard += lump
        return heard


@pytest.mark.parametrize(
    "question",
    [
        b"",
        b"\n",
        b"[]\n",
        b"[" * 50_000 + b"\n",
        b'{"ask": "read"}\n',
        b'{"ask": "read", "meter": "../../etc"}\n',
        b'{"ask": "read", "meter": "m", "camera": "/dev/mem"}\n',
        b'{"ask": "read", "meter": "m", "camera": "file:///etc/passwd"}\n',
        b'{"ask": "picture", "meter": "m", "picture": "../x"}\n',
        b'{"ask": "read", "meter": "m", "camera": "rpicam", "seconds": 1e9}\n',
        b'{"ask": "keep", "meter": "m", "profile": "[picture"}\n',
        b"x" * 600_000 + b"\n",
        bytes(range(256)) + b"\n",
    ],
)
def test_a_question_that_makes_no_sense_gets_one_sentence(bench: Bench, question: bytes) -> None:
    told = json.loads(raw(bench, question))
    assert told["error"]
    assert "defect" not in told.get("hint", "")


#: Somebody waits for the picture that never comes.
ASKED = threading.Event()


class Camera(http.server.BaseHTTPRequestHandler):
    """A network camera with bad manners."""

    def do_GET(self) -> None:
        bench_picture = self.server.picture  # type: ignore[attr-defined]
        if self.path == "/silent":
            ASKED.set()
            time.sleep(30)
        elif self.path == "/drip":
            self.send_response(200)
            self.end_headers()
            for _ in range(300):
                self.wfile.write(b"\xff")
                time.sleep(0.1)
        elif self.path == "/endless":
            self.send_response(200)
            self.end_headers()
            while True:
                self.wfile.write(bytes(1 << 20))
        elif self.path == "/elsewhere":
            self.send_response(302)
            self.send_header("Location", "file:///etc/passwd")
            self.end_headers()
        elif "Authorization" not in self.headers:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="camera"')
            self.end_headers()
        else:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(bench_picture)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def camera(bench: Bench) -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Camera)
    server.daemon_threads = True
    server.picture = bench.show("0012345.6").read_bytes()  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/silent", "/drip", "/endless"])
def test_a_camera_that_hangs_costs_a_bounded_time(bench: Bench, camera: str, path: str) -> None:
    began = time.monotonic()
    with pytest.raises(NoAnswer):
        bench.ask("read", camera=camera + path, seconds=1.5, profile=bench.profile())
    assert time.monotonic() - began < 15
    service = bench.started[0].pid
    assert Path(f"/proc/{service}/task/{service}/children").read_text() == ""


@pytest.mark.slow
def test_a_network_camera_is_read_with_its_login_and_led_nowhere_else(bench: Bench, camera: str) -> None:
    login = {"user": "phaselog", "password": "secret"}
    seen = bench.read(camera=camera + "/snapshot.jpg", login=login, profile=bench.profile())["display"]
    assert seen["text"] == "0012345.6"
    with pytest.raises(NoAnswer, match="401"):
        bench.read(camera=camera + "/snapshot.jpg", profile=bench.profile())
    with pytest.raises(NoAnswer, match="not allowed"):
        bench.read(camera=camera + "/elsewhere", profile=bench.profile())


@pytest.mark.slow
def test_it_ends_when_nobody_asks(own: Bench) -> None:
    assert own.start(idle=0.5).wait(10) == 0


@pytest.mark.slow
def test_it_takes_the_socket_that_systemd_hands_over(own: Bench) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(own.socket))
        listener.listen()
        # sd_listen_fds(3): the descriptors begin at 3, the process is named.
        words = f"exec 3<&{listener.fileno()}; LISTEN_PID=$$ LISTEN_FDS=1 exec {sys.executable} -m ocr serve --idle 20"
        environment = {**os.environ, "STATE_DIRECTORY": str(own.folder / "state")}
        own.started.append(
            subprocess.Popen(["bash", "-c", words], cwd=ROOT, env=environment, pass_fds=[listener.fileno()])
        )
        own.show("0012345.6")
        assert own.read(profile=own.profile())["display"]["text"] == "0012345.6"


@pytest.mark.slow
def test_it_is_killed_in_the_middle_and_the_next_question_is_answered(own: Bench, camera: str) -> None:
    service = own.start()
    own.show("0012345.6")
    ASKED.clear()
    threading.Thread(target=lambda: ASKED.wait(60) and service.send_signal(signal.SIGKILL)).start()
    with pytest.raises(NoAnswer, match=r"ended before|went away"):
        own.ask("read", camera=camera + "/silent", seconds=20, profile=own.profile())
    service.wait(10)
    with pytest.raises(NoAnswer, match="no camera service"):
        own.read(profile=own.profile())
    own.socket.unlink()
    own.start()
    assert own.read(profile=own.profile())["display"]["text"] == "0012345.6"
