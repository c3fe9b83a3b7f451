"""A throw-away PostgreSQL server: its own folder, its own free port on loopback, stopped by its own process id."""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = "brobygger_"
DATABASES = ("default", "keys", "door")
# The house itself owns its databases; the street has the few rights the public side is given.
HOUSE, STREET = "brobygger", "brobygger_door"
# Nobody minds if a test database dies with the power.
CARELESS = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]


class NoServer(Exception):
    """PostgreSQL is not on this machine, or would not start."""


def binaries() -> Path | None:
    """Find the newest PostgreSQL server programs on this machine."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if debian:
        return debian[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def free_port() -> int:
    """Find a port nobody uses, and below those lent to whoever calls out: it must still be free in a minute."""
    while True:
        with socket.socket() as asked, suppress(OSError):
            asked.bind(("127.0.0.1", 10_000 + secrets.randbelow(20_000)))
            return int(asked.getsockname()[1])


def servant() -> str | None:
    """Name the account the server runs as: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def as_servant(command: list[str], folder: Path) -> list[str]:
    """Let the command run as the server's account."""
    name = servant()
    if name is None:
        return command
    account = pwd.getpwnam(name)
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, account.pw_uid, account.pw_gid)
    return ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups", *command]


@contextmanager
def postgres(*, durable: bool = False, inside: str | None = None) -> Iterator[dict[str, str]]:
    """Start a server for as long as the block lasts; give the environment that leads the house to it.

    `durable` makes each commit wait for the disk, as in a real house; for measures, not for tests. `inside`: the folder
    its own is made in.
    """
    programs = binaries()
    if programs is None:
        raise NoServer("PostgreSQL's server programs are not on this machine")
    with tempfile.TemporaryDirectory(prefix="brobygger-pg-", dir=inside) as name:
        folder = Path(name)
        word = secrets.token_hex(16)
        port = free_port()
        _make(programs, folder, word)
        server = _start(programs, folder, port, [] if durable else CARELESS)
        try:
            yield _furnish(folder, port, word, server)
        finally:
            server.send_signal(signal.SIGINT)
            try:
                server.wait(timeout=20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _make(programs: Path, folder: Path, word: str) -> None:
    """Make the server's folder, with a password that lives as long as the run."""
    (folder / "word").write_text(word)
    command = [str(programs / "initdb"), "-D", str(folder / "data"), "-U", "postgres", "--auth=scram-sha-256"]
    command += [f"--pwfile={folder / 'word'}", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
    done = subprocess.run(as_servant(command, folder), capture_output=True, text=True, cwd="/")
    if done.returncode:
        raise NoServer(f"initdb said: {done.stderr.strip()}")


def _start(programs: Path, folder: Path, port: int, settings: list[str]) -> subprocess.Popen[bytes]:
    """Start the server on loopback."""
    options = [
        f"port={port}",
        "listen_addresses=127.0.0.1",
        "max_connections=200",
        f"unix_socket_directories={folder}",
        *settings,
    ]
    command = [str(programs / "postgres"), "-D", str(folder / "data")]
    command += [part for option in options for part in ("-c", option)]
    command = as_servant(command, folder)
    with (folder / "log").open("wb") as log:
        # A session of its own: Ctrl-C at the terminal must reach the tests first, the server after them.
        return subprocess.Popen(command, stdout=log, stderr=log, cwd="/", start_new_session=True)


def _furnish(folder: Path, port: int, word: str, server: subprocess.Popen[bytes]) -> dict[str, str]:
    """Wait until the server answers, make the two logins and the three databases, and say how to get there."""
    import psycopg

    deadline = time.monotonic() + 30
    while True:
        try:
            link = psycopg.connect(
                host="127.0.0.1", port=port, user="postgres", password=word, dbname="postgres", autocommit=True
            )
            break
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise NoServer((folder / "log").read_text(errors="replace")) from None
            time.sleep(0.05)
    with link:
        link.execute(f"CREATE ROLE {HOUSE} LOGIN CREATEDB PASSWORD '{word}'")
        link.execute(f"CREATE ROLE {STREET} LOGIN PASSWORD '{word}'")
        # A running house's databases are dropped while the street's last connection may still be closing.
        link.execute(f"GRANT pg_signal_backend TO {HOUSE}")
        for database in DATABASES:
            link.execute(f"CREATE DATABASE {PREFIX}{database} OWNER {HOUSE}")
    link.close()
    return {
        "BROBYGGER_DB": "postgres",
        "BROBYGGER_PG_HOST": "127.0.0.1",
        "BROBYGGER_PG_PORT": str(port),
        "BROBYGGER_PG_PREFIX": PREFIX,
        "BROBYGGER_PG_USER": HOUSE,
        "BROBYGGER_PG_PASSWORD": word,
        "BROBYGGER_PG_STREET_USER": STREET,
        "BROBYGGER_PG_STREET_PASSWORD": word,
    }
