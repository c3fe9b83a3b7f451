"""The base pages hold when there is no house, no request and no other room to link to."""

import gzip
import re

import pytest
from django.contrib.staticfiles import finders
from django.template import Context
from django.template.loader import get_template
from django.test import RequestFactory
from django.utils import translation

urlpatterns: list[object] = []
PROBLEMS = ["400.html", "403.html", "404.html", "405.html", "413.html", "500.html", "503.html"]

pytestmark = pytest.mark.urls(__name__)


@pytest.mark.parametrize("name", PROBLEMS)
def test_a_problem_says_what_to_do_next_even_when_nothing_else_works(name: str) -> None:
    # Django renders 400 and 500 without a request, so nothing of the house is there to ask.
    page = get_template(name).template.render(_bare())
    assert page.count("<h1>") == 1 and re.search(r"<h1>[^<]{8,}</h1>", page)
    assert 'class="action" href="/"' in page
    assert "data-leave" in page and 'rel="noreferrer"' in page


def test_a_public_page_says_nothing_in_its_title_and_asks_no_other_host(rf: RequestFactory) -> None:
    house = {"name": {"da": "Dit Rum"}, "neutral_title": "Velkommen", "exit_url": "https://vejr.example/"}
    with translation.override("da"):
        page = get_template("ground/family.html").template.render(_bare(house=house, request=rf.get("/")))
    assert "<title>Velkommen</title>" in page
    assert re.findall(r'https?://[^"<]+', page) == ["https://vejr.example/"]
    assert "style=" not in page and not re.search(r"<script(?![^>]* src=)", page) and "htmx" not in page


def test_the_staff_page_loads_htmx_with_its_loose_ends_tied() -> None:
    page = get_template("ground/staff.html").template.render(_bare(csrf_token="abc"))
    assert "htmx-2.min.js" in page and '"allowEval": false' in page and '"includeIndicatorStyles": false' in page
    assert """hx-headers='{"X-CSRFToken": "abc"}'""" in page


def test_look_and_script_fit_in_the_first_breath() -> None:
    weight = {name: len(gzip.compress(_static(name))) for name in ("house.css", "house.js", "staff.js", "icon.svg")}
    assert weight["house.css"] <= 6 * 1024
    assert weight["house.js"] <= 2 * 1024
    assert weight["staff.js"] <= 2 * 1024
    assert weight["icon.svg"] <= 512
    assert _static("house.css").count(b"\n") < 900


def test_the_look_fetches_nothing() -> None:
    for name in ("house.css", "staff.css"):
        assert b"url(" not in _static(name) and b"@import" not in _static(name)


def _static(name: str) -> bytes:
    path = finders.find(f"ground/{name}")
    assert isinstance(path, str)
    with open(path, "rb") as file:
        return file.read()


def _bare(**values: object) -> Context:
    return Context(values)
