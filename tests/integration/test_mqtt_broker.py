"""A broker restarts, keeps old values, tells of devices that died, wants a password: never a wrong value."""

from __future__ import annotations

import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.config.settings import LineSettings
from collector.errors import GatewayDown, LineError
from tests.integration.mqtt_broker import (
    MOSQUITTO,
    Device,
    Mosquitto,
    free_port,
    heard_within,
    listener_of,
    until_it_works,
)

pytestmark = [pytest.mark.slow, pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not installed")]

PLUG = ("plug", "tasmota-energy", "tele/plug")
Z2M = ("lamp", "zigbee2mqtt-energy", "zigbee2mqtt/lamp")


def energy(power: float) -> str:
    return f'{{"ENERGY":{{"Power":{power},"Total":1.5}}}}'


def line_at(broker: Mosquitto, **more: object) -> LineSettings:
    return LineSettings("broker", mqtt=f"127.0.0.1:{broker.port}", **more)  # type: ignore[arg-type]


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    made = Mosquitto(tmp_path)
    made.start()
    yield made
    made.stop()


def test_a_broker_that_restarts_is_found_again(broker: Mosquitto) -> None:
    listener = listener_of(line_at(broker), PLUG)
    heard_within(listener, 0.3)
    broker.stop()
    with pytest.raises(GatewayDown, match=r"connection broke|no connection"):
        heard_within(listener, 20)
    with pytest.raises(GatewayDown):
        heard_within(listener, 5)
    broker.start()
    until_it_works(listener)
    device = Device(broker)
    device.publish("tele/plug/SENSOR", energy(5))
    assert [sample.values["active_power_total"] for sample in heard_within(listener, 10, 1)] == [5.0]
    device.close()
    listener.close()


def test_a_value_that_the_broker_kept_is_no_reading(broker: Mosquitto) -> None:
    device = Device(broker)
    device.publish("tele/plug/SENSOR", energy(4), retain=True)
    listener = listener_of(line_at(broker), PLUG)
    assert heard_within(listener, 1) == []
    assert listener.statistics["plug"].errors == {"retained": 1}
    device.publish("tele/plug/SENSOR", energy(5), retain=True)
    assert [sample.values["active_power_total"] for sample in heard_within(listener, 10, 1)] == [5.0]
    device.close()
    listener.close()


def test_a_device_that_died_is_silent_until_it_is_back(broker: Mosquitto) -> None:
    listener = listener_of(line_at(broker), PLUG)
    heard_within(listener, 0.3)
    device = Device(broker, ("tele/plug/LWT", "Offline"))
    device.publish("tele/plug/LWT", "Online", retain=True)
    device.publish("tele/plug/SENSOR", energy(1))
    assert len(heard_within(listener, 10, 1)) == 1
    device.die()
    other = Device(broker)  # a bridge repeats what it knew
    deadline = time.monotonic() + 20
    while not listener.statistics["plug"].errors["no_answer"] and time.monotonic() < deadline:
        heard_within(listener, 0.2)
    other.publish("tele/plug/SENSOR", energy(2))
    assert heard_within(listener, 1) == []
    assert listener.statistics["plug"].errors == {"no_answer": 1, "offline": 1}
    other.publish("tele/plug/LWT", "Online", retain=True)
    other.publish("tele/plug/SENSOR", energy(3))
    assert [sample.values["active_power_total"] for sample in heard_within(listener, 10, 1)] == [3.0]
    other.close()
    listener.close()


def test_that_a_device_is_offline_is_known_from_before(broker: Mosquitto) -> None:
    device = Device(broker)
    device.publish("zigbee2mqtt/lamp/availability", '{"state":"offline"}', retain=True)
    listener = listener_of(line_at(broker), Z2M)
    heard_within(listener, 0.5)
    device.publish("zigbee2mqtt/lamp", '{"power":3}')
    assert heard_within(listener, 1) == []
    device.publish("zigbee2mqtt/lamp/availability", "online", retain=True)
    device.publish("zigbee2mqtt/lamp", '{"power":4}')
    assert [sample.values for sample in heard_within(listener, 10, 1)] == [{"active_power_total": 4.0}]
    device.close()
    listener.close()


def test_what_comes_in_several_messages_is_one_reading_with_the_time_of_the_first(broker: Mosquitto) -> None:
    listener = listener_of(line_at(broker), ("pzem", "esphome-energy", "pzem"))
    heard_within(listener, 0.3)
    device = Device(broker)
    before = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    device.publish("pzem/sensor/voltage/state", "230.5", qos=0)
    device.publish("pzem/sensor/power/state", "100", qos=0)
    device.publish("pzem/sensor/current/state", "0.4", qos=0)
    first = heard_within(listener, 10, 1)[0]
    after = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    assert first.values == {"voltage_l1_n": 230.5, "active_power_total": 100.0, "current_l1": 0.4}
    assert before <= first.boot_ns <= after - 200_000_000
    device.publish("pzem/sensor/power/state", "101", qos=0)
    device.publish("pzem/sensor/power/state", "102", qos=0)
    powers = [sample.values["active_power_total"] for sample in heard_within(listener, 10, 2)]
    assert powers == [101.0, 102.0]
    device.close()
    listener.close()


def test_messages_of_any_quality_of_service_are_one_reading_each(broker: Mosquitto) -> None:
    listener = listener_of(line_at(broker), PLUG)
    heard_within(listener, 0.3)
    device = Device(broker)
    for power in (0, 1, 2):
        device.publish("tele/plug/SENSOR", energy(power), qos=power)
    assert [sample.values["active_power_total"] for sample in heard_within(listener, 1)] == [0.0, 1.0, 2.0]
    device.close()
    listener.close()


def test_a_sum_is_not_formed_of_a_part(broker: Mosquitto) -> None:
    listener = listener_of(line_at(broker), ("em", "shelly-3em", "shellies/em"))
    heard_within(listener, 0.3)
    device = Device(broker)
    device.publish("shellies/em/emeter/0/total", "100.0", qos=0)
    device.publish("shellies/em/emeter/1/total", "100.0", qos=0)
    device.publish("shellies/em/emeter/0/power", "7", qos=0)
    assert heard_within(listener, 10, 1)[0].values == {"active_power_l1": 7.0}
    device.close()
    listener.close()


def test_nonsense_is_counted_and_never_a_reading(broker: Mosquitto) -> None:
    listener = listener_of(line_at(broker), PLUG)
    heard_within(listener, 0.3)
    device = Device(broker)
    for payload in (b"", b"{", b"\xff\xfe", b"[" * 60000, b"{" * 70000, b"null", b'{"ENERGY":{"Power":"unavailable"}}'):
        device.publish("tele/plug/SENSOR", payload)
    device.publish("tele/plug/LWT", "perhaps")
    samples = heard_within(listener, 2)
    assert [sample.values for sample in samples] == [{"active_power_total": None}]
    assert listener.statistics["plug"].errors == {
        "bad_answer_json": 3, "bad_answer_text": 1, "bad_answer_size": 1, "no_number": 1, "unknown_state": 1,
    }  # fmt: skip
    device.close()
    listener.close()


def test_a_huge_message_ends_the_connection_and_not_the_memory(broker: Mosquitto) -> None:
    listener = listener_of(line_at(broker), PLUG)
    heard_within(listener, 0.3)
    device = Device(broker)
    device.publish("tele/plug/SENSOR", b"x" * 3_000_000, qos=0)
    with pytest.raises(GatewayDown):
        heard_within(listener, 10)
    until_it_works(listener)
    device.publish("tele/plug/SENSOR", energy(5))
    assert len(heard_within(listener, 10, 1)) == 1
    device.close()
    listener.close()


def test_nothing_is_ever_published(broker: Mosquitto) -> None:
    witness = Device(broker)
    seen = witness.hear_everything()
    for _ in range(3):
        listener = listener_of(line_at(broker), PLUG, Z2M)
        heard_within(listener, 0.3)
        listener.close()
    witness.publish("end", "")
    deadline = time.monotonic() + 10
    while "end" not in seen and time.monotonic() < deadline:
        time.sleep(0.05)
    assert seen == ["end"]
    witness.close()


def test_a_password_is_wanted(tmp_path: Path) -> None:
    passwords, right, wrong = tmp_path / "passwords", tmp_path / "right", tmp_path / "wrong"
    subprocess.run(["mosquitto_passwd", "-b", "-c", str(passwords), "meter", "ünïcode pass"], check=True, timeout=60)
    right.write_text("ünïcode pass\n", encoding="utf-8")
    wrong.write_text("guess\n", encoding="utf-8")
    broker = Mosquitto(tmp_path, "allow_anonymous false", f"password_file {passwords}")
    broker.start()
    try:
        for settings in ({}, {"user": "meter", "password_file": wrong}):
            with pytest.raises(GatewayDown, match="refuses us") as refusal:
                heard_within(listener_of(line_at(broker, **settings), PLUG), 10)
            assert "password_file" in refusal.value.hint
        with pytest.raises(GatewayDown, match="No such file"):
            heard_within(listener_of(line_at(broker, user="meter", password_file=tmp_path / "none"), PLUG), 10)
        listener = listener_of(line_at(broker, user="meter", password_file=right), PLUG)
        heard_within(listener, 0.3)
        device = Device(broker, user="meter", password="ünïcode pass")
        device.publish("tele/plug/SENSOR", energy(5))
        assert len(heard_within(listener, 10, 1)) == 1
        device.close()
        listener.close()
    finally:
        broker.stop()


def certificates(folder: Path) -> None:
    """An authority, and a broker's certificate of it for localhost."""

    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True, timeout=60)

    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=authority")
    openssl("req", *key, "-keyout", "broker.key", "-out", "broker.csr", "-subj", "/CN=localhost")
    (folder / "names").write_text("subjectAltName=DNS:localhost\n")
    openssl("x509", "-req", "-in", "broker.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
            "-out", "broker.pem", "-extfile", "names")  # fmt: skip


