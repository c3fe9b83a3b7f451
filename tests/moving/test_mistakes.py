"""What is wrong in a list is said by row and column: what, why, and what to write instead. Then nothing is written."""

from typing import Any

import pytest
from django.core.management import CommandError

from brobygger.casework.models import Course
from tests.moving.lists import family, take, text, write

pytestmark = pytest.mark.django_db
#: Invented: the first is a day and four digits, whatever the sum of it says.
CPR = "010118-1234"


def wrong(tmp_path, rows: list[dict[str, Any]], name: str = "a.csv") -> list[str]:
    """Run a list that is wrong, and give what is said of it, line by line."""
    with pytest.raises(CommandError) as said:
        take(write(tmp_path / name, rows), write=True, by="alma")
    lines = str(said.value).splitlines()
    assert lines[-1].endswith("Intet er skrevet.") and not Course.objects.exists()
    return lines[:-1]


ONE = [
    ({"begyndt": "32-13-2024"}, 'Række 2, "begyndt": "32-13-2024" er ikke en dag. Skriv den som 24-09-2025.'),
    ({"begyndt": "23-11-2026"}, '"23-11-2026" har ikke været endnu. Skriv dagen, det skete.'),
    ({"begyndt": "01-01-1925"}, "er meget længe siden. Skriv årstallet med fire tal."),
    ({"begyndt": ""}, 'Række 2, "begyndt": er tom i alle forløbets rækker. Skriv dagen, det begyndte.'),
    ({"sluttet": "01-01-2025", "slutårsag": "andet"}, 'Række 2, "sluttet": er før forløbet begyndte.'),
    ({"sluttet": "01-03-2026"}, 'Række 2, "slutårsag": er tom, men forløbet er sluttet. Skriv hvorfor: gennemført,'),
    ({"slutårsag": "andet"}, 'Række 2, "sluttet": er tom, men der står en slutårsag.'),
    ({"sluttet": "01-03-2026", "slutårsag": "træt"}, 'Vi kender ikke "træt". Skriv et af disse: gennemført, familien'),
    ({"sluttet": "01-03-2026", "slutårsag": "givet videre"}, "der er givet videre, står hos kommunen."),
    ({"behandler": "finn"}, 'Række 2, "behandler": "finn" har ingen forløb her. Skriv kaldenavn eller mail på en'),
    ({"behandler": "ukendt@huset.example"}, '"ukendt@huset.example" har ingen forløb her.'),
    (
        {"aftalt": "måske"},
        'Række 2, "aftalt": Vi kender ikke "måske". Skriv et af disse: i rummet, telefon, henvisning.',
    ),
    ({"rolle": "nabo"}, 'Række 2, "rolle": Vi kender ikke "nabo". Skriv et af disse: barn, søskende, mor, far,'),
    ({"rolle": ""}, 'Række 2, "rolle": er tom. Den skal udfyldes i hver række.'),
    ({"forløbsnummer": ""}, 'Række 2, "forløbsnummer": er tom. Den skal udfyldes i hver række.'),
    ({"forløbsnummer": "x" * 61}, "er for langt: 61 tegn, og der er plads til 60."),
    ({"navn": "M" * 101}, 'Række 2, "navn": er for langt: 101 tegn, og der er plads til 100. Skriv det kortere.'),
    ({"navn": "@SUM(A1)"}, "kan ikke begynde med + - eller @"),
    ({"navn": "Mette\nHansen"}, "ikke stå på to linjer"),
    ({"navn": '=cmd|" /C calc"!A0'}, 'Række 2, "navn": Her står en formel, og vi regner ingen ud. Kopiér kolonnen'),
    ({"navn": "Mette\x00Hansen"}, "Der er tegn i feltet, som ikke kan ses."),
    ({"navn": "Mette\x1b[2JHansen"}, "Der er tegn i feltet, som ikke kan ses."),
    ({"navn": "Mette \u202enesnaH"}, "Der er tegn i feltet, som ikke kan ses. Slet det, og skriv det igen i hånden."),
    ({"navn": "Mette S\u00c3\u00b8rensen"}, "Bogstaverne æ, ø og å er gået i stykker."),
    ({"født": "2018"}, '"2018" er ikke en måned og et år. Skriv det som 04-2018, eller lad feltet være tomt.'),
    ({"født": "13-2018"}, '"13-2018" er ikke en måned og et år.'),
    ({"født": "12-04-18"}, '"12-04-18" er ikke en måned og et år.'),
    ({"født": "04-2029"}, '"04-2029" kan ikke være nogens fødsel.'),
    ({"telefon": "247"}, 'Række 2, "telefon": er ikke et telefonnummer. Skriv ét nummer, som 24 23 03 00'),
    ({"telefon": "24230300 / 24230301"}, "er ikke et telefonnummer."),
    ({"telefon": "2,42303E+07"}, "er forkortet af Excel. Gør kolonnen til tekst, og skriv nummeret igen."),
    ({"mail": "mette"}, 'Række 2, "mail": er ikke en mailadresse. Skriv én, som mette@mail.example'),
    ({"beskyttet": "vist"}, '"vist" er hverken ja eller nej. Skriv "ja" eller "nej".'),
    ({"forældremyndighed": "mor"}, 'Vi kender ikke "mor". Skriv et af disse: ja, delt, nej, ved ikke.'),
    ({"brug": "alkohol"}, "Skriv hvad og hvornår, men aldrig hvor meget: alkohol nu; hash tidligere."),
    ({"brug": "alkohol 5 om dagen"}, 'Vi kender ikke "alkohol 5 om dagen".'),
    ({"problemer": "vold; drager"}, 'Vi kender ikke "drager". Skriv et af disse: psykisk sygdom i familien,'),
    ({"tilbud": "rumrejser"}, 'Række 2, "tilbud": Vi kender ikke "rumrejser".'),
    ({"mærker": "svær"}, 'Række 2, "mærker": Vi kender ikke "svær".'),
    ({"notat": "Hej."}, 'Række 2, "notat": skal have en, der står ved det. Skriv under "behandler"'),
    ({"notatdato": "01-10-2025"}, 'Række 2, "notatdato": er dagen for et notat, men der er intet notat i rækken.'),
    ({"notat": "n" * 20_001, "behandler": "alma"}, "er for langt: 20001 tegn"),
    ({"begyndt": "24-09-2019", "sluttet": "01-01-2020", "slutårsag": "andet"}, "Det kommer ikke med: slet rækkerne."),
    ({"begyndt": "24-09-2025", "børn": "3"}, 'Række 1, kolonne E: Vi kender ikke overskriften "børn". Slet kolonnen'),
    ({"telfon": "24230300"}, 'Vi kender ikke overskriften "telfon". Mener du "telefon"?'),
    ({"tlf": "24230300", "telefon": "24230300"}, 'er "telefon" en gang til. Behold kun den ene.'),
]


