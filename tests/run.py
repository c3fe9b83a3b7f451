"""Run the whole suite on SQLite and on PostgreSQL, side by side, journeys and all: what `make test` does.

    python -m tests.run [--only sqlite|postgres] [-- pytest's own arguments]

Finds Chromium and PostgreSQL; installs them with apt-get when it may, and otherwise says which command would.
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from queue import Queue
from threading import Thread

from tests import cluster

ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
COUNTED = re.compile(r"(\d+) (passed|failed|errors?|skipped|xfailed|xpassed|deselected)")
CLOSING = re.compile(r"(?:\x1b\[[\d;]*m)*=* ?.*\d+ (?:passed|failed|errors?|skipped|deselected).* in [\d.]+s")
#: pytest's own way of saying "no test was collected".
NOTHING_COLLECTED = 5


class Missing(Exception):
    """Something the suite needs is not on this machine and could not be put there."""


def browser() -> str | None:
    """Find Chromium."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def install(package: str, wish: str) -> None:
    """Install a Debian package when we may; otherwise say how."""
    command = ["apt-get", "install", "--yes", "--no-install-recommends", package]
    by_hand = f"{wish} is missing. Install it and try again:  sudo apt-get update && sudo {' '.join(command)}"
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise Missing(by_hand)
    print(f"{wish} is missing; installing Debian's package {package} ...", flush=True)
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "--quiet=2"], env=env)
    if subprocess.run([command[0], "--quiet=2", *command[1:]], env=env, stdout=subprocess.DEVNULL).returncode:
        raise Missing(by_hand)


def prepare(kinds: list[str]) -> dict[str, str]:
    """See to it that the browser and the database server are here; return what the tests need to know."""
    if browser() is None:
        install("chromium", "Chromium, which the journeys walk in,")
    if "postgres" in kinds and cluster.binaries() is None:
        install("postgresql", "PostgreSQL, the second database everything is tested on,")
    return {"BROBYGGER_TESTING": "1", "DJANGO_ALLOW_ASYNC_UNSAFE": "true", "BROBYGGER_CHROMIUM": browser() or ""}


class Suite:
    """One run of pytest on one database; what it says is kept until somebody listens."""

    def __init__(self, kind: str, env: dict[str, str], arguments: list[str]) -> None:
        """Start it."""
        self.kind, self._said = kind, Queue[str | None]()
        command = [sys.executable, "-m", "pytest", *arguments]
        if sys.stdout.isatty():
            command.append("--color=yes")
        clean = {name: value for name, value in os.environ.items() if not name.startswith("BROBYGGER_")}
        self._run = subprocess.Popen(
            command, cwd=ROOT, env={**clean, **env}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        """Keep what it says, so that it never waits for somebody to read it."""
        assert self._run.stdout is not None
        for line in self._run.stdout:
            self._said.put(line)
        self._said.put(None)

    def show(self) -> tuple[int, Counter[str]]:
        """Show what it has said, and what it says from now on; give its code and its counts when it is over."""
        print(f"\n--- the whole suite on {self.kind} ---", flush=True)
        closing = ""
        for line in iter(self._said.get, None):
            print(line, end="", flush=True)
            if CLOSING.search(line):
                closing = line
        counts: Counter[str] = Counter()
        for number, what in COUNTED.findall(closing):
            counts["error" if what == "errors" else what] += int(number)
        return self._run.wait(), counts

    def stop(self) -> None:
        """End it politely, if it has not ended."""
        if self._run.poll() is None:
            self._run.terminate()
            self._run.wait()


def closing_line(counts: Counter[str], seconds: float) -> str:
    """Say the sum of the runs the way pytest says it."""
    order = ["failed", "passed", "skipped", "deselected", "xfailed", "xpassed", "error"]
    said = [f"{counts[what]} {what}" for what in order if counts[what]]
    if counts["error"] > 1:
        said[-1] += "s"
    return f" {', '.join(said) or 'no tests ran'} in {seconds:.2f}s ".center(80, "=")


def main() -> int:
    """Run what was asked for; end with 0 only when every test on every database passed."""
    parser = argparse.ArgumentParser(prog="tests.run", description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--only", choices=["sqlite", "postgres"], help="one database instead of both")
    parser.add_argument("pytest", nargs="*", help="arguments for pytest, after --")
    options = parser.parse_args()
    kinds = [options.only] if options.only else ["sqlite", "postgres"]
    # Whoever ends us politely ends the database server with us.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    began, total, worst = time.monotonic(), Counter[str](), 0
    try:
        env = prepare(kinds)
        with ExitStack() as stack:
            # Side by side: one is shown as it goes, the other when the first is over.
            suites = []
            for kind in kinds:
                # Each in a temp folder of its own: what one writes is not what the other must not find.
                room = stack.enter_context(tempfile.TemporaryDirectory(prefix=f"brobygger-{kind}-"))
                os.chmod(room, 0o711)
                own = {"BROBYGGER_DB": "sqlite"}
                if kind == "postgres":
                    own = stack.enter_context(cluster.postgres(inside=room))
                suites.append(Suite(kind, {**env, **own, "TMPDIR": room}, options.pytest))
                stack.callback(suites[-1].stop)
            for each in suites:
                code, counts = each.show()
                total += counts
                worst = worst or code
    except (Missing, cluster.NoServer) as missing:
        print(f"\n{missing}", file=sys.stderr)
        worst = worst or 1
        total["error"] += 1
    except KeyboardInterrupt:
        worst = 130
    if worst == NOTHING_COLLECTED and total["passed"]:
        worst = 0
    print(closing_line(total, time.monotonic() - began), flush=True)
    return worst


if __name__ == "__main__":
    sys.exit(main())
