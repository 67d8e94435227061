"""A POST carries what the configuration writes, and nothing that a meter is called can break out of it."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.errors import OutletError
from collector.outlets.webhook import Hook, Webhook


class _Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, dict(self.headers), body.decode()))
        self.send_response(self.server.answer)
        if self.server.answer == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def receiver():
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Receiver)
    server.got, server.answer = [], 200
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def _hook(receiver, body="{text}", headers=None):
    url = f"http://127.0.0.1:{receiver.server_address[1]}/topic"
    return Webhook(Hook("ntfy", url, None, body, headers or {}))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.text(min_size=1), st.text())
def test_json_stays_json_whatever_the_text_says(receiver, headline, text):
    hook = _hook(receiver, '{"chat_id": 7, "text": {text}, "title": {headline}}', {"Content-Type": "application/json"})
    hook.send("abc", headline, text)
    assert json.loads(receiver.got[-1][2]) == {"chat_id": 7, "text": text, "title": headline}


def test_ntfy_gets_its_title_in_a_header_and_the_id_that_a_repetition_keeps(receiver):
    _hook(receiver, headers={"Title": "{headline}"}).send("abc", "Turbine: läuft nicht", "line 1\nline 2")
    _, headers, body = receiver.got[-1]
    assert body == "line 1\nline 2"
    assert headers["Idempotency-Key"] == "abc"
    assert headers["Title"].startswith("=?utf-8?")


def test_texts_that_look_like_places_are_not_filled_again(receiver):
    _hook(receiver, "{headline} {text}").send("abc", "{text}", "{id}")
    assert receiver.got[-1][2] == "{text} {id}"


@pytest.mark.parametrize("answer", [302, 404, 500])
def test_anything_but_taken_is_an_error_that_does_not_tell_the_address(receiver, answer):
    receiver.answer = answer
    try:
        with pytest.raises(OutletError) as error:
            _hook(receiver).send("abc", "h", "t")
    finally:
        receiver.answer = 200
    assert str(answer) in str(error.value)
    assert "topic" not in str(error.value)


def test_a_secret_address_comes_from_a_file_and_is_never_told(tmp_path):
    file = tmp_path / "url"
    file.write_text("http://127.0.0.1:1/secret-token\n")
    with pytest.raises(OutletError) as error:
        Webhook(Hook("telegram", None, file, "{text}", {})).send("abc", "h", "t")
    assert "secret" not in f"{error.value} {error.value.hint}"


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/x", ""])
def test_only_web_addresses(url):
    with pytest.raises(OutletError):
        Webhook(Hook("odd", url, None, "{text}", {})).send("abc", "h", "t")
