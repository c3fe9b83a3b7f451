"""A real house for tests: its own databases and keys, the web server and the worker as processes, on a free port.

    with running.house("ditrum") as house:
        house.url, house.manage("sweep"), house.kill(), house.start()

On PostgreSQL (BROBYGGER_DB=postgres, started by `tests.run`) it makes databases of its own and drops them again.
"""

import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests import cluster

ROOT = Path(__file__).resolve().parent.parent


@dataclass
class House:
    """A house that runs: where it is, what it runs with, and its processes."""

    name: str
    port: int
    var: Path
    env: dict[str, str]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    threads: int = 8

    @property
    def url(self) -> str:
        """The address of the front page, without the last stroke."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """Everything the processes have said."""
        return "".join(path.read_text(errors="replace") for path in sorted(self.var.glob("*.log")))

    def manage(self, *command: str, **env: str) -> str:
        """Run one of the house's commands and give what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *command], cwd=ROOT, env={**self.env, **env}, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout

    def ask(self, code: str) -> str:
        """Run a few lines inside the house, as `manage.py shell` does, and give what they printed."""
        return self.manage("shell", "--no-imports", "-c", code).strip()

    def start(self, *which: str) -> None:
        """Start the web server and the worker (or one of them), and wait until the house answers."""
        granian = [str(Path(sys.executable).with_name("granian")), "--interface", "wsgi", "--host", "127.0.0.1"]
        granian += ["--port", str(self.port), "--workers", "1", "--blocking-threads", str(self.threads)]
        granian += ["--no-access-log", "--log-level", "error", "config.wsgi:application"]
        commands = {"server": granian, "worker": [sys.executable, "manage.py", "worker", "--pause", "0.1"]}
        for name in which or ("server", "worker"):
            with (self.var / f"{name}.log").open("ab") as log:
                self.processes[name] = subprocess.Popen(
                    commands[name], cwd=ROOT, env=self.env, stdout=log, stderr=log, start_new_session=True
                )
        if "server" in (which or ("server",)):
            self._wait()

    def _wait(self) -> None:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            assert self.processes["server"].poll() is None, self.log
            try:
                with urllib.request.urlopen(f"{self.url}/healthz", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except (OSError, urllib.error.URLError):
                time.sleep(0.05)
        raise AssertionError(f"the house did not open: {self.log}")

    def kill(self, *which: str) -> None:
        """Stop processes the hard way, children and all, as a power cut would."""
        for name in which or tuple(self.processes):
            process = self.processes.pop(name)
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def stop(self) -> None:
        """Stop what runs, politely first."""
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self.processes.clear()


@contextmanager
def house(name: str = "ditrum", *, start: bool = True, letters: bool = False, **env: str) -> Iterator[House]:
    """Build, furnish, staff and start a house, and clear it away afterwards.

    Everybody's password is the demo's, and the sign-in page shows the codes. `env` is added to the environment, for
    example BROBYGGER_CLOCK="2026-11-23T02:10" or BROBYGGER_KDF_VERSION="1".
    """
    with tempfile.TemporaryDirectory(prefix="brobygger-house-") as folder:
        var = Path(folder)
        mine = {key: value for key, value in os.environ.items() if not key.startswith("BROBYGGER_VAR")}
        mine |= {
            "BROBYGGER_TESTING": "1",
            "BROBYGGER_DEMO": "1",
            "BROBYGGER_VAR": str(var),
            "BROBYGGER_SECRET_KEY": secrets.token_hex(25),
            "BROBYGGER_FORM_SECRET": secrets.token_hex(32),
            "BROBYGGER_KDF_VERSION": "0",
            "PYTHONPATH": str(ROOT),
            "DJANGO_SETTINGS_MODULE": "config.settings",
            **env,
        }
        with _databases(mine) as places:
            built = House(name, cluster.free_port(), var, {**mine, **places})
            built.manage("demo_fill", f"houses/{name}.toml", *([] if letters else ["--no-letters"]))
            try:
                if start:
                    built.start()
                yield built
            finally:
                built.stop()


@contextmanager
def _databases(env: dict[str, str]) -> Iterator[dict[str, str]]:
    """Make databases of the house's own on PostgreSQL; on SQLite they are files in its folder."""
    if env.get("BROBYGGER_DB", "sqlite") == "sqlite":
        yield {}
        return
    import psycopg

    prefix = f"house_{secrets.token_hex(4)}_"
    where = {"host": env["BROBYGGER_PG_HOST"], "port": env["BROBYGGER_PG_PORT"], "user": env["BROBYGGER_PG_USER"]}
    with psycopg.connect(**where, password=env["BROBYGGER_PG_PASSWORD"], dbname="postgres", autocommit=True) as link:
        for alias in cluster.DATABASES:
            link.execute(f"CREATE DATABASE {prefix}{alias}")
        try:
            yield {"BROBYGGER_PG_PREFIX": prefix}
        finally:
            for alias in cluster.DATABASES:
                link.execute(f"DROP DATABASE IF EXISTS {prefix}{alias} WITH (FORCE)")
