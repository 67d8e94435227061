"""Looks at who may do what in MariaDB, and whether it listens to the network: with the server's own client program."""

from __future__ import annotations

import os
import pwd
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from collector.config.settings import StoreSettings
from collector.doctor.program import NotTold, told
from collector.model.finding import Finding, attention, fine, skipped, wrong

SOCKET = "/run/mysqld/mysqld.sock"
#: Our accounts; each is a user of the system and of MariaDB by the same name, without a password.
ACCOUNTS = (
    "phaselog-collector",
    "phaselog-status",
    "phaselog-insight",
    "phaselog-alerts",
    "phaselog-maintain",
    "phaselog-backup",
)
_CHANGES = frozenset(("ALL PRIVILEGES", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "DROP", "SUPER", "FILE",
                      "GRANT OPTION", "CREATE USER", "DELETE HISTORY"))  # fmt: skip
_TABLES = frozenset(("ALL PRIVILEGES", "CREATE", "ALTER", "DROP", "GRANT OPTION"))
_GRANT = re.compile(r"^GRANT (?P<rights>.+?) ON (?P<where>\S+) TO .*?(?P<option> WITH GRANT OPTION)?$")
#: The client's word for a server that is not there.
_DOWN = "ERROR 2002"
_REPAIR = "sudo ./install_and_config.sh puts the rights back"


def accounts(store: StoreSettings) -> Iterator[Finding]:
    """Does MariaDB let each account in, and does none of them have more rights than its work needs.

    Root tries all of them; anybody else only the own one.
    """
    if store.kind != "mariadb" or store.host or store.user:
        return
    own = _own_name()
    names = _known() if os.geteuid() == 0 else [own] if own in ACCOUNTS else []
    if not names:
        yield skipped("database accounts", "only root can try them: sudo phaselog doctor")
    for name in names:
        found = _account(name, store, name == own)
        if _DOWN in found.seen:
            yield skipped("database accounts", "MariaDB does not answer")
            return
        yield found


def _own_name() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return ""


def _known() -> list[str]:
    """Those of our accounts that this system has."""
    there = {entry.pw_name for entry in pwd.getpwall()}
    return [name for name in ACCOUNTS if name in there]


def _account(name: str, store: StoreSettings, own: bool) -> Finding:
    subject = f"account {name}"
    change = () if own else ("runuser", "-u", name, "--")
    client = ("mariadb", "--no-defaults", f"--socket={store.socket or SOCKET}", "--connect-timeout=4", "--batch")
    try:
        said = told(*change, *client, "--skip-column-names", "--execute=SHOW GRANTS")
    except NotTold as error:
        return wrong(subject, str(error), "systemctl status mariadb; sudo ./install_and_config.sh")
    if excess := sorted(_excess(name, said, store.database)):
        return wrong(subject, f"may do too much: {', '.join(excess)}", _REPAIR)
    return fine(subject, "is let in, and may do what it should and no more")


def _excess(name: str, grants: str, database: str) -> Iterator[str]:
    """Rights that this account must not have: nobody rules the server, only the maintainer changes tables."""
    for line in grants.splitlines():
        found = _GRANT.match(line)
        if not found:
            continue
        where = found["where"].replace("`", "").replace("\\", "")
        rights = {re.sub(r" \(.*", "", right).strip() for right in re.split(r",(?![^(]*\))", found["rights"])}
        rights |= {"GRANT OPTION"} if found["option"] else set()
        yield from (f"{right} on {where}" for right in rights & _forbidden(name, where, database))


def _forbidden(name: str, where: str, database: str) -> frozenset[str]:
    if where == "*.*":
        return _CHANGES
    rule = _RULES.get(name)
    return rule(where, database) if rule else frozenset()


def _to_collector(where: str, database: str) -> frozenset[str]:
    whole = _CHANGES if where.endswith(".*") else _TABLES
    return whole | {"DELETE"} if where == f"{database}.reading" else whole


def _to_alerts(where: str, database: str) -> frozenset[str]:
    return _TABLES | {"DELETE"} if where.startswith(f"{database}.alert") else _CHANGES


def _to_insight(where: str, database: str) -> frozenset[str]:
    """It changes what it computed, never what was measured or summarised."""
    return _CHANGES if where.endswith(".*") or where.startswith(f"{database}.reading") else _TABLES


def _to_backup(where: str, database: str) -> frozenset[str]:
    """It tells of failures as events, and restores into a database of its own."""
    told = frozenset(("INSERT",)) if where == f"{database}.event" else frozenset()
    return _CHANGES - told if where.startswith(f"{database}.") else frozenset()


def _to_page(where: str, database: str) -> frozenset[str]:
    return _CHANGES - _of_page(where, database)


#: What is forbidden to each account on a table; the maintainer may do everything with our database.
_RULES: Mapping[str, Callable[[str, str], frozenset[str]]] = {
    "phaselog-status": _to_page,
    "phaselog-collector": _to_collector,
    "phaselog-alerts": _to_alerts,
    "phaselog-insight": _to_insight,
    "phaselog-backup": _to_backup,
}


def _of_page(where: str, database: str) -> frozenset[str]:
    """What the page may change: who may log in, and it adds what people did and take notice of."""
    if where.startswith(f"{database}.page_"):
        return frozenset(("INSERT", "UPDATE", "DELETE"))
    if where == f"{database}.alert":
        return frozenset(("UPDATE",))
    return frozenset(("INSERT",)) if where in (f"{database}.event", f"{database}.alert_test") else frozenset()


def database_port(store: StoreSettings, open_to: tuple[str, ...], root: Path) -> Iterator[Finding]:
    """MariaDB listens to the network when the configuration says so, and only then."""
    if store.kind != "mariadb" or store.host:
        return
    listening = [address for address, port in _listening(root) if port == store.tcp_port]
    subject = "database port"
    if open_to and not listening:
        yield wrong(subject, f"closed, though [appliance] opens it to {', '.join(open_to)}", _REPAIR)
    elif open_to:
        yield fine(subject, f"open to {', '.join(open_to)}, as configured")
    elif not listening:
        yield fine(subject, "closed")
    elif all(address in _LOOPBACK for address in listening):
        yield attention(subject, f"{store.tcp_port} is open on this machine itself", "nobody needs it: skip-networking")
    else:
        yield wrong(subject, f"{store.tcp_port} is open to the network, though the configuration does not ask for it",
                    "skip-networking in MariaDB's settings: sudo ./install_and_config.sh")  # fmt: skip


#: As /proc/net/tcp and tcp6 write 127.0.0.1 and ::1 on little-endian machines.
_LOOPBACK = frozenset(("0100007F", "00000000000000000000000001000000"))
_LISTEN = "0A"


def _listening(root: Path) -> Iterator[tuple[str, int]]:
    """(address, port) of every socket that waits for connections (proc_net(5))."""
    for table in ("tcp", "tcp6"):
        file = root / "proc/net" / table
        for line in file.read_text(encoding="ascii").splitlines()[1:] if file.exists() else ():
            _, local, _, state, *_ = line.split()
            if state == _LISTEN:
                address, _, port = local.partition(":")
                yield address, int(port, 16)
