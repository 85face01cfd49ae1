"""GNU PSPP and R (haven) read the package: labels, and codes that are no answers."""

from __future__ import annotations

import csv
import io
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.evaluation import unpack
from tierslieu.evaluation.package import Package

HAS_PSPP = shutil.which("pspp") is not None
HAS_HAVEN = shutil.which("Rscript") is not None and (
    subprocess.run(["Rscript", "-e", "library(haven)"], capture_output=True).returncode == 0
)
UTF8 = {**os.environ, "LC_ALL": "C.UTF-8"}  # they write as their place does
SYNTAX = """
GET FILE='data/labelled/responses_wide.sav'.
DESCRIPTIVES VARIABLES=hours_try.
FREQUENCIES VARIABLES=sure_help_try teaches_try.
"""
HAVEN = """
library(haven)
spss <- read_sav("data/labelled/responses_wide.sav")
kept <- read_sav("data/labelled/responses_wide.sav", user_na = TRUE)
stata <- read_dta("data/labelled/responses_wide.dta")
say <- function(...) cat(..., sep = "|", fill = FALSE)
say(sum(!is.na(spss$hours_try)), mean(spss$hours_try, na.rm = TRUE), "\\n")
say(attr(spss$sure_help_try, "label"), sum(kept$sure_help_try == -96), "\\n")
labels <- attr(stata$teaches_try, "labels")
say(names(labels)[labels == 1], attr(stata$hours_try, "label"), "\\n")
"""


@pytest.mark.skipif(not HAS_PSPP, reason="pspp is not installed: run make test")
def test_pspp_takes_codes_for_missing_and_shows_their_labels(
    package: Package, tmp_path: Path
) -> None:
    folder = unpack(package, tmp_path)
    (folder / "try.sps").write_text(SYNTAX)
    command = ["pspp", "-O", "format=csv", "-o", "out.csv"]
    for script in ("scripts/import.sps", "try.sps"):
        subprocess.run([*command, script], cwd=folder, check=True, capture_output=True)
    rows = list(csv.reader(io.StringIO((folder / "out.csv").read_text("utf-8"))))
    hours = next(row for row in rows if row and row[0] == "Heures par semaine")
    assert (hours[1], float(hours[2])) == ("11", 12.5)  # of twelve people one preferred not to say
    missing = [row for row in rows if "Ne concerne pas la personne" in row]
    assert missing
    assert "11" in missing[0]
    assert [row for row in rows if "Oui" in row and "11" in row]


@pytest.mark.skipif(not HAS_HAVEN, reason="R’s haven is not installed: run make test")
def test_r_takes_codes_for_missing_and_shows_their_labels(package: Package, tmp_path: Path) -> None:
    folder = unpack(package, tmp_path)
    (folder / "try.R").write_text(HAVEN)
    for script in ("scripts/import.R", "try.R"):
        done = subprocess.run(
            ["Rscript", script], cwd=folder, check=True, capture_output=True, text=True, env=UTF8
        )
    said = [line.strip("|").split("|") for line in done.stdout.splitlines() if line.strip("| ")]
    assert said[0][:2] == ["11", "12.5"]
    assert said[1][:2] == ["d’aider une élève bloquée", "11"]
    assert said[2][:2] == ["Oui", "Heures par semaine"]
