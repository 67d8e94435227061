"""A logger that nobody has connected with a meter yet says how to do it."""

from __future__ import annotations

from tests.appliance.logger import COMMIT_EVERY, PROJECT, Logger
from tests.appliance.shell import call


def test_the_page_of_a_logger_without_an_adapter_says_how_to_connect_one(logger: Logger) -> None:
    logger.machine.run(
        f"cp /etc/phaselog/phaselog.toml /root/kept.toml; cp {PROJECT}/provisioning/phaselog.toml /root/d.toml"
    )
    try:
        logger.install("--config /root/d.toml")
        logger.machine.wait_until(
            lambda: "no USB serial adapter" in call("curl", "--silent", f"http://{logger.machine.address}/"),
            30, "the page tells about the adapter",
        )  # fmt: skip
    finally:
        logger.install("--config /root/kept.toml")
    logger.wait_until_well(COMMIT_EVERY + 60)
