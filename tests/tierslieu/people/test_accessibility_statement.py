"""The accessibility statement: each part the law asks for, the contact, the status on each page."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from tests.support.client import LookingClient

# The parts of the model statement of RGAA 4.1, in its order.
PARTS = [
    "À quoi s’applique cette déclaration",
    "État de conformité",
    "Résultats des tests",
    "Contenus non accessibles",
    "Non-conformités",
    "Dérogations pour charge disproportionnée",
    "Contenus non soumis à l’obligation",
    "Établissement de cette déclaration",
    "Technologies",
    "Environnement de test",
    "Outils",
    "Pages vérifiées",
    "Retour d’information et contact",
    "Voies de recours",
]


def test_the_statement_has_each_part_the_law_asks_for_in_its_order(client: LookingClient) -> None:
    page = client.get("/accessibilite").text
    assert re.findall(r"<h[23]>(.*?)</h[23]>", page) == PARTS
    assert "article 47 de la loi nº 2005-102" in page
    assert "non conforme au référentiel général" in page
    assert "28\u00a0novembre\u00a02026" in page
    assert 'href="mailto:equipe@lieu.example"' in page.split("Retour d’information")[1]
    redress = page.split("Voies de recours")[1]
    for way in (
        "https://formulaire.defenseurdesdroits.fr/",
        "https://www.defenseurdesdroits.fr/saisir/delegues",
        "tel:+33969390000",
        "Libre réponse 71120, 75342 Paris CEDEX 07",
    ):
        assert way in redress


def test_the_pages_named_as_checked_open(client: LookingClient) -> None:
    page = client.get("/accessibilite").text.split("Pages vérifiées")[1].split("</section>")[0]
    addresses = re.findall(r'href="(.*?)"', page)
    assert len(addresses) >= 10
    assert [client.get(address).status_code for address in addresses] == [200] * len(addresses)


def test_a_place_without_an_address_says_how_to_reach_it_on_the_spot(
    client: LookingClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = "demandez sur place, à l’accueil"
    assert here not in client.get("/accessibilite").text
    asked = app.template_context_processors
    monkeypatch.setitem(asked, None, [*asked[None], lambda: {"contact": ""}])
    page = client.get("/accessibilite").text
    assert here in page
    assert "mailto:" not in page


def test_every_page_says_the_status_in_its_foot(client: LookingClient) -> None:
    for address in ("/", "/login", "/nulle-part"):
        foot = client.get(address).text.split("<footer")[1]
        assert '<a href="/accessibilite">Accessibilité\u00a0: non conforme</a>' in foot, address
