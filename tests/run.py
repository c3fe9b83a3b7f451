"""Run the whole suite on SQLite and then on PostgreSQL, journeys and all: what `make test` does.

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
import time
from collections import Counter
from contextlib import nullcontext
from pathlib import Path

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


def suite(kind: str, env: dict[str, str], arguments: list[str]) -> tuple[int, Counter[str]]:
    """Run pytest once, showing what it says as it says it; return its code and its counts."""
    print(f"\n--- the whole suite on {kind} ---", flush=True)
    command = [sys.executable, "-m", "pytest", *arguments]
    if sys.stdout.isatty():
        command.append("--color=yes")
    closing = ""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("BROBYGGER_")}
    with subprocess.Popen(
        command, cwd=ROOT, env={**clean, **env}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as run:
        assert run.stdout is not None
        try:
            for line in run.stdout:
                print(line, end="", flush=True)
                if CLOSING.search(line):
                    closing = line
        except BaseException:
            run.terminate()
            raise
    counts: Counter[str] = Counter()
    for number, what in COUNTED.findall(closing):
        counts["error" if what == "errors" else what] += int(number)
    return run.returncode, counts


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
        for kind in kinds:
            with cluster.postgres() if kind == "postgres" else nullcontext({"BROBYGGER_DB": "sqlite"}) as house:
                code, counts = suite(kind, {**env, **house}, options.pytest)
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