def test_every_mistake_is_told_where_it_stands(house, tmp_path):
    for more, why in ONE:
        (mother, child) = family()
        rows = [mother | more, child | {key: more[key] for key in ("forløbsnummer", "begyndt") if more.get(key)}]
        if more.get("begyndt") == "":
            rows[1]["begyndt"] = ""

        assert why in "\n".join(wrong(tmp_path, rows)), why


def test_the_mistake_alone_is_told(house, tmp_path):
    (mother, child) = family()

    assert wrong(tmp_path, [mother | {"telefon": "247"}, child]) == [
        'Række 2, "telefon": er ikke et telefonnummer. Skriv ét nummer, som 24 23 03 00 eller +46 70 123 45 67.'
    ]


def test_one_mistake_keeps_every_other_family_out(house, tmp_path):
    many = [row for number in range(40) for row in family(str(number))]

    assert wrong(tmp_path, [*many, family("99")[0] | {"rolle": "nabo"}])[0].startswith('Række 82, "rolle"')


def test_rows_of_one_course_say_the_same(house, tmp_path):
    (mother, child) = family()

    (said,) = wrong(tmp_path, [mother, child | {"begyndt": "01-01-2026"}])

    assert said.startswith('Række 3, "begyndt": siger noget andet end række 2 i samme forløb. Skriv det samme')


