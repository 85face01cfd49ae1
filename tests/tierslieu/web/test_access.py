"""Whose session ended while a page asks for a part of itself."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.client import LookingClient
from tests.support.factories import Factory

PROGRESS = [
    "/attributions/00000000-0000-4000-8000-000000000000/avancement",
    "/attestations/00000000-0000-4000-8000-000000000000/avancement",
]


def ask(client: LookingClient, address: str, page: str) -> tuple[int, str, str]:
    """The status, where htmx goes, and what would be put into the page."""
    headers = {"HX-Request": "true", "HX-Current-URL": page}
    answer = client.get(address, headers=headers)
    return answer.status_code, answer.headers.get("HX-Redirect", ""), answer.get_data(as_text=True)


@pytest.mark.parametrize("address", PROGRESS)
def test_the_whole_page_goes_to_sign_in_and_comes_back_to_itself(
    client: LookingClient, address: str
) -> None:
    page = address.removesuffix("/avancement")
    status, goes_to, shown = ask(client, address, f"http://localhost{page}")
    assert (status, shown) == (401, "")
    assert urlsplit(goes_to).path == "/login"
    assert parse_qs(urlsplit(goes_to).query) == {"next": [page]}
    assert "Votre session est terminée" in client.get(goes_to).get_data(as_text=True)


def test_it_comes_back_to_no_page_of_somebody_else(client: LookingClient) -> None:
    for page in ("https://ailleurs.example/piege", "", "//ailleurs.example/"):
        assert ask(client, PROGRESS[0], page)[:2] == (401, "/login")


def test_without_scripts_and_for_who_is_signed_in_nothing_changes(
    make: Factory, client: LookingClient
) -> None:
    answer = client.get(PROGRESS[0])
    assert answer.status_code == 302
    assert urlsplit(answer.headers["Location"]).path == "/login"
    client.sign_in(make.user("facilitator"))
    assert ask(client, PROGRESS[0], "http://localhost/")[:2] == (404, "")
