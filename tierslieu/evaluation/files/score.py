"""Compute scores.csv again, from responses_long.csv and the instruments, with nothing but Python.

Run from the folder of the package: python3 scripts/score.py
Prints the scores as CSV: pid, wave, occurrence, instrument, instrument_version, scale, score,
n_answered. A score is the mean (or the sum) of the items of a scale, some of them reversed; with
items left out, and as long as enough were answered, the mean of those answered stands for the
others; "between" stretches it to other bounds. -99: too few answers; a score that would fall among
the codes of what is missing, -99 to -96, is written as the nearest whole number that does not.
"""

from __future__ import annotations

import csv
import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parents[1]
NO_ANSWER, NOT_CONCERNED = -99, -96  # the lowest code of what is missing, the highest


def bounds_of(instrument: dict[str, Any]) -> dict[str, tuple[float, float]]:
    """The least and the most that each variable can be."""
    found: dict[str, tuple[float, float]] = {}
    for page in instrument["pages"]:
        for item in page["items"]:
            name, kind = item["name"], item["kind"]
            if kind == "consent":
                found[name] = (0, 1)
            elif kind in ("number", "slider"):
                found[name] = (item.get("minimum", 0), item["maximum"])
            elif item.get("options"):
                codes = [option["value"] for option in item["options"]]
                names = [f"{name}_{row['name']}" for row in item.get("rows", [])] or [name]
                found.update({one: (min(codes), max(codes)) for one in names})
    return found


def score(
    scale: dict[str, Any], bounds: dict[str, tuple[float, float]], answers: dict[str, float]
) -> tuple[float, int]:
    """The score of these answers on a scale, and from how many it comes."""
    turned = scale.get("reversed", [])
    values = []
    for name in scale["items"]:
        value = answers.get(name, NO_ANSWER)
        if value >= 0:
            low, high = bounds[name]
            values.append(low + high - value if name in turned else value)
    if len(values) < scale.get("least", len(scale["items"])):
        return NO_ANSWER, len(values)
    count = len(scale["items"]) if scale.get("is_sum") else 1
    found = sum(values) / len(values) * count
    if scale.get("between"):
        each = len(scale["items"]) / count
        low = sum(bounds[name][0] for name in scale["items"]) / each
        high = sum(bounds[name][1] for name in scale["items"]) / each
        start, end = scale["between"]
        found = start + (found - low) / (high - low) * (end - start)
    return beside_codes(round(found, 4)), len(values)


def beside_codes(value: float) -> float:
    """``value``, or the nearest whole number that does not say why there is no answer."""
    if not NO_ANSWER <= value <= NOT_CONCERNED:
        return value
    return NOT_CONCERNED + 1 if NOT_CONCERNED - value < value - NO_ANSWER else NO_ANSWER - 1


def main() -> None:
    """Read, compute, print."""
    instruments = {}
    for path in sorted((HERE / "instruments").glob("*.json")):
        instrument = json.loads(path.read_text("utf-8"))
        instruments[instrument["slug"], str(instrument["version"])] = instrument
    sheets: dict[tuple[str, ...], dict[str, float]] = defaultdict(dict)
    with (HERE / "data" / "responses_long.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            names = ("pid", "wave", "occurrence", "instrument", "instrument_version")
            key = tuple(row[name] for name in names)
            sheets[key][row["item"]] = float(row["value"])
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(
        [
            "pid",
            "wave",
            "occurrence",
            "instrument",
            "instrument_version",
            "scale",
            "score",
            "n_answered",
        ]
    )
    for key, answers in sheets.items():
        instrument = instruments[key[3], key[4]]
        bounds = bounds_of(instrument)
        for scale in instrument.get("scales", []):
            out.writerow([*key, scale["name"], *score(scale, bounds, answers)])


if __name__ == "__main__":
    main()
