"""A letter to ourselves, through the real door, shows whether a family's would be opened."""

import pytest
from django.test import Client

from brobygger.door import queries, services
from brobygger.threads import opening
from brobygger.threads import queries as thread_queries


@pytest.mark.django_db(transaction=True)
def test_the_door_says_so_when_letters_are_not_opened(furnished, at):
    at("2026-11-23T10:00")
    services.send_drill(by="machine")
    opening.open_letters()

    assert queries.letters_are_opened()
    assert Client().get("/healthz").status_code == 200
    assert "kl.\u00a014.00" in Client().get("/foraelder/").content.decode()
    assert thread_queries.ending() == [] and thread_queries.requests(["text"]) == []

    at("2026-11-23T10:05")
    services.send_drill(by="machine")

    assert not queries.letters_are_opened()
    assert Client().get("/healthz").status_code == 503
    page = Client().get("/foraelder/").content.decode()
    assert 'role="status"' in page and "kl.\u00a014.00" not in page


@pytest.mark.django_db(transaction=True)
def test_a_house_where_no_drill_was_ever_sent_has_nothing_to_say_against_it(furnished):
    assert queries.letters_are_opened()
