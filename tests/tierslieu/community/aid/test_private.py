"""No private address is posted, and what teachers of computing write passes."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tierslieu.community.aid.private import has_email, has_phone

LETTERS = "abcdefghijklmnopqrstuvwxyz"
NAME = st.text(LETTERS + "0123456789", min_size=1, max_size=12).map(lambda t: "n" + t)
LABEL = st.text(LETTERS, min_size=2, max_size=10)
ADDRESS = st.builds(
    lambda parts, mark, labels, end: f"{mark.join(parts)}@{'.'.join(labels)}.{end}",
    st.lists(NAME, min_size=1, max_size=3),
    st.sampled_from([".", "-", "_", "+"]),
    st.lists(LABEL, min_size=1, max_size=3),
    st.sampled_from(["fr", "org", "com", "sn", "education", "museum"]),
)
AROUND = st.sampled_from(["", " ", "(", "« ", "mail : ", "\n", ", "])
AFTER = st.sampled_from(["", " ", ")", " »", ".", " ?", "\n", ", merci"])
BLANKS = [(" ", " "), (" ", ""), ("", " "), ("  ", "  "), ("\u00a0", "\u00a0")]
PAIRS = st.lists(st.integers(20, 98).map(str), min_size=4, max_size=4)


@given(AROUND, ADDRESS, AFTER)
def test_every_mail_address_is_found_wherever_it_stands(
    before: str, address: str, after: str
) -> None:
    assert has_email(before + address + after)
    assert has_email(before + address.upper() + after)
    assert has_email(before + address.replace("@", "＠") + after)
    assert has_email(before + address.replace("@", " (at) ") + after)


@given(AROUND, NAME, LABEL, st.sampled_from(["fr", "org", "com", "sn"]), st.sampled_from(BLANKS))
def test_an_address_with_spaces_or_a_word_behind_it_is_found(
    before: str, name: str, label: str, end: str, blanks: tuple[str, str]
) -> None:
    left, right = blanks
    assert has_email(f"{before}{name}{left}@{right}{label}.{end}")
    assert has_email(f"{before}{name}@{label}.{end}(perso)")


MARKS = st.sampled_from(["", " ", "  ", ".", "-", " - ", "/", "\u00a0"])


@given(AROUND, st.integers(1, 9), PAIRS, st.lists(MARKS, min_size=4, max_size=4), AFTER)
def test_a_number_cut_unevenly_is_found(
    before: str, first: int, pairs: list[str], marks: list[str], after: str
) -> None:
    number = f"0{first}" + "".join(m + p for m, p in zip(marks, pairs, strict=True))
    assume(not re.match(r"\d\d[./-]\d\d[./-]20\d\d(?!\d)", number))  # a day and its hour
    assert has_phone(before + number + after)


@pytest.mark.parametrize(
    "words",
    [
        "jean.petit @ gmail.com",
        "jean.petit@gmail.com(perso)",
        "06 12 34 5678",
        "06 12.34.56.78",
        "06  12 34 56 78",
    ],
)
def test_what_was_once_let_through_is_found(words: str) -> None:
    assert has_email(words) or has_phone(words)


@given(
    AROUND,
    st.integers(1, 9),
    PAIRS,
    st.sampled_from(["", " ", ".", "-", "\u00a0", "\u202f"]),
    AFTER,
)
def test_every_french_number_is_found_however_it_is_cut(
    before: str, first: int, pairs: list[str], mark: str, after: str
) -> None:
    assert has_phone(before + mark.join([f"0{first}", *pairs]) + after)
    assert has_phone(before + "+33 " + mark.join([str(first), *pairs]) + after)
    assert has_phone(before + "+33 (0)" + mark.join([str(first), *pairs]) + after)


@pytest.mark.parametrize(
    "number", ["+221 77 123 45 67", "+1 (514) 555-0123", "+32 470 12 34 56", "0033612345678"]
)
def test_numbers_of_other_countries_are_found(number: str) -> None:
    assert has_phone(f"Appelez-moi au {number}.")


@pytest.mark.parametrize(
    "words",
    [
        "@property\ndef nom(self): ...",
        "@app.route('/aide')\n@login_required",
        "c = a @ b",
        "c = a@b",
        "y = W @ x.T + b",
        "y = W @ x.reshape(3, 1)",
        "loss = (A @ x.sum(axis=0)).mean()",
        "C = A@B.T",
        "y = W@x.reshape(3, 1)",
        "git clone git@github.com:moocnsi/td.git",
        "https://mastodon.social/@python et https://medium.com/@ada.lovelace",
        "pip install paquet@1.2.3",
        "0110011001 en binaire vaut 409",
        "x = 0b0110011001; y = 0x0612345678",
        "Le 01-02-2024 à 10:30, puis le 03/04/2025",
        "Le 01/02/2024 10:30, puis le 03.04.2025 14 h",
        "pi = 3.0612345678",
        "192.168.0.1 et 10.0.0.255/24",
        "[0, 1, 1, 2, 3, 5, 8, 13, 21, 34]",
        "ISBN 978-2-7298-6598-6",
        "x = 3 + 12345678901",
        "chmod 0644 fichier ; le code 06140 est celui de Vence",
        "Rendez-vous mercredi de 14 h à 17 h, salle 2",
    ],
)
def test_code_dates_and_links_pass(words: str) -> None:
    assert not has_email(words)
    assert not has_phone(words)


@given(st.text(LETTERS, min_size=1, max_size=8), st.text(LETTERS, min_size=1, max_size=8))
def test_no_decorator_and_no_product_is_an_address(left: str, right: str) -> None:
    for words in (f"@{left}", f"@{left}.{right}", f"{left} @ {right}.T", f"{left}@{right}"):
        assert not has_email(words)


@given(st.text("01", min_size=1, max_size=40), st.integers(0, 9_999))
def test_bits_and_small_numbers_are_no_telephone(bits: str, number: int) -> None:
    assert not has_phone(f"{bits} {number}")
    assert not has_phone(f"+{number}")
