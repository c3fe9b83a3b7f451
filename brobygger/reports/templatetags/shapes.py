"""The shapes a report may have, read from files: ours in data/templates, and a house's own in houses/<its key>/."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from brobygger.reports import rules


@cache
def _ours() -> dict[str, dict[str, Any]]:
    return {
        path.stem: {"names": {}, "boxes": [], **rules.read(path)}
        for path in sorted((rules.DATA / "templates").glob("*.toml"))
    }


def templates(own: Path | None = None) -> dict[str, dict[str, Any]]:
    """Read the shapes a report may have: which tables in which order, under which names, with which text boxes.

    Ours, and those a house has laid in a folder of its own: one of the same name replaces ours. One that is wrong is
    left out, and `wrong_templates` says why.
    """
    found = dict(_ours())
    for path in _laid_in(own):
        shape, why = _shape(path)
        if not why:
            found[path.stem] = shape
    return found


def wrong_templates(own: Path | None = None) -> list[tuple[str, str, str]]:
    """Name the files of a house's folder that cannot be used: the file, what is wrong (a code), and with what."""
    return [(path.name, *why) for path in _laid_in(own) if (why := _shape(path)[1])]


def _laid_in(own: Path | None) -> list[Path]:
    return sorted(own.glob("*.toml")) if own else []


def _shape(path: Path) -> tuple[dict[str, Any], tuple[str, str] | None]:
    """Read one file and say what is wrong with it, if anything is."""
    try:
        shape = {"names": {}, "boxes": [], **rules.read(path)}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as why:
        return {}, ("unreadable", str(why))
    parts = {key.partition(".")[0] for key in rules.definitions()}
    if len(path.stem) > 40 or not path.stem.replace("-", "").replace("_", "").isalnum():
        return {}, ("file", path.stem)
    if unknown := set(shape) - {"kind", "name", "tables", "names", "boxes"}:
        return {}, ("unknown", min(unknown))
    if shape.get("kind") not in rules.KINDS:
        return {}, ("kind", str(shape.get("kind")))
    if not isinstance(shape.get("tables"), list) or not shape["tables"] or not set(map(str, shape["tables"])) <= parts:
        return {}, ("tables", ", ".join(sorted(parts, key=lambda part: int(part[1:]))))
    boxes = shape["boxes"] if isinstance(shape["boxes"], list) else [None]
    named = isinstance(shape["names"], dict) and all(_text(each) for each in shape["names"].values())
    if not all(
        isinstance(box, dict) and str(box.get("key", "")).isalnum() and _text(box.get("label")) for box in boxes
    ):
        return {}, ("boxes", "")
    return (shape, None) if _text(shape.get("name")) and named else ({}, ("name", ""))


def _text(value: Any) -> bool:
    """Tell whether something is a text in both languages."""
    return isinstance(value, dict) and all(isinstance(value.get(each), str) and value[each] for each in ("da", "en"))
