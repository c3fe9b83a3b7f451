"""The measures of `make bench`, as ratios within one run: a number without the machine's own beside it says little.

python -m tests.bench [door] [worklist] [today] [kill] [outbox] [pages] [finding] [placement] [report] [clone]
    (all when none is named)
BROBYGGER_DB=postgres ... through `python -m tests.bench --postgres`
"""

import argparse
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests import bench_finding, bench_pages, bench_placement, bench_report, bench_today, cluster, running

SECONDS = 8.0
CLIENTS = 4
#: A first letter, sealed: 4 KiB of filling and what stands around it.
ROW = 4 * 1024 + 57
SIZES = (1_000, 10_000, 100_000)


PARTS = ["door", "worklist", "today", "kill", "outbox", "pages", "finding", "placement", "report", "clone"]


def main() -> int:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog="tests.bench")
    parser.add_argument("what", nargs="*", choices=[*PARTS, []])
    parser.add_argument("--postgres", action="store_true", help="on a throw-away PostgreSQL instead of SQLite")
    options = parser.parse_args()
    os.environ["BROBYGGER_TESTING"] = "1"
    wanted = options.what or PARTS
    if options.postgres:
        with cluster.postgres(durable=True) as place:
            os.environ.update(place)
            _measure([name for name in wanted if name != "clone"])
    else:
        _measure(wanted)
    return 0


def _measure(wanted: list[str]) -> None:
    for name in wanted:
        parts = {"door": door, "worklist": worklist, "today": bench_today.today, "kill": kill, "outbox": outbox}
        parts |= {"pages": bench_pages.pages, "finding": bench_finding.finding, "placement": bench_placement.placement}
        (parts | {"report": bench_report.report, "clone": clone})[name]()


# ---- Letters a second ----


def door() -> None:
    """Compare letters acknowledged at the door with raw durable inserts of one row, same database, driver and disk."""
    print("The door: letters written and acknowledged, GET and POST, against raw durable one-row inserts")
    for version in ("1", "0"):
        with running.house("ditrum", BROBYGGER_KDF_VERSION=version) as house:
            raw = _per_second(_raw_insert(house), clients=1)
            many = _per_second(_raw_insert(house), clients=CLIENTS)
            letters = _per_second(lambda: _writer(house), clients=CLIENTS)
        kdf = "128 MiB Argon2id, as in a real house" if version == "1" else "Argon2id of the tests, to see the rest"
        print(
            f"  {kdf}: {letters:.0f} letters/s with {CLIENTS} clients; "
            f"raw inserts {raw:.0f}/s with 1 client, {many:.0f}/s with {CLIENTS}; ratio {letters / many:.4f}"
        )