def test_a_broker_is_believed_over_tls_only_if_it_is_the_one(tmp_path: Path) -> None:
    certificates(tmp_path)
    broker = Mosquitto(tmp_path, f"certfile {tmp_path}/broker.pem", f"keyfile {tmp_path}/broker.key")
    broker.start()
    try:
        ours = f"localhost:{broker.port}"
        line = LineSettings("broker", mqtt=ours, tls=True, ca_file=tmp_path / "ca.pem")
        listener = listener_of(line, PLUG)
        assert heard_within(listener, 0.5) == []
        listener.close()
        strangers = {
            "verify failed": LineSettings("broker", mqtt=ours, tls=True),
            "doesn't match|not valid for": LineSettings(
                "broker", mqtt=f"127.0.0.1:{broker.port}", tls=True, ca_file=tmp_path / "ca.pem"
            ),
            "no connection": LineSettings("broker", mqtt=ours, tls=True, ca_file=tmp_path / "none.pem"),
            "connection broke|no welcome": LineSettings("broker", mqtt=ours),
        }
        for words, settings in strangers.items():
            with pytest.raises(GatewayDown, match=words):
                heard_within(listener_of(settings, PLUG), 10)
    finally:
        broker.stop()


def test_a_broker_that_is_not_there_is_asked_at_growing_intervals() -> None:
    listener = listener_of(LineSettings("broker", mqtt=f"127.0.0.1:{free_port()}"), PLUG)
    began, faults = time.monotonic(), []
    while time.monotonic() < began + 2.5:
        with pytest.raises(LineError) as fault:
            listener.listen(0.3)
        faults.append(fault.value)
    assert len({id(fault) for fault in faults}) <= 3
    assert len(faults) > 3


def test_a_peer_that_speaks_no_mqtt_is_said_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        for answer in (
            b"HTTP/1.1 400 Bad Request\r\n\r\n",
            b"",
            bytes(range(256)) * 8,
            b"\x20\x02\x00\x00\x30\x00\x30\x02\x00\x09",
        ):

            def serve(answer: bytes = answer) -> None:
                peer, _ = server.accept()
                with peer:
                    peer.recv(1000)
                    peer.sendall(answer)
                    if answer:
                        time.sleep(0.2)

            threading.Thread(target=serve, daemon=True).start()
            line = LineSettings("broker", mqtt=f"127.0.0.1:{server.getsockname()[1]}")
            with pytest.raises(GatewayDown):
                heard_within(listener_of(line, PLUG), 10)


def test_a_peer_that_never_says_welcome_is_left() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        line = LineSettings("broker", mqtt=f"127.0.0.1:{server.getsockname()[1]}")
        with pytest.raises(GatewayDown, match="no welcome"):
            heard_within(listener_of(line, PLUG), 20)
