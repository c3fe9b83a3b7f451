"""A house is furnished from its file: all of it or nothing, saying what changed, and refusing with line and reason."""

from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import translation

from brobygger.catalogue import models, queries, rules, services
from brobygger.privacy import queries as audit

HOUSES = Path(settings.BASE_DIR) / "houses"
DITRUM = (HOUSES / "ditrum.toml").read_text()

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def written(tmp_path):
    """Write a house's file: Dit Rum's, with something exchanged."""

    def write(*exchanged: tuple[str, str], text: str = DITRUM) -> Path:
        for old, new in exchanged:
            assert old in text, old
            text = text.replace(old, new, 1)
        path = tmp_path / "house.toml"
        path.write_text(text)
        return path

    return write


def refused(path: Path) -> services.Problem:
    """Furnish with a bad file, see that nothing changed, and give the only problem."""
    before = everything()
    with pytest.raises(services.BadHouse) as bad:
        services.furnish(path=path, by="keeper")
    assert everything() == before
    assert len(bad.value.problems) == 1, str(bad.value)
    return bad.value.problems[0]


def everything() -> list[dict[str, object]]:
    tables = [models.House, models.Closure, *queries._DATED]
    return [row for table in tables for row in table.objects.order_by("pk").values()]


def line_of(path: Path, text: str) -> int:
    return next(number for number, line in enumerate(path.read_text().splitlines(), 1) if text in line)


@pytest.mark.parametrize("name", ["ditrum", "familiesupporten"])
def test_a_house_is_furnished_by_its_file_alone(name):
    changes = services.furnish(path=HOUSES / f"{name}.toml", by="keeper")

    house = queries.house()
    assert house.key == name
    assert changes[0] == f"the house {house.name} is new"
    assert audit.trail(house) == [("keeper", "catalogue.house_furnished")]
    for found in (queries.offers, queries.places, queries.questions, queries.doors, queries.themes):
        assert found()
    assert {door.key for door in queries.doors()} == set(rules.DOORS)


def test_a_second_time_changes_nothing_and_leaves_no_line():
    services.furnish(path=HOUSES / "ditrum.toml", by="keeper")
    before = everything()

    assert services.furnish(path=HOUSES / "ditrum.toml", by="keeper") == []
    assert everything() == before
    assert len(audit.trail(queries.house())) == 1


def test_it_says_what_changed(written):
    services.furnish(path=written(), by="keeper")
    changed = written(
        ('closes = "14:30"', 'closes = "15:00"'),
        ('age_from = 6\nage_to = 8\nplaces = ["glostrup"]', 'age_from = 6\nage_to = 9\nplaces = ["glostrup"]'),
        ('da = "Det er gratis. Du', 'da = "Det koster ikke noget. Du'),
        ('[[partners]]\nkey = "realize"\nname = "Realize ApS"\nkind = "other"\nvalid_from = 2019-10-01\n', ""),
        ('[[lines]]\nkey = "1813"', '[[lines]]\nkey = "sundhed"'),
    )

    assert services.furnish(path=changed, by="keeper") == [
        "house: texts changed",
        "hours fri-0800: closes 14:30 -> 15:00",
        "offers minigruppe: age_to 8 -> 9",
        "partners: 1 removed (realize)",
        "lines: 1 removed (1813)",
        "lines: 1 added (sundhed)",
    ]
    assert queries.offer("minigruppe").age_to == 9


def test_the_order_in_the_file_is_the_order_on_the_page(written):
    services.furnish(path=written(), by="keeper")
    first, second = 'key = "themes-a"', 'key = "themes-b"'
    swapped = written(
        ('key = "drikker-nu"', first),
        ('key = "engang"', second),
        (first, 'key = "engang"'),
        (second, 'key = "drikker-nu"'),
    )

    assert "themes: the order changed" in services.furnish(path=swapped, by="keeper")
    assert [theme.key for theme in queries.themes()][:2] == ["engang", "drikker-nu"]


def test_one_house_does_not_become_another():
    services.furnish(path=HOUSES / "ditrum.toml", by="keeper")

    problem = refused(HOUSES / "familiesupporten.toml")
    assert 'this house is "ditrum" already' in str(problem)


