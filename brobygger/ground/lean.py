"""Leaves our own comments out of the stylesheet and the scripts a phone must fetch; they stay where we work."""

import re
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile, File
from whitenoise.storage import CompressedManifestStaticFilesStorage

ROOMS = Path(__file__).resolve().parents[1]
#: What is written in our own rooms, in our own hand: a script's comment stands alone on its line.
OURS = tuple(f"{path.name}/" for path in sorted(ROOMS.glob("*/static/*")))
#: Space beside a stylesheet's own marks means nothing; between words, or inside quotation marks, it does.
SPACE = re.compile(r"""("[^"]*")|\s*([{};,])\s*|(:)\s+""")
COMMENTS = {".css": re.compile(r"/\*.*?\*/", re.DOTALL), ".js": re.compile(r"^\s*//.*$", re.MULTILINE)}


def lean(name: str, text: str) -> str:
    """Give a file without its comments, its empty lines and its indents; anybody else's file is left as it is."""
    ending = name[name.rfind(".") :]
    if not name.startswith(OURS) or ending not in COMMENTS:
        return text
    lines = (line.strip() for line in COMMENTS[ending].sub("", text).splitlines())
    made = "\n".join(line for line in lines if line) + "\n"
    return SPACE.sub(r"\1\2\3", made).replace(";}", "}") if ending == ".css" else made


class LeanStorage(CompressedManifestStaticFilesStorage):
    """Collects, names by content and compresses, as WhiteNoise does, with our files made lean first."""

    def _save(self, name: str, content: File) -> Any:
        """Lay down one file, lean if it is ours."""
        if name.startswith(OURS) and name.endswith(tuple(COMMENTS)):
            content.seek(0)
            content = ContentFile(lean(name, bytes(content.read()).decode()).encode())
        return super()._save(name, content)
