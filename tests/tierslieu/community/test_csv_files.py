"""CSV both ways: what a spreadsheet writes is read, what we write harms none and comes back."""

from __future__ import annotations

import contextlib
import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tierslieu.community.contents import table as contents_table
from tierslieu.community.contents.licences import LICENCES, named
from tierslieu.community.contents.models import Rights
from tierslieu.community.contents.table import read_rights, write_rights
from tierslieu.community.events import table as events_table
from tierslieu.community.imports.csv_files import (
    BOM,
    decode,
    harmless,
    read_table,
    unguarded,
    write_table,
)
from tierslieu.errors import Refused

COLUMNS = ("Objet", "Libre de droit")


def test_the_columns_are_exactly_those_of_the_workshop() -> None:
    assert (
        ";".join(contents_table.COLUMNS) == "Objet;Contenu;Description;Lien;Auteur;Libre de droit"
    )
    assert (
        ";".join(events_table.COLUMNS)
        == "Nom de l'événement;Lieu;Description;Auteur;Organisateur;Date;Ouvert;Lien"
    )


@given(st.text())
def test_no_spreadsheet_runs_what_we_write_and_it_comes_back_as_it_left(cell: str) -> None:
    written = harmless(cell)
    assert not written.lstrip(" \u00a0").startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋"))
    assert unguarded(written) == cell


@given(st.sampled_from(["", "'", "''", " '", " "]), st.sampled_from("=+-@"), st.text(max_size=5))
def test_apostrophes_that_people_typed_are_kept(before: str, sign: str, after: str) -> None:
    cell = before + sign + after
    assert unguarded(harmless(cell)) == cell


cells = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=20).map(
    lambda t: __import__("unicodedata").normalize("NFC", t).strip() or "x"
)


@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=5))
def test_what_is_written_is_read_again(rows: list[tuple[str, str]]) -> None:
    text = decode("".join(write_table(COLUMNS, rows)).encode())
    assert [row for _position, row in read_table(text, COLUMNS)] == [list(row) for row in rows]


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_files_of_usual_spreadsheets_are_read(separator: str, encoding: str) -> None:
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=separator)
    writer.writerows([("libre de DROIT", "Objet", ""), ("à vérifier", "Été; l’école, oui", "")])
    text = decode(buffer.getvalue().encode(encoding))
    assert read_table(text, COLUMNS) == [(2, ["Été; l’école, oui", "à vérifier"])]


def test_both_apostrophes_name_the_column_of_events() -> None:
    for sign in "'’":
        header = ";".join(events_table.COLUMNS).replace("'", sign)
        text = f"sep=;\r\n{header}\r\nFête;;;;;;oui;\r\n"
        assert read_table(text, events_table.COLUMNS)[0][0] == 3


@given(st.permutations(range(8)), st.lists(st.sampled_from(["fr", "en"]), min_size=8, max_size=8))
def test_each_column_is_read_by_its_name_in_either_language_in_any_order(
    order: list[int], spoken: list[str]
) -> None:
    heads = events_table.HEADS
    titles = [heads[spoken[n]][n] for n in order]
    text = ";".join(titles) + "\r\n" + ";".join(f"x{n}" for n in order) + "\r\n"
    for first in heads.values():
        assert read_table(text, first, *heads.values()) == [(2, [f"x{n}" for n in range(8)])]


def test_a_column_named_in_both_languages_is_one_too_many() -> None:
    heads = contents_table.HEADS
    with pytest.raises(Refused) as refused:
        read_table(";".join((*heads["fr"], "Subject")) + "\r\nx\r\n", *heads.values())
    assert "En trop\u00a0: Subject." in refused.value.message


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "csv_empty"),
        (b"  \n", "csv_empty"),
        (b"x" * (1024 * 1024 + 1), "csv_too_big"),
        (b"PK\x03\x04rest", "csv_workbook"),
        (b"Objet\x00;", "csv_encoding"),
        (b"Objet;Libre de droit\n", "csv_nothing"),
        (b"Objet;Autre\nx;y\n", "csv_columns"),
        (b"Objet;Libre de droit;Objet\nx;y;z\n", "csv_columns"),
        (b"Objet;Libre de droit;Prix\nx;y;z\n", "csv_columns"),
        (b'Objet;Libre de droit\n"x;y\n', "csv_broken"),
        (b"Objet;Libre de droit\n" + b"x;y\n" * 2001, "csv_too_long"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_as_a_whole(data: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        read_table(decode(data), COLUMNS)
    assert (refused.value.code, refused.value.field) == (code, "file")


def test_missing_and_unknown_columns_are_named() -> None:
    with pytest.raises(Refused) as refused:
        read_table("Objet;Prix\nx;y\n", COLUMNS)
    assert "Il manque\u00a0: Libre de droit." in refused.value.message
    assert "En trop\u00a0: Prix." in refused.value.message


def test_a_line_is_known_by_where_it_begins_and_by_its_number_of_cells() -> None:
    text = BOM[1:] + 'Objet;Libre de droit\n"a\nb";oui\n\nseule\nc;d;\nc;d;e\n'
    assert read_table(text, COLUMNS) == [
        (2, ["a\nb", "oui"]),
        (5, None),
        (6, ["c", "d"]),
        (7, None),
    ]


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("oui (CC BY 4.0)", (Rights.YES, "CC BY 4.0")),
        ("Oui : CC BY-SA 4.0", (Rights.YES, "CC BY-SA 4.0")),
        ("OUI – maison (voir le site)", (Rights.YES, "maison (voir le site)")),
        ("oui, cc0-1.0", (Rights.YES, "cc0-1.0")),
        ("oui - MIT", (Rights.YES, "MIT")),
        ("CC-BY-4.0", (Rights.YES, "CC BY 4.0")),
        ("oui", (Rights.YES, "")),
        ("Non", (Rights.NO, "")),
        ("À vérifier", (Rights.TO_CHECK, "")),
        ("a verifier (peut-être CC BY)", (Rights.TO_CHECK, "peut-être CC BY")),
        ("?", (Rights.TO_CHECK, "")),
        ("", (Rights.TO_CHECK, "")),
    ],
)
def test_rights_and_licence_are_read_from_one_cell(cell: str, said: tuple[Rights, str]) -> None:
    assert read_rights(cell) == said


@pytest.mark.parametrize("cell", ["peut-être", "ouii", "non oui"])
def test_rights_that_nobody_understands_are_refused(cell: str) -> None:
    with pytest.raises(Refused, match="oui, non ou à vérifier"):
        read_rights(cell)


licences = st.one_of(
    st.sampled_from([one.name for one in LICENCES]),
    st.text(st.characters(exclude_categories=("C",)), min_size=1, max_size=30).map(named),
).filter(bool)


@given(st.sampled_from(Rights), licences)
def test_rights_come_back_as_they_left(rights: Rights, licence: str) -> None:
    said, read = read_rights(write_rights(rights, licence))
    assert (said, named(read)) == (rights, licence)


@given(st.text(max_size=40))
def test_any_cell_of_rights_is_read_or_refused(cell: str) -> None:
    with contextlib.suppress(Refused):
        assert isinstance(read_rights(cell)[0], Rights)
