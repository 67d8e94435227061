"""Mail goes to a real SMTP server: with TLS and login, and not without where they are asked for."""

import socket
import ssl
import subprocess
from email import message_from_bytes, policy

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

from collector.errors import OutletError
from collector.outlets.mail import Mail, MailServer


class _Keeper:
    def __init__(self):
        self.mails = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - the library's name
        self.mails.append((envelope.rcpt_tos, message_from_bytes(envelope.content, policy=policy.default)))
        return "250 taken"

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - the library's name
        if address.startswith("unknown"):
            return "550 no such person"
        envelope.rcpt_tos.append(address)
        return "250 fine"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    names = "-addext", "subjectAltName=DNS:localhost"
    made = "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"
    subprocess.run(
        [*made, *names, "-keyout", "key.pem", "-out", "cert.pem"], cwd=folder, check=True, capture_output=True
    )
    return folder


def _context(folder):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


def _free_port():
    with socket.create_server(("localhost", 0)) as server:
        return server.getsockname()[1]


def _login(server, session, envelope, mechanism, data):
    right = (data.login, data.password) == (b"phaselog", b"right")
    return AuthResult(success=right, handled=right)


@pytest.fixture
def server(certificate):
    """Takes mail after STARTTLS and login only."""
    keeper = _Keeper()

    class _Strict(Controller):
        def factory(self):
            return SMTP(
                keeper,
                tls_context=_context(certificate),
                require_starttls=True,
                authenticator=_login,
                auth_required=True,
            )

    controller = _Strict(keeper, hostname="localhost", port=_free_port())
    controller.start()
    controller.keeper = keeper
    yield controller
    controller.stop()


@pytest.fixture
def mail(server, certificate, tmp_path):
    def make(password="right", **changed):
        secret = tmp_path / "password"
        secret.write_text(password + "\n")
        given = {
            "host": "localhost", "port": server.port, "tls": "starttls", "user": "phaselog",
            "password_file": secret, "sender": "logger@example.org", "to": ("a@example.org", "b@example.org"),
            "ca_file": certificate / "cert.pem",
        }  # fmt: skip
        return Mail(MailServer(**{**given, **changed}))

    return make


def test_everybody_gets_it_with_the_id_that_a_repetition_keeps(server, mail):
    for _ in range(2):
        mail().send("abc", "Chapada: turbine silent – já", "line 1\nline 2")
    (to, first), (_, second) = server.keeper.mails
    assert to == ["a@example.org", "b@example.org"]
    assert first["Subject"] == "Chapada: turbine silent – já"
    assert first.get_content().splitlines() == ["line 1", "line 2"]
    assert first["Message-ID"] == second["Message-ID"] == "<abc@example.org>"
    assert first["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"password": "wrong"}, "password"),
        ({"tls": "none"}, "mail:"),
        ({"ca_file": None}, "certificate"),
        ({"port": 1}, "reachable"),
        ({"to": ("unknown@example.org", "a@example.org")}, "did not take it"),
    ],
)
def test_what_is_not_taken_is_an_error_with_what_to_do(server, mail, changed, said):
    with pytest.raises(OutletError) as error:
        mail(**changed).send("abc", "headline", "text")
    assert said in f"{error.value} {error.value.hint}"
    assert "right" not in str(error.value)


def test_a_headline_cannot_add_headers(mail):
    with pytest.raises((OutletError, ValueError)):
        mail().send("abc", "x\nBcc: everybody@example.org", "text")