def test_the_same_person_twice_is_told(house, tmp_path):
    assert wrong(tmp_path, [*family(), family()[1]]) == ["Række 4: er den samme som række 3. Slet den ene."]


def test_thirty_people_fit_and_no_more(house, tmp_path):
    many = [family()[1] | {"kaldes": f"Barn {number}"} for number in range(31)]

    assert wrong(tmp_path, many) == ["Række 2: Der er plads til 30 mennesker i et forløb. Del det i to."]
    assert "1 forløb, 30 mennesker" in take(write(tmp_path / "b.csv", many[:30]))


#: As somebody types digits on a phone set to Japanese.
WIDE = CPR.translate({ord("0") + digit: 0xFF10 + digit for digit in range(10)})
CPRS = [
    CPR, "0101181234", "010118 1234", "01 01 18-1234", "01.01.18-1234", "101181234", WIDE, "010118-1AB4",
    "Liv, 010118-1234", "nr. 010118–1234.",
]  # fmt: skip


@pytest.mark.parametrize("column", ["forløbsnummer", "navn", "telefon", "notat", "husk", "noget andet", "brug"])
def test_a_cpr_number_anywhere_is_refused_and_not_said_again(column, house, tmp_path):
    for number in CPRS:
        (mother, child) = family()
        more = {column: number} if column != "notat" else {column: f"Hun siger {number} i dag", "behandler": "alma"}

        said = "\n".join(wrong(tmp_path, [mother | more, child]))

        assert "CPR-nummer" in said and "Række 2" in said, number
        assert not any(part in said for part in ("1234", WIDE[-4:], "1AB4", "010118", "101181")), number


def test_a_cpr_number_in_a_workbook_is_seen_though_excel_ate_its_nought(house, tmp_path):
    (mother, child) = family()

    (said,) = wrong(tmp_path, [mother | {"husk": 101181234}, child], "a.xlsx")

    assert said.startswith('Række 2, "husk": Det ligner et CPR-nummer.') and "1234" not in said


def test_a_column_for_cpr_numbers_is_refused(house, tmp_path):
    for name in ("CPR", "cpr-nr.", "Cprnummer", "personnummer"):
        (mother, child) = family()

        assert "er en kolonne til CPR-numre." in "\n".join(wrong(tmp_path, [mother | {name: ""}, child]))


def test_a_telephone_is_no_cpr_number(house, tmp_path):
    rows = [
        family()[0] | {"telefon": said} for said in ("24230300", "+45 24 23 03 00", "0045 24230300", "+46701120345")
    ]

    assert "4 mennesker" in take(write(tmp_path / "a.csv", rows))


def test_a_list_without_headings_says_no_names(house, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(f"17;24-09-2025;mor;Mette Hansen;{CPR}\n")

    with pytest.raises(CommandError) as said:
        take(path)

    assert 'her skal overskrifterne stå, for eksempel "forløbsnummer", "rolle"' in str(said.value)
    assert "Mette" not in str(said.value) and "1234" not in str(said.value)


def test_what_must_be_there_is_named(house, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("rolle;navn\nmor;Mette\n")

    with pytest.raises(CommandError, match='Kolonnen "forløbsnummer" mangler'):
        take(path)


def test_words_beside_the_headings_are_told(house, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(text(family()).replace("Hansen;", "Hansen;;;;hej", 1), encoding="utf-8")

    with pytest.raises(CommandError, match="kolonnen har ingen overskrift"):
        take(path)


def test_two_hundred_mistakes_are_enough(house, tmp_path):
    said = wrong(tmp_path, [family(str(number))[0] | {"telefon": "247"} for number in range(260)])

    assert len(said) == 201 and said[-1] == "… og 60 mere."


def test_it_says_so_in_english_too(house, tmp_path):
    with pytest.raises(CommandError, match='Row 2, "rolle": We do not know "nabo"'):
        take(write(tmp_path / "a.csv", [family()[0] | {"rolle": "nabo"}]), language="en")
