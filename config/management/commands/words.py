"""Keep the Danish catalogue: `manage.py words [--take FILE...] [--compile] [--check]`.

English lives in the code. Danish lives in locale/da/LC_MESSAGES/django.po. Babel reads and writes, so nobody needs
Debian's gettext.
"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from config import wordbook


class Command(BaseCommand):
    """Collect the words of the house and their Danish."""

    help = "Collect every text on screen into the Danish catalogue; take in translations, compile, or check it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Read what to do."""
        parser.add_argument("--take", nargs="+", type=Path, default=[], metavar="FILE", help="translations to take in")
        parser.add_argument("--compile", action="store_true", help="only write the .mo file the pages read")
        parser.add_argument("--check", action="store_true", help="only say what is missing, and end with 1 if it is")

    def handle(self, *args: Any, take: list[Path], compile: bool, check: bool, **options: Any) -> None:
        """Do it, and say what changed."""
        root = Path(settings.BASE_DIR)
        po = root / wordbook.PO
        if compile:
            wordbook.compile_to(po)
            return
        if check:
            complaints = wordbook.complaints(wordbook.collect(root), wordbook.read(po))
            for complaint in complaints:
                self.stderr.write(complaint)
            if complaints:
                raise SystemExit(1)
            self.stdout.write("Every text has its Danish.")
            return
        catalogue = wordbook.read(po)
        for path in take:
            for conflict in wordbook.take(catalogue, wordbook.read(path)):
                self.stdout.write(f"{path.name}: {conflict}")
        words = wordbook.collect(root)
        dropped = wordbook.fill(words, catalogue)
        wordbook.write(words, po)
        wordbook.compile_to(po)
        missing = sum(1 for message in words if message.id and not wordbook.translated(message))
        self.stdout.write(f"{len(words)} texts, {missing} without Danish, {len(dropped)} no longer used and dropped.")
