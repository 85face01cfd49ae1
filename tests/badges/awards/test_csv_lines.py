"""Reading a list of recipients as spreadsheets save it."""

from __future__ import annotations

import csv
import io
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badges.awards.batches import csv_lines
from badges.awards.batches.csv_lines import read_lines
from tierslieu.errors import Refused


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("header", [("E-Mail", "Nom", "Preuve"), ("email address", "NAME", "Note")])
def test_a_file_is_read_whatever_the_spreadsheet(
    separator: str, encoding: str, header: tuple[str, ...]
) -> None:
    rows = [header, ("Zoe@Example.org", "Zoé Lebœuf", "« Tri », vu en classe")]
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows(rows)
    (line,) = read_lines(text.getvalue().encode(encoding))
    assert (line.position, line.email, line.name) == (2, "zoe@example.org", "Zoé Lebœuf")
    assert (line.written, line.note) == ("Zoe@Example.org", "« Tri », vu en classe")
    assert not line.fault


def test_given_and_family_names_in_two_columns_make_one_name() -> None:
    (line,) = read_lines("Nom,Prénom,Courriel\nLovelace,Ada,ada@example.org\n".encode())
    assert line.name == "Ada Lovelace"


def test_other_columns_and_empty_lines_are_left_and_the_line_of_the_file_is_told() -> None:
    data = b'sep=;\r\nville;mail\r\nNice;a@example.org\r\n;\r\n"x\r\ny";b@example.org;\r\n'
    assert [(line.position, line.email) for line in read_lines(data)] == [
        (3, "a@example.org"),
        (5, "b@example.org"),
    ]


def test_an_address_written_twice_counts_once_and_says_so() -> None:
    data = b"email,name,note\nada@example.org,,\nbob@example.org,,\nADA@example.org ,Ada,vu\n"
    first, second = read_lines(data)
    assert (first.position, first.email, first.times) == (2, "ada@example.org", 2)
    assert (first.name, first.note) == ("Ada", "vu"), "what the first leaves out, the second says"
    assert second.times == 1


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (";Ada;", "la case de l’adresse est vide"),
        ("ada.example.org;;", "il manque le"),
        ("ada@example;;", "n’est pas complète"),
        ("ada@example.org, bob@example.org;;", "plus d’une adresse"),
        ("zoé@example.org;;", "il y a un accent"),
        ("ada@example.org;Ada;vu;encore", "plus de cases que de colonnes"),
        ("ada@example.org;***;", "Écrivez votre nom"),
        (f"ada@example.org;;{'n' * 301}", "la note est trop longue"),
        ("ada@example.org;;vu\x07", "un caractère invisible"),
    ],
)
def test_what_is_wrong_with_a_line_is_said_on_that_line_and_keeps_no_other_back(
    row: str, told: str
) -> None:
    wrong, right = read_lines(f"e-mail;nom;note\n{row}\nbob@example.org;;\n".encode())
    assert wrong.email is None
    assert told in wrong.fault
    assert right.email == "bob@example.org"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "csv_empty"),
        (b" \r\n", "csv_empty"),
        (b"nom;ville\nAda;Nice\n", "csv_no_email"),
        (b"ada@example.org\nbob@example.org\n", "csv_no_email"),
        (b"e-mail;nom\n", "csv_nobody"),
        (b'e-mail;nom\nada@example.org;"Ada\n', "csv_broken"),
        (b"PK\x03\x04rest", "csv_workbook"),
        (b"e-mail\nada\x00@example.org\n", "csv_encoding"),
        (b"e-mail\n\x81\x8d\xff\n", "csv_encoding"),
        (b"e-mail\n" + b"x" * csv_lines.MAX_BYTES, "csv_too_big"),
        (b"e-mail\n" + b"a@b.fr\n" * 10_001, "csv_too_long"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_beside_its_field(data: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        read_lines(data)
    assert (refused.value.code, refused.value.field, refused.value.status) == (code, "file", 422)


def test_ten_thousand_lines_are_read() -> None:
    data = b"e-mail\n" + b"".join(b"p%d@example.org\n" % n for n in range(10_000))
    assert len(read_lines(data)) == 10_000


cells = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=30)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 60), cells, cells), min_size=1, max_size=20),
    st.sampled_from(";,\t"),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_every_address_of_a_written_file_is_found_once_whatever_stands_beside_it(
    people: list[tuple[int, str, str]], separator: str, encoding: str
) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=separator)
    writer.writerow(["e-mail", "nom", "note"])
    writer.writerows((f"p{number}@example.org", name, note) for number, name, note in people)
    lines = read_lines(text.getvalue().encode(encoding))
    found = [line.email for line in lines if line.email is not None]
    assert len(found) == len(set(found))
    written = {f"p{number}@example.org" for number, _name, _note in people}
    assert {line.written for line in lines} == written
    assert sum(line.times for line in lines) == len(people)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300) | st.binary(max_size=200).map(lambda b: b"e-mail;nom\n" + b))
def test_whatever_the_bytes_there_is_an_answer(data: bytes) -> None:
    lines = []
    with suppress(Refused):
        lines = read_lines(data)
        assert lines
    assert all((line.email is None) == bool(line.fault) for line in lines)
