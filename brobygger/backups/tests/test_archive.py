"""The sealed file: whole and opened with its own sheet, or refused in words."""

import secrets
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.public import PrivateKey

from brobygger.backups import archive, rules

PRIVATE = PrivateKey.generate()
#: More than two pieces, and nothing that packs well.
LONG = b"\n".join(secrets.token_hex(500).encode() for _each in range(400)) + b"\n"


def written(tmp_path: Path, data: bytes = LONG, kind: str = "content") -> Path:
    path = tmp_path / "copy"
    with archive.writing(path, kind, bytes(PRIVATE.public_key)) as file:
        for at in range(0, len(data), 777):
            file.write(data[at : at + 777])
    return path


def read(path: Path, kind: str = "content", private: bytes = bytes(PRIVATE)) -> bytes:
    return b"".join(archive.Reader(path, kind, [private]).pieces())


@pytest.mark.parametrize("data", [b"", b"x\n", LONG, LONG * 3])
def test_what_goes_in_comes_out(tmp_path: Path, data: bytes) -> None:
    path = written(tmp_path, data)

    assert read(path) == data
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["copy"]
    # Two bytes stand in a few hundred sealed ones by chance, once in some hundred runs.
    assert data[:40] not in path.read_bytes() or len(data) < 8


def test_a_copy_that_was_cut_off_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path)
    whole = path.read_bytes()
    head = len(archive.MAGIC) + len("content\n") + archive._SEALED_KEY + archive._HEADER
    piece = archive._PIECE + archive._EXTRA
    assert len(whole) > head + 2 * piece

    for length in (head, head + piece, head + 2 * piece, len(whole) - 1, len(whole) - 40):
        path.write_bytes(whole[:length])
        with pytest.raises(archive.Refused, match=r"cut off|damaged"):
            read(path)


def test_a_copy_that_was_changed_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path)
    whole = path.read_bytes()

    for at in (0, 20, 60, 120, 200, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(archive.Refused):
            read(path)
    path.write_bytes(whole + b"more")
    with pytest.raises(archive.Refused):
        read(path)


def test_pieces_of_one_copy_do_not_fit_in_another_order(tmp_path: Path) -> None:
    path = written(tmp_path)
    whole = path.read_bytes()
    head = len(archive.MAGIC) + len("content\n") + archive._SEALED_KEY + archive._HEADER
    piece = archive._PIECE + archive._EXTRA
    first, second = whole[head : head + piece], whole[head + piece : head + 2 * piece]

    path.write_bytes(whole[:head] + second + first + whole[head + 2 * piece :])

    with pytest.raises(archive.Refused, match="damaged"):
        read(path)


def test_another_key_or_the_other_kind_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path)

    with pytest.raises(archive.Refused, match="another key"):
        read(path, private=bytes(PrivateKey.generate()))
    with pytest.raises(archive.Refused, match="not a copy of the keys"):
        read(path, kind="keys")
    with pytest.raises(archive.Refused, match="cannot be read"):
        read(tmp_path / "nowhere")


def test_a_copy_that_failed_half_way_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), archive.writing(tmp_path / "copy", "keys", bytes(PRIVATE.public_key)) as file:
        file.write(LONG)
        raise RuntimeError

    assert list(tmp_path.iterdir()) == []


@given(private=st.binary(min_size=32, max_size=32), kind=st.sampled_from(rules.KINDS))
def test_a_sheet_is_read_as_it_was_printed(private: bytes, kind: str) -> None:
    typed = rules.sheet(kind, private)

    assert len(typed.split(" ")) == 14
    assert rules.read_sheets(f"The sheet of {kind}:\n\n  {typed.lower()}\n") == [(kind, private)]
    assert rules.read_sheets(typed.replace("0", "o").replace("1", "l").replace(" ", "-")) == [(kind, private)]


@given(private=st.binary(min_size=32, max_size=32), data=st.data())
def test_a_slip_on_a_sheet_is_noticed(private: bytes, data: st.DataObject) -> None:
    typed = rules.sheet("keys", private)
    at = data.draw(st.sampled_from([place for place, sign in enumerate(typed) if sign != " "]))
    other = data.draw(st.sampled_from(sorted(set(rules._SIGNS) - {typed[at]})))

    assert rules.read_sheets(typed[:at] + other + typed[at + 1 :]) == []


def test_two_sheets_on_one_page_are_both_read() -> None:
    one, two = rules.sheet("content", b"a" * 32), rules.sheet("keys", b"b" * 32)
    page = f"RECOVERY SHEET\n{one[:34]}\n   {one[35:]}\n\nRECOVERY SHEET · keys, made in 2026\n{two}\n"

    assert rules.read_sheets(page) == [("content", b"a" * 32), ("keys", b"b" * 32)]
