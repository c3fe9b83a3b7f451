"""What every answer carries, and what no view ever gets to see."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from brobygger.ground.middleware import Headers

TRACES = {
    "REMOTE_ADDR": "203.0.113.77",
    "HTTP_X_FORWARDED_FOR": "203.0.113.77",
    "HTTP_FORWARDED": "for=203.0.113.77",
    "HTTP_X_REAL_IP": "203.0.113.77",
    "HTTP_USER_AGENT": "Kanariefugl/7",
    "HTTP_SEC_CH_UA_PLATFORM": "Kanariefugl",
}


class View:
    """Remember the request it was given and answer shortly."""

    def __init__(self) -> None:
        self.asked: list[HttpRequest] = []
        self.answer = HttpResponse("ok")

    def __call__(self, request: HttpRequest) -> HttpResponse:
        self.asked.append(request)
        return self.answer


@pytest.fixture
def view() -> View:
    return View()


def test_the_public_side_forgets_address_and_browser_before_any_view(view: View, rf: RequestFactory) -> None:
    Headers(view)(rf.post("/foraelder/", **TRACES))
    kept = repr(view.asked[0].META) + repr(view.asked[0].headers)
    assert "203.0.113.77" not in kept and "Kanariefugl" not in kept


def test_the_staff_side_keeps_the_address_for_its_slow_down(view: View, rf: RequestFactory) -> None:
    Headers(view)(rf.post("/personale/", **TRACES))
    assert view.asked[0].META["REMOTE_ADDR"] == "203.0.113.77"


def test_a_public_page_is_closed_to_everything_but_itself(view: View, rf: RequestFactory) -> None:
    answer = Headers(view)(rf.get("/"))
    assert answer["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'; script-src 'self'"
    )
    assert answer["Cache-Control"] == "no-store"
    assert answer["Referrer-Policy"] == answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "camera=()" in answer["Permissions-Policy"] and "=*" not in answer["Permissions-Policy"]
    assert "X-Robots-Tag" not in answer and "Set-Cookie" not in answer


def test_a_staff_page_may_fetch_from_its_own_house_and_stays_out_of_search(view: View, rf: RequestFactory) -> None:
    answer = Headers(view)(rf.get("/personale/"))
    assert answer["Content-Security-Policy"].endswith("script-src 'self'; connect-src 'self'")
    assert answer["X-Robots-Tag"] == "noindex, nofollow"


def test_a_file_that_may_be_kept_says_so_itself(view: View, rf: RequestFactory) -> None:
    view.answer["Cache-Control"] = "max-age=31536000, public, immutable"
    assert Headers(view)(rf.get("/static/x.css"))["Cache-Control"].startswith("max-age")


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_reading_and_sending_come_through(view: View, rf: RequestFactory, method: str) -> None:
    assert Headers(view)(rf.generic(method, "/")).status_code == 200
    assert len(view.asked) == 1


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_anything_else_is_refused_before_any_view(view: View, rf: RequestFactory, method: str) -> None:
    answer = Headers(view)(rf.generic(method, "/"))
    assert answer.status_code == 405 and answer["Cache-Control"] == "no-store"
    assert view.asked == []


def test_a_file_named_by_what_it_holds_carries_no_day():
    """It may be kept for ever, so nobody asks whether it has changed; a page's own file keeps what it has."""

    def sent(cache: str) -> HttpResponse:
        headers = {"Cache-Control": cache, "ETag": '"a"', "Last-Modified": "Mon, 02 Mar 2026 08:00:00 GMT"}
        answer = HttpResponse("p{}", content_type="text/css", headers=headers)
        return Headers(lambda request: answer)(RequestFactory().get("/static/a.css"))

    assert not {"ETag", "Last-Modified"} & set(sent("max-age=315360000, public, immutable").headers)
    assert {"ETag", "Last-Modified"} <= set(sent("no-cache").headers)
