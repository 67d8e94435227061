"""Lines of every kind, and how meters hang on them: what is right is completed, what is wrong is named at its key."""

from __future__ import annotations

import pytest

OPTICAL = """
[[line]]
name = "head"
port = "/dev/a"
[[meter]]
name = "house"
model = "generic-iec62056-21"
line = "head"
"""
BROKER = """
[[line]]
name = "broker"
mqtt = "10.0.0.7"
[[meter]]
name = "plug"
model = "generic-mqtt"
line = "broker"
topic = "tele/plug"
"""
CAMERA = """
[[line]]
name = "cellar"
camera = "pictures"
[[meter]]
name = "house"
model = "generic-camera"
line = "cellar"
"""


def test_a_line_has_the_speed_and_a_meter_the_pace_of_its_protocol(settings_of):
    found = settings_of(OPTICAL)
    assert (found.lines[0].protocol, found.lines[0].baud, found.lines[0].frame) == ("iec62056-21", 300, "7E1")
    assert found.meters[0].every == 300.0


def test_what_the_file_says_counts(settings_of):
    found = settings_of(
        OPTICAL.replace('port = "/dev/a"', 'port = "/dev/a"\nbaud = 2400\nframe = "8N1"') + 'every = "15min"\n'
    )
    assert (found.lines[0].baud, found.lines[0].frame, found.meters[0].every) == (2400, "8N1", 900.0)


def test_files_lie_beside_the_configuration(settings_of, tmp_path):
    more = 'mqtt = "10.0.0.7"\npassword_file = "secret"\nca_file = "/etc/ca.pem"\ntls = true'
    line = settings_of(BROKER.replace('mqtt = "10.0.0.7"', more)).lines[0]
    assert (line.password_file, str(line.ca_file), line.tls) == (tmp_path / "secret", "/etc/ca.pem", True)


@pytest.mark.parametrize(
    ("text", "right", "wrong", "key"),
    [
        (OPTICAL, 'line = "head"', 'line = "head"\nevery = "2s"', "meter[0].every"),
        (OPTICAL, 'line = "head"', 'line = "head"\nunit = 3', "meter[0].unit"),
        (OPTICAL, 'line = "head"', 'line = "head"\ntopic = "x"', "meter[0].topic"),
        (OPTICAL, 'line = "head"', 'line = "head"\nkey_file = "k"', "meter[0].key_file"),
        (OPTICAL, 'port = "/dev/a"', 'udp_port = 5005', "meter[0].line"),
        (OPTICAL, 'port = "/dev/a"', 'port = "/dev/a"\nudp_port = 5005', "line[0]"),
        (OPTICAL, 'port = "/dev/a"', 'port = "/dev/a"\ntls = true', "line[0].tls"),
        (OPTICAL, '"generic-iec62056-21"', '"generic-dlt645-2007"\naddress = "12"', "meter[0].address"),
        (OPTICAL, '"generic-iec62056-21"', '"kerrucent"', "meter[0].address"),
        (OPTICAL, '"generic-iec62056-21"', '"generic-pulses"', "meter[0].pulses_per_kwh"),
        (CAMERA, 'camera = "pictures"', 'camera = "pictures"\nlamp = "17"', "line[0].lamp"),
        (CAMERA, 'camera = "pictures"', 'camera = "ftp://10.0.0.7/x"', "line[0].camera"),
        (CAMERA, 'camera = "pictures"', 'port = "/dev/a"\nlamp = "/dev/gpiochip0:17"', "line[0].lamp"),
        (CAMERA, 'camera = "pictures"', 'gpio = "/dev/gpiochip0"', "meter[0].line"),
        (CAMERA, 'line = "cellar"', 'line = "cellar"\nevery = "5s"', "meter[0].every"),
        (OPTICAL, 'line = "head"', 'line = "head"\nprofile = "p.toml"', "meter[0].profile"),
        (BROKER, 'topic = "tele/plug"', "", "meter[0].topic"),
        (BROKER, 'topic = "tele/plug"', 'topic = "tele/#"', "meter[0].topic"),
        (BROKER, '"10.0.0.7"', '"10.0.0.7:x"', "line[0].mqtt"),
        (BROKER, 'mqtt = "10.0.0.7"', 'mqtt = "10.0.0.7"\nbaud = 9600', "line[0].baud"),
    ],
)  # fmt: skip
def test_each_mistake_is_named_by_its_key(mistakes_of, text, right, wrong, key):
    assert key in mistakes_of(text.replace(right, wrong, 1))


def second(model: str, **keys: str) -> str:
    more = "".join(f'{key} = "{value}"\n' for key, value in keys.items())
    return f'[[meter]]\nname = "second"\nmodel = "{model}"\nline = "head"\n{more}'


def test_a_line_speaks_one_protocol(mistakes_of):
    found = mistakes_of(OPTICAL + second("generic-dlt645-2007"))
    assert "speaks dlt645-2007" in found["meter[1].line"].message


def test_a_meter_that_speaks_by_itself_has_its_line_alone(mistakes_of):
    alone = OPTICAL.replace("generic-iec62056-21", "generic-sml")
    assert "already" in mistakes_of(alone + second("generic-sml"))["meter[1].line"].message


def test_meters_of_one_line_are_told_apart(settings_of, mistakes_of):
    first = OPTICAL + 'address = "4711"\n'
    assert len(settings_of(first + second("generic-iec62056-21", address="4712")).meters) == 2
    assert "meter[1].address" in mistakes_of(first + second("generic-iec62056-21", address="4711"))
    assert "is missing" in mistakes_of(OPTICAL + second("generic-iec62056-21"))["meter[1].address"].message


def test_one_broker_or_one_udp_port_twice(mistakes_of):
    text = '[[line]]\nname = "a"\nmqtt = "B"\n[[line]]\nname = "b"\nmqtt = "b:1883"\n'
    assert "line[1].mqtt" in mistakes_of(text)
    text = '[[line]]\nname = "a"\nudp_port = 5005\n[[line]]\nname = "b"\nudp_port = 5005\n'
    assert "line[1].udp_port" in mistakes_of(text)


@pytest.mark.parametrize("camera", ["rpicam", "/dev/video0", "http://10.0.0.7/snapshot.jpg", "rtsp://10.0.0.7/1"])
def test_a_camera_is_called_as_it_is_written(settings_of, camera):
    assert settings_of(CAMERA.replace("pictures", camera)).lines[0].camera == camera


def test_a_folder_of_pictures_lies_beside_the_configuration(settings_of, tmp_path):
    assert settings_of(CAMERA).lines[0].camera == str(tmp_path / "pictures")


def test_one_camera_may_see_several_meters(settings_of):
    assert (
        len(settings_of(CAMERA + CAMERA.split("[[meter]]")[1].replace("house", "flat").join(["[[meter]]", ""])).meters)
        == 2
    )
