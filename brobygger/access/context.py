"""What every page knows about who is looking: `viewer`, and `may.TAKE` for what to show."""

from typing import Any

from django.http import HttpRequest

from brobygger.access.guards import may
from brobygger.access.roles import Permission


class May:
    """Answers `{% if may.TAKE %}`; for nobody, everything is no."""

    def __init__(self, user: Any) -> None:
        """Remember who is asking."""
        self.user = user

    def __getitem__(self, name: str) -> bool:
        """Tell whether the viewer may do a thing, by the permission's name."""
        return may(self.user, Permission[name])


def viewer(request: HttpRequest) -> dict[str, Any]:
    """Give the page its viewer: None on the public side, where nobody is known."""
    user = getattr(request, "user", None)
    known = user if user is not None and user.is_authenticated else None
    return {"viewer": known, "may": May(known)}
