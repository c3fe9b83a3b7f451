"""The blind index: finds a thing by a word without keeping the word. What lies here is a digest under a key of ours.

The tokens lie beside the wrapped keys, so that copies of them live seven days: what is forgotten here is forgotten.
Only who holds the master key can try whether a word fits; a copy of the table alone says nothing.
"""

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.db import router, transaction
from django.db.models import Exists, OuterRef
from nacl.encoding import RawEncoder
from nacl.hash import blake2b

from . import keyring, queries, services
from .models import BlindToken

_PURPOSE = "blind index"
_CHUNK = 500

#: What kind of word it is, and the word, already folded by who puts it here.
Entry = tuple[str, str]


def digest(kind: str, text: str) -> bytes:
    """Blind a word: 16 bytes that mean nothing without the house's key (keyed BLAKE2b, RFC 7693)."""
    key = keyring.derived(_PURPOSE)
    return blake2b(f"{kind}|{text}".encode(), digest_size=16, key=key, person=b"brobygger blind", encoder=RawEncoder)


def put(*, about: UUID, course: UUID, entries: Iterable[Entry], by: Any) -> None:
    """Let a thing be found by these words, and by no others any more."""
    wanted = {digest(kind, text) for kind, text in entries}
    with transaction.atomic(using=router.db_for_write(BlindToken)):
        BlindToken.objects.filter(about=about).delete()
        services.unbury(ids=[about], by=by)
        rows = [BlindToken(digest=each, about=about, course=course) for each in sorted(wanted)]
        BlindToken.objects.bulk_create(rows, ignore_conflicts=True)


def forget(*, about: Iterable[UUID], by: Any, keys: Iterable[UUID] = ()) -> None:
    """Let things be found by nothing any more, and destroy the keys they lie under, in one step."""
    gone = list(about)
    with transaction.atomic(using=router.db_for_write(BlindToken)):
        keyring.shred(*keys)
        drop(about=gone, by=by)
        # A copy of this table may still know them.
        services.bury(ids=gone, by=by)


def drop(*, about: Iterable[UUID], by: Any) -> None:
    """Throw away what finds something that never came to be: nothing was destroyed, and nothing is buried."""
    with transaction.atomic(using=router.db_for_write(BlindToken)):
        for some in _chunks(about):
            BlindToken.objects.filter(about__in=some).delete()


def find(entries: Iterable[Entry], *, among: Iterable[UUID] | None = None, limit: int) -> list[UUID]:
    """Name the courses in which one thing is found by all of some words: at most `limit`, of all or among some."""
    digests = [digest(kind, text) for kind, text in entries]
    if not digests:
        return []
    rows = BlindToken.objects.filter(digest=digests[0])
    for each in digests[1:]:
        same = BlindToken.objects.filter(digest=each, course=OuterRef("course"), about=OuterRef("about"))
        rows = rows.filter(Exists(same))
    if among is None:
        return list(rows.order_by("course").values_list("course", flat=True).distinct()[:limit])
    wanted, found = list(among), set()
    for at in range(0, len(wanted), _CHUNK):
        found |= set(rows.filter(course__in=wanted[at : at + _CHUNK]).values_list("course", flat=True))
    return sorted(found)[:limit]


def put_many(*, things: Iterable[tuple[UUID, UUID, Iterable[Entry]]], by: Any) -> None:
    """Let many new things be found, each an (about, course, entries) nothing was put about before."""
    rows = [
        BlindToken(digest=each, about=about, course=course)
        for about, course, entries in things
        for each in sorted({digest(kind, text) for kind, text in entries})
    ]
    with transaction.atomic(using=router.db_for_write(BlindToken)):
        BlindToken.objects.bulk_create(rows, batch_size=_CHUNK, ignore_conflicts=True)


def where(kind: str, texts: Iterable[str]) -> dict[str, set[UUID]]:
    """Name, for many words at once, the courses something in which is found by each; words nobody has are left out."""
    digests = {digest(kind, text): text for text in texts}
    found: dict[str, set[UUID]] = {}
    for some in _chunks(digests):
        for each, course in BlindToken.objects.filter(digest__in=some).values_list("digest", "course"):
            found.setdefault(digests[bytes(each)], set()).add(course)
    return found


def known(about: Iterable[UUID]) -> set[UUID]:
    """Tell which of many things can be found by anything."""
    rows = BlindToken.objects.values_list("about", flat=True)
    return {each for some in _chunks(about) for each in rows.filter(about__in=some)}


def in_courses(courses: Iterable[UUID]) -> set[UUID]:
    """Name everything that can be found in some courses. Reads the whole table: for the rare day it is needed."""
    rows = BlindToken.objects.values_list("about", flat=True)
    return {each for some in _chunks(courses) for each in rows.filter(course__in=some)}


def everything() -> set[UUID]:
    """Name all that can be found by anything."""
    return set(BlindToken.objects.order_by().values_list("about", flat=True).distinct())


def retire(*, about: Iterable[UUID], by: Any) -> None:
    """Forget things, and know for as long as copies live that these very words were destroyed (`retired`)."""
    gone = list(about)
    rows = BlindToken.objects.filter(about__in=gone)
    # A digest is sixteen bytes like the name of a key, and says as little.
    services.bury(ids=[UUID(bytes=bytes(each)) for each in rows.values_list("digest", flat=True)], by=by)
    forget(about=gone, by=by)


def retired(kind: str, texts: Iterable[str]) -> set[str]:
    """Tell which words were destroyed so lately that a copy may still hold them."""
    graves = {UUID(bytes=digest(kind, text)): text for text in texts}
    return {graves[each] for each in queries.buried(graves)}


def _chunks(things: Iterable[Any]) -> Iterator[list[Any]]:
    every = list(things)
    return (every[at : at + _CHUNK] for at in range(0, len(every), _CHUNK))


def is_known(about: UUID) -> bool:
    """Tell whether a thing can be found by anything."""
    return BlindToken.objects.filter(about=about).exists()
