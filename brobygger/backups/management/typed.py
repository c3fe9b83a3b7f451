"""Recovery sheets as somebody gives them: from a file, from stdin, from the environment, or typed at a prompt."""

import getpass
import os
import sys
from argparse import ArgumentParser
from pathlib import Path

from brobygger.backups import rules
from brobygger.backups.archive import Refused
from brobygger.backups.reading import Sheets

#: Holds the typed text of the sheets. Never on the command line: everybody on a machine may read that.
VARIABLE = "BROBYGGER_BACKUP_SHEETS"


def add_arguments(parser: ArgumentParser) -> None:
    """Let a command ask for sheets."""
    parser.add_argument(
        "--sheets",
        action="append",
        default=[],
        metavar="FILE",
        help=f"a file with one or both recovery sheets, or - for stdin; else {VARIABLE}, or a prompt",
    )


def sheets(files: list[str]) -> Sheets:
    """Read the sheets that are given. Raises `Refused` when there is none, or one that is mistyped."""
    texts = [sys.stdin.read() if name == "-" else _file(name) for name in files]
    if not texts and os.environ.get(VARIABLE):
        texts = [os.environ[VARIABLE]]
    if not texts and sys.stdin.isatty():
        texts = [getpass.getpass("The sheets' groups, one sheet after the other (nothing is shown): ")]
    if not texts:
        raise Refused(f"Give the recovery sheets: --sheets FILE, --sheets - for stdin, or {VARIABLE}.")
    found = [each for text in texts for each in rules.read_sheets(text)]
    if not found:
        raise Refused("No sheet could be read there. A sheet is fourteen groups of four signs; look for a slip.")
    return found


def _file(name: str) -> str:
    try:
        return Path(name).read_text()
    except (OSError, UnicodeDecodeError) as why:
        raise Refused(f"{name} cannot be read: {why}") from None
