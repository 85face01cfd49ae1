"""Tables for SPSS, Stata and Parquet: the same values, their labels, the same bytes twice."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pyarrow.parquet as pq
import pyreadstat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tierslieu.evaluation import labelled as writing
from tierslieu.evaluation.labelled import FOLDER, write_labelled
from tierslieu.evaluation.labels import SAV_LIMIT, fit_labels
from tierslieu.evaluation.reading_back import differences
from tierslieu.evaluation.tables import PID_VARIABLE, Table, Variable

VARIABLES = (
    PID_VARIABLE,
    Variable("usefulness_after", "integer", "La séance est utile", categories={1: "non", 2: "oui"},
             is_ordered=True),
    Variable("hours_after", "number", "Heures par semaine"),
    Variable("came", "boolean", "Est venue"),
    Variable("cohort", "string", "Cohorte", categories={"2026-2027": "2026-2027"}),
)  # fmt: skip
ROWS = (
    ("pabcdefghijklmnop", 1, 12.5, True, "2026-2027"),
    ("pabcdefghijklmnoq", -98, -99, False, ""),
    ("pabcdefghijklmnor", None, None, None, None),
)
TABLE = Table("essai", "Une table d’essai", VARIABLES, ROWS)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_labelled(TABLE, tmp_path)
    return tmp_path


def faults_of(meant: Table, written: Table) -> list[str]:
    """What is found where ``written`` lies instead of ``meant``."""
    with tempfile.TemporaryDirectory() as folder:
        write_labelled(written, Path(folder))
        return differences(meant, Path(folder))


def test_spss_has_labels_measures_and_missing_ranges(folder: Path) -> None:
    path = folder / FOLDER / "essai.sav"
    data, meta = pyreadstat.read_sav(path, output_format="dict", user_missing=True)
    assert data["usefulness_after"][:2] == [1.0, -98.0]
    assert meta.column_names_to_labels["usefulness_after"] == "La séance est utile"
    labels = meta.variable_value_labels["usefulness_after"]
    assert (labels[2], labels[-98]) == ("oui", "Préfère ne pas répondre")
    assert meta.missing_ranges["hours_after"] == [{"lo": -99, "hi": -96}]
    assert meta.variable_measure["usefulness_after"] == "ordinal"
    as_analysed, _meta = pyreadstat.read_sav(path, output_format="dict")
    assert as_analysed["usefulness_after"][1] is None  # no analysis takes it for an answer


def test_stata_has_labels_and_every_code(folder: Path) -> None:
    path = folder / FOLDER / "essai.dta"
    data, meta = pyreadstat.read_dta(path, output_format="dict")
    assert data["came"][:2] == [1, 0]
    assert meta.column_names_to_labels["hours_after"] == "Heures par semaine"
    assert meta.variable_value_labels["usefulness_after"][-98] == "Préfère ne pas répondre"


def test_parquet_is_read_by_another_library_with_its_types(folder: Path) -> None:
    table = pq.read_table(folder / FOLDER / "essai.parquet")
    assert table.column("came").to_pylist() == [True, False, None]
    assert table.column("hours_after").to_pylist() == [12.5, -99.0, None]
    assert str(table.schema.field("usefulness_after").type) == "int64"


def test_the_same_rows_are_the_same_bytes_however_many_are_laid_out_at_once(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = tmp_path / "again"
    monkeypatch.setattr(writing, "SLICE", 2)
    write_labelled(TABLE, again)
    assert differences(TABLE, again) == []
    for kind in ("sav", "dta", "parquet"):
        name = f"{FOLDER}/essai.{kind}"
        assert (again / name).read_bytes() == (folder / name).read_bytes()


@pytest.mark.parametrize("size", [1, 2, 3, 50])
def test_what_differs_from_the_csv_is_found_where_it_is(
    folder: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(writing, "SLICE", size)
    assert differences(TABLE, folder) == []
    last = ("pabcdefghijklmnor", 2, None, None, None)
    other = Table("essai", TABLE.label, VARIABLES, (*ROWS[:2], last))
    assert differences(other, folder) == [
        f"{FOLDER}/essai.{kind}: usefulness_after" for kind in ("sav", "dta", "parquet")
    ]
    for rows in ((), ROWS[:1], ROWS[:2], (*ROWS, ROWS[0])):
        found = differences(Table("essai", "", VARIABLES, rows), folder)
        assert found == [f"{FOLDER}/essai.{kind}: rows" for kind in ("sav", "dta", "parquet")]
    wrong = ("pabcdefghijklmnoq", -98, -99, True, "2025-2026")
    elsewhere = Table("essai", TABLE.label, VARIABLES, (ROWS[0], wrong, ROWS[2]))
    assert differences(elsewhere, folder)[:2] == [
        f"{FOLDER}/essai.sav: came", f"{FOLDER}/essai.sav: cohort"
    ]  # fmt: skip


LONG = "J’enseigne depuis longtemps, " * 6


def labelled(labels: dict[int, str]) -> Table:
    one = Variable("years_t1", "integer", "Ancienneté", categories=labels)
    return Table("essai", "Une table", (one,), ((1,), (2,)))


def test_options_that_differ_at_their_end_are_told_apart_in_every_file(tmp_path: Path) -> None:
    labels = {1: f"{LONG}au lycée", 2: f"{LONG}au collège", 3: "non", 4: f"Non, {LONG}fin"}
    table = labelled(labels)
    write_labelled(table, tmp_path)
    assert differences(table, tmp_path) == []
    path = tmp_path / FOLDER / "essai.sav"
    _data, meta = pyreadstat.read_sav(path, output_format="dict")
    kept = meta.variable_value_labels["years_t1"]
    assert kept[1].endswith("… (1)")
    assert kept[2].endswith("… (2)")
    assert kept[3] == "non"
    assert kept[4].startswith("Non, J’enseigne")
    assert kept[4].endswith("…")
    assert all(len(label.encode()) <= 120 for label in kept.values())
    path = tmp_path / FOLDER / "essai.dta"
    _data, meta = pyreadstat.read_dta(path, output_format="dict")
    assert meta.variable_value_labels["years_t1"].items() >= labels.items()  # whole


def test_a_label_that_a_file_does_not_keep_is_found_where_it_is() -> None:
    meant, other = labelled({1: "oui", 2: "non"}), labelled({1: "oui", 2: "peut-être"})
    assert faults_of(meant, other) == [
        f"{FOLDER}/essai.{kind}: labels of years_t1" for kind in ("sav", "dta", "parquet")
    ]


@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60), max_size=8)
)
def test_whatever_options_are_called_their_labels_stay_distinct(ends: list[str]) -> None:
    labels = {n: LONG[: 20 * n] + end for n, end in enumerate(dict.fromkeys(ends))}
    table = labelled(labels)
    assert faults_of(table, table) == []
    assert len(set(fit_labels(labels, SAV_LIMIT).values())) == len(labels)
    assert all(len(one.encode()) <= SAV_LIMIT for one in fit_labels(labels, SAV_LIMIT).values())


WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40).map(str.strip)


@given(
    st.lists(
        st.tuples(
            st.just("pabcdefghijklmnop"),
            st.one_of(st.none(), st.integers(-99, 10**6)),
            st.one_of(st.none(), st.floats(-99, 10**6).map(lambda x: round(x, 4))),
            st.one_of(st.none(), st.booleans()),
            WORDS,
        ),
        max_size=5,
    )
)
def test_any_rows_are_read_back_as_they_were(rows: list[tuple[object, ...]]) -> None:
    table = Table("t", "T", VARIABLES, tuple(rows))  # type: ignore[arg-type]
    assert faults_of(table, table) == []
