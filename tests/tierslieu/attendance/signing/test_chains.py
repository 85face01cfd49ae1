"""A chain of records: whatever is changed, left out or moved is found."""

from __future__ import annotations

import json
import subprocess
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tests.support.signing_in import Phone
from tierslieu.attendance.models import Half
from tierslieu.attendance.signing.chains import Link, Sealed, begin
from tierslieu.attendance.signing.models import Manner
from tierslieu.attendance.signing.names import is_same_name
from tierslieu.chaining import find_break

SESSION = UUID(int=7)
HALF_DAY = (date(2026, 11, 26), Half.AFTERNOON)
AT = datetime(2026, 11, 26, 13, 5, tzinfo=UTC)
SCRIPTS = Path(__file__).parents[4] / "tierslieu" / "static" / "js" / "signing"


def make_chain(names: list[str]) -> tuple[str, list[tuple[Link, str]]]:
    """What comes before, and the links with the hashes they claim."""
    phone = Phone(SESSION, HALF_DAY)
    for name in names:
        phone.sign(UUID(int=1), name, AT, written=name)
    return begin(phone.id, SESSION), [(one.link, one.digest) for one in phone.records]


names = some.lists(some.text(min_size=1, max_size=20), min_size=2, max_size=6)


@given(names)
def test_a_chain_left_alone_is_whole(given_names: list[str]) -> None:
    after, links = make_chain(given_names)
    assert find_break(links, after=after) is None


@given(names, some.data())
def test_any_change_of_any_record_is_found_where_it_is(
    given_names: list[str], data: some.DataObject
) -> None:
    after, links = make_chain(given_names)
    place = data.draw(some.integers(0, len(links) - 1))
    member = data.draw(some.sampled_from(sorted(asdict(links[0][0]))))
    link, claimed = links[place]
    was = getattr(link, member)
    links[place] = (replace(link, **{member: was + (1 if member == "number" else "0")}), claimed)
    assert find_break(links, after=after) == place + 1
    # Hashing it anew does not help: the next one holds the former hash, or it follows nothing.
    links[place] = (links[place][0], links[place][0].digest)
    found = find_break(links, after=after)
    is_last_and_says_something_else = place == len(links) - 1 and member not in (
        "number",
        "previous",
    )
    assert found is None if is_last_and_says_something_else else found in (place + 1, place + 2)


@given(names, some.data())
def test_a_record_left_out_or_moved_is_found(given_names: list[str], data: some.DataObject) -> None:
    after, links = make_chain(given_names)
    place = data.draw(some.integers(0, len(links) - 2))
    assert find_break([*links[:place], *links[place + 1 :]], after=after) == place + 1
    other = data.draw(some.integers(place + 1, len(links) - 1))
    links[place], links[other] = links[other], links[place]
    assert find_break(links, after=after) == place + 1


@given(some.text(max_size=30), some.text(max_size=30))
def test_what_is_said_of_a_person_is_sealed(name: str, written: str) -> None:
    sealed = Sealed("5a17", "", name, written)
    assert sealed.seal != replace(sealed, name=name + "x").seal
    assert sealed.seal != replace(sealed, salt="5a18").seal
    assert replace(sealed).seal == sealed.seal


@pytest.mark.node
def test_the_phones_script_hashes_the_same() -> None:
    sealed = Sealed(
        "0f" * 16, str(UUID(int=3)), "Zoé « Łukasz » \u2028\t\\ 🧪", "zoe\u00a0l’été\x7f"
    )
    chain = UUID(int=5)
    link = Link(
        chain=str(chain),
        number=12,
        previous=begin(chain, SESSION),
        nonce=str(UUID(int=9)),
        manner=Manner.TYPED.value,
        day="2026-11-26",
        half="pm",
        at="2026-11-26T13:05:00Z",
        seal=sealed.seal,
    )
    begun: dict[str, Any] = {"session": str(SESSION), "chain": str(chain)}
    told = in_node("chain", "digestOf(one)", [asdict(sealed), asdict(link), begun])
    assert told == [sealed.seal, link.digest, link.previous]


@pytest.mark.node
def test_the_phones_script_compares_names_the_same() -> None:
    known = ("Zoé Martin", "Jean-Pierre Lebœuf", "Œdipe Æsop", "D’Alès", "李 小龍", "X")
    typed = (
        *known,
        "zoe MARTIN",
        "Z. Martin",
        "z",
        "",
        "...",
        "jean pierre leboeuf",
        "dalès",
        "小龍",
    )
    pairs = [[one, name] for one in typed for name in known]
    told = in_node("names", "isSameName(...one)", pairs)
    assert told == [is_same_name(one, name) for one, name in pairs]
    assert any(told)


def in_node(module: str, call: str, given: list[Any]) -> list[Any]:
    """What a function of the phone's script gives for each of these."""
    name = call.partition("(")[0]
    address = json.dumps((SCRIPTS / f"{module}.js").as_uri())
    program = f"""
      const {{ {name} }} = await import({address});
      const told = await Promise.all(JSON.parse(process.argv[1]).map((one) => {call}));
      console.log(JSON.stringify(told));
    """
    done = subprocess.run(
        ["node", "--input-type=module", "-e", program, json.dumps(given)],
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[Any] = json.loads(done.stdout)
    return found
