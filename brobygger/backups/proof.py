"""Proof of an erasure: the newest copy that still has the rows is restored into a scratch house, and nothing opens.

A value opens when the key it is sealed under can be unwrapped. So every wrapped key of that name is sought, in the
house and in every copy of the keys on hand, and tried with every ring there is.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from uuid import UUID

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from brobygger.ground import clock
from brobygger.privacy import keyring
from brobygger.privacy import queries as privacy

from . import queries, restoring, rows, rules, scratch
from .reading import File, Opened, Sheets, Table

NOTHING_OPENS, SOMETHING_OPENS, CANNOT_TELL = 0, 1, 2


@dataclass
class Proof:
    """What was found, in sentences, and what it comes to (the command's exit code)."""

    verdict: int = NOTHING_OPENS
    said: list[str] = field(default_factory=list)
    #: Sealed values of it in the copy that was restored; living keys of others there, and how many of them open.
    values: int = 0
    others: int = 0
    others_opened: int = 0

    def add(self, sentence: str, verdict: int = NOTHING_OPENS) -> None:
        """Say one thing more; what opens weighs most, then what cannot be told."""
        self.said.append(sentence)
        self.verdict = self.verdict if self.verdict == SOMETHING_OPENS else verdict or self.verdict


@dataclass
class Sources:
    """Every wrapped key and every ring there is, by where they come from."""

    sheets: Sheets
    rings: dict[str, keyring.Ring] = field(default_factory=dict)
    wrapped: dict[str, dict[UUID, bytes]] = field(default_factory=dict)

    def opens(self, wanted: set[UUID]) -> dict[str, set[UUID]]:
        """Name the keys that can be unwrapped, by where they lie."""
        found = {}
        for where, held in self.wrapped.items():
            open_ones = {
                ident
                for ident in wanted & set(held)
                if any(keyring.unwraps(ring, ident, held[ident]) for ring in self.rings.values())
            }
            if open_ones:
                found[where] = open_ones
        return found


def prove(ref: str, sheets: Sheets) -> Proof:
    """Prove of one erasure that nothing opens. Raises `Refused` when a copy on hand cannot be read."""
    proof, erasure = Proof(), privacy.erasure(ref)
    if erasure is None:
        proof.add(_("There is no erasure with the number %(ref)s.") % {"ref": ref}, CANNOT_TELL)
        return proof
    keys = {UUID(key) for key in erasure.keys}
    said = {"ref": erasure.ref, "on": f"{erasure.on:%d.%m.%Y}", "count": len(keys)}
    proof.add(_("Erasure %(ref)s of %(on)s: %(count)s keys were to be destroyed.") % said)
    if living := sum(1 for _value in sealed_under(keys)):
        proof.add(_("%(count)s sealed values of it still lie in the house.") % {"count": living}, SOMETHING_OPENS)
    sources = _sources(sheets, proof)
    _find_copy(keys, erasure.on, sources, proof)
    _try(keys, sources, proof)
    return proof


# --- what is sealed under some keys ----------------------------------------------------------------------------------


def sealed_under(keys: set[UUID]) -> Iterator[bytes]:
    """Give every sealed value under some keys: in the rows that name a key, and in those that hang on such a row."""
    ours = rows.tables("default")
    found: dict[rows.Model, set[object]] = {}
    for model in ours:
        if names := rows.key_columns(model):
            named = models.Q(*[(f"{name}__in", keys) for name in names], _connector=models.Q.OR)
            _reach(model, set(model._base_manager.filter(named).values_list("pk", flat=True)), ours, found)
    for model, pks in found.items():
        yield from _values(model, pks)


def _reach(on: rows.Model, pks: set[object], ours: list[rows.Model], found: dict[rows.Model, set[object]]) -> None:
    """Follow what hangs on some rows. What has a key of its own is found by that."""
    new = pks - found.setdefault(on, set())
    found[on] |= new
    for model in ours if new else []:
        for each in model._meta.concrete_fields if not rows.key_columns(model) else []:
            if each.is_relation and each.related_model is on:
                hanging = model._base_manager.filter(**{f"{each.name}__in": new})
                _reach(model, set(hanging.values_list("pk", flat=True)), ours, found)


def _values(model: rows.Model, pks: set[object]) -> Iterator[bytes]:
    sealed = [each.attname for each in model._meta.concrete_fields if isinstance(each, models.BinaryField)]
    if sealed and pks:
        for row in model._base_manager.filter(pk__in=pks).values_list(*sealed):
            yield from (bytes(value) for value in row if value)


# --- the copy it once stood in ---------------------------------------------------------------------------------------


def _find_copy(keys: set[UUID], on: date, sources: Sources, proof: Proof) -> None:
    """Find the newest copy of the content that still has it, restore it, and count what is in it."""
    copies = queries.copies(rules.CONTENT)
    old_enough = [path for path in copies if (made := queries.made_at(path)) and clock.local(made).date() <= on]
    for path in old_enough:
        if _holds(path, keys, sources.sheets):
            _restore_and_count(path, keys, sources, proof)
            return
    said = {"count": len(copies)}
    if old_enough:
        proof.add(_("No copy has anything of it: of %(count)s on hand, none from before holds a row.") % said)
    elif copies and rules.outlived(rules.CONTENT, on, clock.today()):
        proof.add(
            _("No copy has anything of it any more: those from before were deleted after %(days)s days.")
            % {"days": rules.KEPT[rules.CONTENT]}
        )
    else:
        proof.add(
            _("It cannot be shown on a copy: of %(count)s on hand, none is from before the erasure.") % said,
            CANNOT_TELL,
        )


def _holds(path: Path, keys: set[UUID], sheets: Sheets) -> bool:
    """Tell whether a copy has a row that is sealed under some keys, without restoring it."""
    with Opened(path, rules.CONTENT, sheets) as copy:
        for part in copy:
            names = rows.key_columns(part.model) if isinstance(part, Table) else []
            if isinstance(part, Table) and names and any(row[name] in keys for row in part.dicts() for name in names):
                return True
    return False


def _restore_and_count(path: Path, keys: set[UUID], sources: Sources, proof: Proof) -> None:
    with scratch.house(["default"]):
        restoring.fill_scratch(path, sources.sheets)
        values = proof.values = sum(1 for _value in sealed_under(keys))
        others, _sealed = rows.known_keys()
    proof.add(
        ngettext(
            "%(name)s was restored in a scratch house. %(count)s sealed value in it belongs to this erasure.",
            "%(name)s was restored in a scratch house. %(count)s sealed values in it belong to this erasure.",
            values,
        )
        % {"name": path.name, "count": values}
    )
    _see_that_the_tools_work(others - keys, sources, proof)


def _see_that_the_tools_work(others: set[UUID], sources: Sources, proof: Proof) -> None:
    """That nothing opens shows something only if the same tools open what is not erased."""
    alive = {ident for held in sources.wrapped.values() for ident in held} & others
    opened = {ident for found in sources.opens(alive).values() for ident in found}
    proof.others, proof.others_opened = len(alive), len(opened)
    said = {"opened": len(opened), "count": len(alive)}
    if alive and not opened:
        proof.add(
            _("None of the %(count)s keys of others opened either: the tools do not work here.") % said, CANNOT_TELL
        )
    elif alive:
        proof.add(_("To compare: of %(count)s keys of others in the same copy, %(opened)s open.") % said)
    else:
        proof.add(_("There is nothing alive in the same copy to compare with."))


# --- the keys --------------------------------------------------------------------------------------------------------


def _sources(sheets: Sheets, proof: Proof) -> Sources:
    sources = Sources(sheets=sheets)
    house = _("the house's own key store")
    sources.wrapped[house] = dict(rows.wrapped_keys())
    try:
        sources.rings[house] = keyring.load_ring()
    except (keyring.NoMasterKey, keyring.NoRing) as why:
        proof.add(_("The house's own ring cannot be opened: %(why)s") % {"why": why}, CANNOT_TELL)
    copies = queries.copies(rules.KEYS)
    if copies and not any(kind == rules.KEYS for kind, _private in sheets):
        proof.add(
            _("%(count)s copies of the keys were NOT tried: their sheet was not given.") % {"count": len(copies)},
            CANNOT_TELL,
        )
        return sources
    for path in copies:
        _add_copy(path, sources)
    proof.add(_("Tried: the house's own keys, and %(count)s copies of the keys.") % {"count": len(copies)})
    return sources


def _add_copy(path: Path, sources: Sources) -> None:
    with Opened(path, rules.KEYS, sources.sheets) as copy:
        for part in copy:
            if isinstance(part, File) and part.name == "ring":
                # One that today's master key does not open opens nothing here.
                with suppress(keyring.NoMasterKey, keyring.NoRing):
                    sources.rings[path.name] = keyring.ring_from(part.data)
            elif isinstance(part, Table) and part.name == "privacy.datakey":
                sources.wrapped[path.name] = {row["id"]: bytes(row["wrapped"]) for row in part.dicts()}


def _try(keys: set[UUID], sources: Sources, proof: Proof) -> None:
    opened = sources.opens(keys)
    for where, found in opened.items():
        proof.add(
            _("OPENS: %(count)s of its keys lie in %(where)s and can be unwrapped.%(when)s")
            % {"count": len(found), "where": where, "when": _when(where)},
            SOMETHING_OPENS,
        )
    left = {where: keys & set(held) for where, held in sources.wrapped.items() if keys & set(held)}
    for where in set(left) - set(opened):
        proof.add(
            _("%(count)s of its keys lie in %(where)s, and no ring opens them.")
            % {"count": len(left[where]), "where": where}
        )
    if not opened and sources.rings:
        proof.add(_("Nothing of it opens."))


def _when(where: str) -> str:
    """Say when a copy of the keys is deleted by itself."""
    named = rules.read_name(where)
    if named is None:
        return ""
    return " " + _("This copy is deleted on %(day)s.") % {
        "day": f"{rules.gone_by(rules.KEYS, clock.local(named.made).date()):%d.%m.%Y}"
    }
