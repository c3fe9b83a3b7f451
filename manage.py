#!/usr/bin/env python3
"""Run one of the house's commands: `manage.py help` lists them."""

import os
import re
import sys


def main() -> None:
    """Hand the command line to Django."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    # `prove-erased` is easier to say than `prove_erased`.
    execute_from_command_line([sys.argv[0], *(re.sub(r"(?<=\w)-", "_", word) for word in sys.argv[1:2]), *sys.argv[2:]])


if __name__ == "__main__":
    main()
