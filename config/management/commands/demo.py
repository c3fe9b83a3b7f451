"""`manage.py demo`: a running house with invented families, on loopback, until Ctrl-C."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

PATIENCE = 60


class Command(BaseCommand):
    """Build the demo's house once and run it: web server and worker, both stopped with this command."""

    help = "Run a house with invented families (HOUSE=ditrum|familiesupporten, PORT=8000) until Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        """Allow starting afresh."""
        parser.add_argument("--reset", action="store_true", help="throw the demo's data away; do not start")

    def handle(self, *args: Any, **options: Any) -> None:
        """Reset, or fill and run."""
        house, port = os.environ.get("HOUSE", "ditrum"), os.environ.get("PORT", "8000")
        file = settings.BASE_DIR / "houses" / f"{house}.toml"
        if not file.exists():
            known = ", ".join(sorted(each.stem for each in file.parent.glob("*.toml")))
            raise CommandError(f"There is no house called {house}. There is: {known}.")
        var = Path(os.environ.get("BROBYGGER_VAR") or settings.BASE_DIR / "var" / f"demo-{house}")
        if options["reset"]:
            shutil.rmtree(var, ignore_errors=True)
            self.stdout.write(f"The demo of {house} is emptied. `make demo` fills it anew.")
            return
        self.run(house, port, file, var)

    def run(self, house: str, port: str, file: Path, var: Path) -> None:
        """Fill the house, start its two processes, wait, and stop them."""
        environment = _environment(var, port)
        manage = [sys.executable, str(settings.BASE_DIR / "manage.py")]
        if subprocess.run([*manage, "demo_fill", str(file)], env=environment).returncode:
            raise CommandError("The demo's house could not be filled; the reason stands above.")
        server = [str(Path(sys.executable).with_name("granian")), "--interface", "wsgi", "--host", "127.0.0.1"]
        server += ["--port", port, "--workers", "1", "--blocking-threads", "8", "--no-access-log"]
        server += ["--log-level", "error", "config.wsgi:application"]
        running = [
            subprocess.Popen(server, env=environment, cwd=settings.BASE_DIR),
            subprocess.Popen([*manage, "worker"], env=environment),
        ]
        signal.signal(signal.SIGTERM, lambda *_any: sys.exit(0))
        try:
            self.wait(port, running)
            self.say(house, port, environment)
            while all(each.poll() is None for each in running):
                time.sleep(0.5)
            raise CommandError("A part of the house stopped by itself; what it said stands above.")
        except KeyboardInterrupt:
            self.stdout.write("\nThe house is closed. Its data is kept for the next time.")
        finally:
            for each in running:
                each.terminate()
            for each in running:
                _see_out(each)

    def wait(self, port: str, running: list[subprocess.Popen[bytes]]) -> None:
        """Wait until the house answers."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and all(each.poll() is None for each in running):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except OSError:
                time.sleep(0.1)
        raise CommandError(f"The house did not open on port {port}. Is something else there? Try: make PORT=8001 demo")

    def say(self, house: str, port: str, environment: dict[str, str]) -> None:
        """Say where to go and with what."""
        at, files = f"http://127.0.0.1:{port}", Path(environment["BROBYGGER_VAR"])
        family, young = (
            (files / f"{whose}.txt").read_text() if (files / f"{whose}.txt").exists() else "-"
            for whose in ("a-family", "a-young-person")
        )
        lines = [
            "",
            f"  {house} is open. Everything in it is invented; nothing leaves this machine.",
            "",
            f"  Families      {at}/    {at}/barn/  /ung/  /foraelder/  /fagperson/",
            f"  Come back     {at}/tilbage/    with this invented family's key: {family}",
            f"                and a young person's, who has answered how it goes: {young}",
            f"  Staff         {at}/personale/    alma@{house}.example (also bo, finn, clara, dan, ole …)",
            f"                password: {settings.DEMO_PASSWORD_TEXT}    the code stands on the sign-in page",
            f"  English       {at}/en/",
            "",
            "  Ctrl-C closes the house. On one machine door and keeper share one root: a trial, not for real families.",
            "",
        ]
        self.stdout.write("\n".join(lines))


def _see_out(process: subprocess.Popen[bytes]) -> None:
    """Wait for a process to end; one that does not go is not left behind on its port."""
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _environment(var: Path, port: str) -> dict[str, str]:
    """Set up what the house's processes share: their place, their secrets, their side."""
    var.mkdir(parents=True, exist_ok=True, mode=0o700)
    secret = var / "secret-key"
    if not secret.exists():
        secret.touch(mode=0o600)
        secret.write_text(secrets.token_urlsafe(50))
    return {
        **os.environ,
        "BROBYGGER_DEMO": "1",
        "BROBYGGER_VAR": str(var),
        "BROBYGGER_SECRET_KEY": secret.read_text(),
        "BROBYGGER_FORM_SECRET": secrets.token_hex(32),
        "BROBYGGER_HOSTS": "127.0.0.1,localhost,[::1]",
        "BROBYGGER_COOKIE": f"huset-{port}",
        "PYTHONPATH": str(settings.BASE_DIR),
    }
