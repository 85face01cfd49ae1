"""What a version of a questionnaire goes on of the version before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tierslieu.surveys.instruments.reading import read_questionnaire


def map_variables(new: Mapping[str, Any], old: Mapping[str, Any]) -> dict[str, str]:
    """Each variable of ``new``, and the one of ``old`` that it goes on; empty for what is new.

    An item goes on the one of its name, or of the name it says (``"was"``); a variable goes on
    another only where both are of one kind and have the same codes: answers to other points are
    not to be read together.
    """
    items = [item for page in new["pages"] for item in page["items"]]
    was = {item["name"]: item.get("was", item["name"]) for item in items}
    before = {one.name: one for one in read_questionnaire(old).variables()}
    found = {}
    for item in read_questionnaire(new).items():
        for one in item.variables:
            name = was[item.name] + one.name.removeprefix(item.name)
            other = before.get(name)
            same = (
                other is not None
                and other.kind is one.kind
                and {option.value for option in other.options}
                == {option.value for option in one.options}
            )
            found[one.name] = name if same else ""
    return found