def _per_second(make: Callable[[], Callable[[], None]], clients: int) -> float:
    """Let some clients work for a while and count what they finished."""
    done, until = [0] * clients, time.monotonic() + SECONDS

    def work(mine: int) -> None:
        once = make()
        while time.monotonic() < until:
            once()
            done[mine] += 1

    threads = [threading.Thread(target=work, args=[number]) for number in range(clients)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / (time.monotonic() - began)


def _raw_insert(house: running.House) -> Callable[[], Callable[[], None]]:
    """Insert and commit one row at a time, with the driver alone."""
    if house.env.get("BROBYGGER_DB") == "postgres":
        return lambda: _raw_postgres(house)
    path = house.var / "data" / "raw.sqlite3"
    with sqlite3.connect(path) as link:
        link.execute("PRAGMA journal_mode=WAL")
        link.execute("CREATE TABLE IF NOT EXISTS raw (id INTEGER PRIMARY KEY, sealed BLOB)")
    return lambda: _raw_sqlite(path)


def _raw_sqlite(path: Path) -> Callable[[], None]:
    link = sqlite3.connect(path, timeout=60, isolation_level=None)
    link.execute("PRAGMA synchronous=FULL")
    row = os.urandom(ROW)

    def once() -> None:
        link.execute("BEGIN IMMEDIATE")
        link.execute("INSERT INTO raw (sealed) VALUES (?)", [row])
        link.execute("COMMIT")

    return once


def _raw_postgres(house: running.House) -> Callable[[], None]:
    import psycopg

    env = house.env
    link: Any = psycopg.connect(
        host=env["BROBYGGER_PG_HOST"],
        port=env["BROBYGGER_PG_PORT"],
        user=env["BROBYGGER_PG_USER"],
        password=env["BROBYGGER_PG_PASSWORD"],
        dbname=env["BROBYGGER_PG_PREFIX"] + "door",
    )
    link.execute("CREATE TABLE IF NOT EXISTS raw (id bigserial PRIMARY KEY, sealed bytea)")
    link.commit()
    row = os.urandom(ROW)

    def once() -> None:
        link.execute("INSERT INTO raw (sealed) VALUES (%s)", [row])
        link.commit()

    return once


def _writer(house: running.House) -> Callable[[], None]:
    """Write one letter as a browser does, and be sure it was taken."""
    url = f"{house.url}/foraelder/"

    def once() -> None:
        with urllib.request.urlopen(url) as page:
            token = re.search(r'name="token" value="([^"]+)"', page.read().decode())
        assert token
        form = urllib.parse.urlencode({"token": token[1], "wish": "write", "text": "Et brev om natten. " * 20})
        sent = urllib.request.Request(url, form.encode(), {"Sec-Fetch-Site": "same-origin"})
        with urllib.request.urlopen(sent) as answer:
            assert "data-key=" in answer.read().decode()

    return once


# ---- The worklist as it grows ----

_FILL = """
import datetime, uuid
from brobygger.access.models import User
from brobygger.ground import clock
from brobygger.intake.models import Enquiry, Tally
from brobygger.privacy import keyring
from brobygger.threads.models import Thread
have, want = Thread.objects.count(), {size}
staff = list(User.objects.filter(memberships__role="therapist"))
now = clock.now()
facts = {{"door": "parent", "wish": "write", "language": "da", "written_at": "2026-11-20T02:10:00+01:00"}}
for start in range(have, want, 5000):
    ids = [uuid.uuid4() for _each in range(min(5000, want - start))]
    keys = keyring.new_data_keys(ids)
    sealed = keyring.seal_many([(key, facts, f"thread:{{each}}:facts:1") for each, key in zip(ids, keys)])
    threads = [
        Thread(id=each, key=key, box=uuid.uuid4(), number=each.hex[:4].upper(), week="2026-W47", facts=fact)
        for each, key, fact in zip(ids, keys, sealed)
    ]
    Thread.objects.bulk_create(threads)
    rows = []
    for number, thread in enumerate(threads):
        waits = number % 5 == 0
        due = now + datetime.timedelta(minutes=number % 3000)
        rows.append(Enquiry(
            thread=thread, arrived_at=now - datetime.timedelta(hours=5) if waits else None,
            due_at=due if waits else None, answered=not waits,
            taken_by=None if number % 10 == 0 else staff[number % len(staff)]))
    Enquiry.objects.bulk_create(rows)
from django.db import connections
for alias in ("default", "keys"):
    with connections[alias].cursor() as cursor:
        cursor.execute("ANALYZE")
"""
_TIME = """
import statistics, time
from django.test import Client
from brobygger.access.models import User
for who in ("alma", "clara"):
    client = Client(); client.force_login(User.objects.get(handle=who))
    session = client.session
    session["account_authentication_methods"] = [{"method": "mfa", "at": time.time(), "type": "totp"}]
    session["account_authentication_methods_user"] = session["_auth_user_id"]
    session.save()
    times = []
    for _each in range(25):
        began = time.perf_counter(); answer = client.get("/personale/liste/"); times.append(time.perf_counter() - began)
        assert answer.status_code == 200 and b"Boks" in answer.content
    print(who, statistics.median(times[5:]) * 1000)
"""


def worklist() -> None:
    """Time the worklist page, whole request, as threads grow from a thousand to a hundred thousand."""
    print("The worklist page, milliseconds of server time (median of 20), a fifth of the threads waiting")
    found: dict[str, list[float]] = {}
    with running.house("ditrum", start=False) as house:
        for size in SIZES:
            house.ask(_FILL.format(size=size))
            for line in house.ask(_TIME).splitlines():
                who, milliseconds = line.split()
                found.setdefault(who, []).append(float(milliseconds))
    for who, times in found.items():
        role = {"alma": "therapist", "clara": "leader"}[who]
        shown = ", ".join(f"{size:,}: {each:.1f} ms" for size, each in zip(SIZES, times, strict=True))
        print(f"  {role}: {shown}; from the smallest to the largest {times[-1] / times[0]:.2f} x")


# ---- Killed in mid-letter ----


def kill() -> None:
    """Pour 2,000 letters in while server and worker are killed with -9, and count what was acknowledged and found."""
    import django

    from tests import flood

    print("Killed in mid-letter: every acknowledged letter must be there (return keys of the tests, KDF version 0)")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    flood.measure()


# ---- Words to telephones ----


def outbox() -> None:
    """Send a thousand text messages while the worker is killed twice, and count what arrived."""
    from tests import bench_outbox

    bench_outbox.measure()


# ---- From nothing to the first page ----


def clone() -> None:
    """Time a clean clone with empty package caches until the first page, and read the running house's peak memory."""
    print("From a clean clone, with empty package caches, to the first page")
    with tempfile.TemporaryDirectory(prefix="brobygger-clone-") as folder:
        place, port = Path(folder) / "house", cluster.free_port()
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("BROBYGGER_", "DJANGO_"))}
        clean |= {"UV_CACHE_DIR": f"{folder}/uv", "PIP_NO_CACHE_DIR": "1", "PORT": str(port), "XDG_CACHE_HOME": folder}
        began = time.monotonic()
        subprocess.run(["git", "clone", "--quiet", str(running.ROOT), str(place)], check=True)
        python = shutil.which("python3") or sys.executable
        run = subprocess.Popen(["make", f"PYTHON={python}", "demo"], cwd=place, env=clean, start_new_session=True)
        try:
            seconds = _until_open(port, began, run)
            time.sleep(5)
            peaks = _peaks(place)
            print(f"  {seconds:.1f} s; peak memory {sum(peaks.values()):.0f} MB: {peaks}")
        finally:
            os.killpg(run.pid, 2)
            run.wait(timeout=30)


def _until_open(port: int, began: float, run: subprocess.Popen[bytes]) -> float:
    while run.poll() is None and time.monotonic() - began < 300:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2) as answer:
                if answer.status == 200:
                    return time.monotonic() - began
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the demo did not open")


def _peaks(place: Path) -> dict[str, float]:
    """Read the highest resident memory of the house's processes so far, in MB."""
    found: dict[str, float] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            status = (entry / "status").read_text()
        except OSError:
            continue
        if str(place) in command and (peak := re.search(r"VmHWM:\s+(\d+) kB", status)):
            name = next((word for word in ("granian", "worker", "demo") if word in command), "other")
            found[f"{name} {entry.name}"] = round(int(peak[1]) / 1024)
    return found


if __name__ == "__main__":
    began = time.monotonic()
    code = main()
    print(f"measured in {time.monotonic() - began:.0f} s")
    sys.exit(code)
