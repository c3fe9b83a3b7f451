"""Families for tests of named courses: a mother, a father and two children, with a therapist who has them."""

from typing import Any
from uuid import uuid4

from brobygger.casework import services

MOTHER = {"role": "mother", "called": "Mette", "name": "Mette Aagaard Hansen", "phone": "24 23 03 00"}
FATHER = {"role": "father", "called": "Jens", "name": "Jens Hansen", "phone": "+45 24230301", "protected": True}
CHILD = {"role": "child", "called": "Liv", "birth": "2018-05", "name": "Liv Hansen"}
AGREED = {"how": "present", "text": "Vi skriver ned, hvad vi taler om.", "words": "Ja, det er fint."}


def begin(by: Any, *, people: list[dict[str, Any]] | None = None, worker: Any = None, **more: Any) -> Any:
    """Begin a course, given to who begins it."""
    return services.open_course(
        people=people or [MOTHER, FATHER, CHILD], agreed=AGREED, by=by, worker=worker or by, once=uuid4(), **more
    )


def person(course: Any, at: int = 0) -> Any:
    """Fetch one person in a course: the mother, unless another place is named."""
    return course.members.get(position=at)