@pytest.mark.parametrize(
    ("old", "new", "at", "why"),
    [
        # Wrong values.
        ('by = "14:00"', 'by = "25:00"', 'by = "25:00"', 'must be a time of day, written as "08:30".'),
        ("rooms = 4 ", 'rooms = "four" ', 'rooms = "four"', "must be a whole number from 1 to 50."),
        ('phone = "+4524230300"', 'phone = "24 23"', 'phone = "24 23"', "must be a telephone number"),
        ('exit_url = "https:', 'exit_url = "http:', "exit_url", 'must be an address that begins with "https://".'),
        ("valid_to = 2020-01-01", 'valid_to = "2020"', 'valid_to = "2020"', "must be a date"),
        ('kind = "next_opening_day"', 'kind = "soon"', 'kind = "soon"', "must be one of: clock_hours"),
        ("past_counts = true", "past_counts = 1", "past_counts = 1", "must be true or false."),
        ('days = ["thu"]', 'days = ["torsdag"]', "torsdag", "must be one of: mon"),
        ('soft = "#3f4d52"', 'soft = "#9a9a9a"', "#9a9a9a", "soft on paper has contrast"),
        # Texts in one language alone.
        ('da = "Babygruppe", en = "Baby group"', 'da = "Babygruppe"', "Babygruppe", 'no text in the language "en"'),
        ('en = "Overview"', 'en = "Overview", se = "x"', "neutral_title", 'a language we do not have: "se"'),
        # Names nobody knows, and names that are missing.
        ('led_by = { da = "En psykolog",', 'led_bye = { da = "En psykolog",', "led_bye", "is no field we know"),
        ("[[closures]]", "[[holidays]]", "[[holidays]]", "is no section we know"),
        (', en = "Does somebody at home drink too much?"', "", "headline =", 'no text in the language "en"'),
        ("free = {", "free = 7 #", "free = 7", "must be written as { da"),
        ('key = "112"\nnumber = "112"', 'key = "112"', "[[lines]]", 'lacks "number".'),
        # Things that do not go together.
        ("valid_to = 2024-01-01", "valid_to = 2019-01-01", "2019-01-01", "must come after valid_from"),
        ('opens = "08:00"\ncloses = "18:00"', 'opens = "08:00"\ncloses = "07:00"', '"07:00"', "must come after opens"),
        ("age_from = 6\nage_to = 8", "age_from = 6\nage_to = 5", "age_to = 5", "must come after age_from"),
        ("hours = 336\npauses_when_closed = false", "hours = 12", "hours = 12", "cannot be kept at night"),
        ('by = "14:00"', "hours = 24", "[[promises]]", 'lacks "by".'),
    ],
)  # fmt: skip
def test_a_bad_file_is_refused_with_its_line_and_the_reason(written, old, new, at, why):
    path = written((old, new))
    problem = refused(path)
    assert why in problem.why
    assert problem.line == line_of(path, at)


def test_overlapping_dates_are_refused(written):
    services.furnish(path=written(), by="keeper")
    overlapping = written(("valid_to = 2024-01-01", "valid_to = 2024-06-01"))

    problem = refused(overlapping)
    assert problem.why == (
        '"welcome" is there twice on the same day: one from 2020-01-01 to 2024-06-01, one from 2024-01-01.'
    )
    # The later of the two rows.
    assert problem.line == line_of(overlapping, "age_to = 15") - 1


def test_two_opening_hours_at_the_same_time_are_refused(written):
    problem = refused(written(('days = ["thu"]', 'days = ["wed", "thu"]')))

    assert '"wed" is there twice' in problem.why


def test_an_offer_in_a_place_nobody_knows_is_refused(written):
    path = written(('places = ["glostrup", "hilleroed", "hvidovre"]', 'places = ["glostrup", "moon"]'))

    problem = refused(path)
    assert problem.why == 'names a place we do not have: "moon".'
    assert problem.line == line_of(path, "moon")


def test_a_file_that_is_not_there_or_not_text_is_refused(tmp_path):
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")

    assert "cannot be read" in refused(tmp_path / "none.toml").why
    assert refused(tmp_path / "bytes.toml").why == "is not written in UTF-8."


def test_what_is_not_toml_is_refused_with_its_line(written):
    path = written(("seats = 8", "seats = 8\nseats = 9"))

    problem = refused(path)
    assert "is not TOML" in problem.why and problem.line == line_of(path, "seats = 9")


def test_everything_wrong_is_said_at_once(written):
    path = written(('by = "14:00"', 'by = "25:00"'), ("rooms = 4 ", "rooms = 0 "))

    with pytest.raises(services.BadHouse) as bad:
        services.furnish(path=path, by="keeper")
    assert len(bad.value.problems) == 2
    assert f"{path}, line {line_of(path, '25:00')}, promises.1.by: must be a time of day" in str(bad.value)


def test_the_command_says_what_it_did_and_speaks_both_languages(written, capsys):
    call_command("furnish", str(written()), language="en")
    assert "the house Dit Rum is new" in capsys.readouterr().out
    call_command("furnish", str(written()), language="en")
    assert capsys.readouterr().out == "Nothing changed.\n"

    bad = written(('by = "14:00"', 'by = "noon"'))
    with pytest.raises(CommandError, match=r"line \d+, promises.1.by: must be a time of day(.|\n)*Nothing was changed"):
        call_command("furnish", str(bad), language="en")
    with pytest.raises(CommandError):
        call_command("furnish", str(bad))


def test_what_held_then_is_read_by_its_own_rule():
    services.furnish(path=HOUSES / "ditrum.toml", by="keeper")

    assert queries.welcome(date(2019, 6, 1)).age_to == 25
    assert queries.welcome(date(2022, 6, 1)).age_to == 24
    assert (queries.welcome(date(2025, 6, 1)).age_to, queries.welcome(date(2025, 6, 1)).siblings_to) == (15, 24)
    assert "slotsvaenget" in [partner.key for partner in queries.partners(date(2019, 12, 1))]
    assert "slotsvaenget" not in [partner.key for partner in queries.partners(date(2025, 12, 1))]
    assert len(queries.partners(date(2025, 12, 1))) == 9


def test_the_line_index_passes_over_long_texts():
    text = 'a = 1\n[house]\nb = """\nc = 2\n[[x]]\n"""\nd = [\n  1,\n]\n[[x]]\ne = 3\n[[x]]\n  f = 4\n'
    from brobygger.catalogue.blueprint import line_index

    assert line_index(text) == {
        **{"a": 1, "house": 2, "house.b": 3, "house.d": 7},
        **{"x": 10, "x.0": 10, "x.0.e": 11, "x.1": 12, "x.1.f": 13},
    }
