"""What leaves the house in a support bundle says nothing about whose house it is."""

from __future__ import annotations

import socket

import pytest

from collector.doctor.scrub import scrub


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ('host = "10.0.0.7"', "10.0.0.7"),
        ('host = "gateway.example.org"', "gateway"),
        ('user = "maria"', "maria"),
        ('password = "s3cret"', "s3cret"),
        ('  "password": "s3cret",', "s3cret"),
        ("connecting with password=s3cret now", "s3cret"),
        ('mysql_readers = ["maria", "jose"]', "jose"),
        ("mysql://maria:s3cret@db/x", "s3cret"),
        ("line rs485: 192.168.1.20:502 takes connections", "192.168.1.20"),
        ("from fe80::1c2d:3e4f:5a6b:7c8d", "1c2d"),
        ("aa:bb:cc:dd:ee:ff is the adapter", "aa:bb:cc"),
        ("maria@example.org wrote", "maria"),
        ('port = "/dev/serial/by-id/usb-FTDI_FT232R_USB_UART_A50285BI-if00-port0"', "A50285BI"),
        ('"serial": "LQN/0912345"', "LQN"),
        ("serial number: 123456789", "123456789"),
        ("/home/maria/phaselog.toml: no such file", "maria"),
        (f"Nov 21 02:11:00 {socket.gethostname()} phaselog[12]: started", socket.gethostname()),
    ],
)
def test_it_is_gone(text, secret):
    assert secret not in scrub(text)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21T02:19:59.123Z store ok",
        "02:19:59 reading 40 meters on 2 lines",
        'timezone = "America/Cuiaba"',
        "pymodbus 3.16.1",
        "page: answers at http://127.0.0.1:8080",
        'port = "/dev/ttyUSB0"',
        "unit = 126",
        '"pid": 1234',
    ],
)
def test_what_helps_stays(text):
    assert scrub(text) == text
