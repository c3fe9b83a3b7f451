"""A course with a mother, a father and a child in it, for this room's tests, and everything a paper of theirs says."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pypdf

from brobygger.casework import notes
from brobygger.casework import services as courses
from brobygger.casework.models import Course, Member
from brobygger.privacy import seal
from brobygger.rights import document, queries, services
from brobygger.rights.models import SubjectRequest
from brobygger.threads.models import Thread
from tests.letters import Visitor, keeper

AGREED = {"how": "present", "text": "Vi må gerne skrive ned.", "words": ""}
MOTHER = {
    "role": "mother",
    "called": "Mette",
    "name": "Mette Holm",
    "phone": "+4520304050",
    "address": "Hovedgaden 3, 2600 Glostrup",
}
FATHER = {
    "role": "father",
    "called": "Lars",
    "name": "Lars Bech",
    "phone": "+4560708090",
    "address": "Strandvejen 99, 2600 Glostrup",
}
CHILD = {"role": "child", "called": "Ida", "birth": "2013-04", "name": "Ida Holm"}


def course(alma: Any, *people: dict[str, Any]) -> Course:
    """Begin a course that Alma has, her child's own talks included."""
    return courses.open_course(people=list(people or (MOTHER, FATHER, CHILD)), agreed=AGREED, by=alma, worker=alma)


def person(of: Course, position: int) -> Member:
    """Pick somebody in it by their place: the mother is 0, the father 1, the child 2."""
    return of.members.select_related("course__thread").get(position=position)


def note(member: Member, text: str, by: Any, compartment: str = "record", corrects: UUID | None = None) -> UUID:
    """Write a note about somebody."""
    return notes.write(member=member, text=text, by=by, once=uuid4(), compartment=compartment, corrects=corrects).pk


def asked(member: Member, by: Any, *, kind: str = "access", right: str = "self", who: str = "") -> SubjectRequest:
    """Write down that somebody asks."""
    return services.register(member=member, kind=kind, right=right, way="present", by=by, who=who)


def again(request: SubjectRequest) -> SubjectRequest:
    """Read a request anew."""
    return SubjectRequest.objects.select_related("member__course__thread").get(pk=request.pk)


def weigh(request: SubjectRequest, by: Any, **held: tuple[str, str]) -> None:
    """Look through everything: hold back the sentences named by a word in them, `word=(sentence part, why)`."""
    for entry in services.look(request=again(request), by=by).waiting:
        numbers = [n for n, said in enumerate(entry.sentences) for part, _why in held.values() if part in said]
        why = next((why for part, why in held.values() if any(part in said for said in entry.sentences)), "")
        services.decide(request=request, entry=entry, held=numbers, why=why if numbers else "", words="", by=by)


def ready(request: SubjectRequest, by: Any, *, names: bool = False, **held: tuple[str, str]) -> SubjectRequest:
    """Look through everything and say that it is ready."""
    weigh(request, by, **held)
    services.make_ready(request=request, names=names, language="da", by=by)
    return again(request)


def strings(value: Any) -> Iterator[str]:
    """Give every text in a file."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from strings(each)


def paper(request: SubjectRequest, by: Any) -> str:
    """Say a paper in one long line."""
    found = queries.get_request(by, request.pk)
    assert found is not None
    return " ".join(strings(document.plain(services.look_at_paper(request=found.request, by=by))))


def printed(data: bytes) -> str:
    """Read a PDF as somebody else's program does, as one long line."""
    return " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(data)).pages).split())


def named_thread(alma: Any, text: str = "Kan vi tale sammen på torsdag?") -> Any:
    """Begin a course for a mother who writes with a key, and give its thread."""
    page = Visitor().write(text)
    keeper()
    thread = Thread.objects.get(counted=False, number=unlocked(page.key).number)
    courses.open_course(people=[MOTHER, FATHER, CHILD], agreed=AGREED, by=alma, worker=alma, thread=thread)
    return Thread.objects.get(pk=thread.pk)


def unlocked(typed: str) -> Any:
    """Read a key as somebody types it."""
    return seal.read_key(typed)


def key_of(alma: Any) -> Any:
    """Begin a course for a mother who writes with a key, and give the key."""
    page = Visitor().write()
    keeper()
    thread = Thread.objects.get(counted=False, number=unlocked(page.key).number)
    courses.open_course(people=[MOTHER, FATHER, CHILD], agreed=AGREED, by=alma, worker=alma, thread=thread)
    return unlocked(page.key)


def become(user: Any, profession: str) -> None:
    """Let somebody be something by training."""
    type(user).objects.filter(pk=user.pk).update(profession=profession)
    user.profession = profession


def weigh_as(request: SubjectRequest, by: Any) -> None:
    """Look everything through as somebody who takes it over."""
    services.appoint(request=request, weighs=by, by=by)
    weigh(request, by)
