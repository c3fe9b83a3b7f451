"""`manage.py furnish houses/NAME.toml`: make this house what its file says."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation
from django.utils.translation import gettext as _

from brobygger.catalogue import services


class Command(BaseCommand):
    """Read a house's file, check all of it, and furnish the house; or say what is wrong and change nothing."""

    help = "Furnish this house from its file, or update it; says what changed. A bad file changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file, and the language to speak."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--language", choices=["da", "en"], default="da")

    def handle(self, *args: Any, file: Path, language: str, **options: Any) -> None:
        """Furnish, and say what happened."""
        with translation.override(language):
            try:
                changes = services.furnish(path=file, by="keeper")
            except services.BadHouse as bad:
                nothing = _("Nothing was changed.")
                raise CommandError(f"{bad}\n{nothing}") from bad
            for change in changes or [_("Nothing changed.")]:
                self.stdout.write(change)
