"""Addresses nobody means: they lead nowhere, and never to a fault of ours."""

from __future__ import annotations

import pytest

from tests.support.client import LookingClient
from tests.support.factories import Factory

pytestmark = pytest.mark.both_databases


@pytest.mark.parametrize(
    "address",
    [
        "/parcours/a%00b",
        "/badges/a%00b",
        "/badges/a%00b.png",
        "/questionnaire/a%00b",
        "/agenda/%00aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.ics",
    ],
)
def test_a_nul_in_an_address_leads_nowhere(
    client: LookingClient, make: Factory, address: str
) -> None:
    response = client.sign_in(make.user("facilitator")).get(address)
    assert response.status_code == 404
    assert "Cette page n’existe pas" in response.text


def test_a_nul_in_a_filter_is_no_filter(client: LookingClient, make: Factory) -> None:
    client.sign_in(make.user("facilitator"))
    for address in ("/retours?parcours=%00", "/agenda?parcours=%00", "/parcours?public=%00"):
        assert client.get(address).status_code == 200, address


def test_what_a_form_is_sent_to_is_no_page_and_says_so_to_who_opens_it_again(
    client: LookingClient, make: Factory
) -> None:
    answer = client.sign_in(make.user()).get("/deconnexion")
    assert answer.status_code == 405
    assert answer.headers["Allow"]
    assert "elle ne s’ouvre pas comme une page" in answer.text
    assert "quelqu’un d’autre a pu passer" not in answer.text
