"""A file too large to be a badge is answered at once."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import quote

import pytest

from tests.support.client import LookingClient

JSON = {"Accept": "application/json"}
TEN_MEGABYTES = 10 * 1024 * 1024


def hand_in(client: LookingClient, data: bytes, name: str) -> Any:
    """Post a big file. Encoded here: the test client would leave a temporary file open."""
    head = f'--b\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    body = head.encode() + data + b"\r\n--b--\r\n"
    return client.post("/verifier", data=body, content_type="multipart/form-data; boundary=b")


@pytest.mark.parametrize("filler", [b"x", b"[", b'{"a":'])
def test_ten_megabytes_are_answered_at_once(client: LookingClient, filler: bytes) -> None:
    big = (filler * (TEN_MEGABYTES // len(filler) + 1))[:TEN_MEGABYTES]
    form = b"text=" + quote(big).encode()
    urlencoded = "application/x-www-form-urlencoded"
    started = time.perf_counter()
    page = hand_in(client, big, "gros.json")
    raw = client.post("/verify", data=big, content_type="application/json")
    typed = client.post("/verify", data=form, content_type=urlencoded, headers=JSON)
    took = time.perf_counter() - started
    assert page.status_code == 422
    assert "trop gros" in page.get_data(as_text=True)
    assert raw.status_code == 413
    assert "trop gros" in raw.json["checks"][0]["message"]
    assert "trop gros" in typed.json["checks"][0]["message"]
    assert took < 3, "all three; 0.4 s on a quiet machine"


def test_more_than_the_house_takes_is_refused_with_the_same_sentence(
    client: LookingClient,
) -> None:
    big = b"x" * (13 * 1024 * 1024)
    raw = client.post("/verify", data=big, content_type="application/json")
    assert raw.status_code == 413
    assert raw.json["outcome"] == "invalid"
    page = hand_in(client, big, "gros.png")
    assert page.status_code == 413
    assert "trop gros" in page.get_data(as_text=True)
