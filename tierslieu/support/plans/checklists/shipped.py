"""The aims and checklists that come with the house, for a place to complete.

Facts and official addresses only. No date is given: calendars change each year, so the place fills
them in, and says who verified them and when. Addresses seen on: the ministry's pages on becoming a
teacher (devenirenseignant.gouv.fr) and the public portal of VAE (vae.gouv.fr).
"""

from __future__ import annotations

AIMS = (
    "Enseigner SNT ou NSI",
    "Préparer le CAPES NSI, concours externe",
    "Préparer le CAPES NSI, troisième concours",
    "Préparer l’agrégation d’informatique",
    "Suivre le DIU « Enseigner l’informatique au lycée »",
    "Obtenir un diplôme par la VAE",
    "Me remettre à niveau",
)

TEACH = "https://www.devenirenseignant.gouv.fr/"
VAE = "https://vae.gouv.fr/"

_Item = tuple[str, str]  # what to do, where
_Competition: tuple[_Item, ...] = (
    ("Lire les conditions d’inscription : diplôme, situation, concours ouverts cette année", TEACH),
    ("Relever les dates d’inscription et des épreuves de la session", TEACH),
    ("S’inscrire en ligne et garder le récapitulatif", TEACH),
    ("Rassembler et envoyer les pièces demandées", ""),
    ("Lire le programme, et les rapports du jury des années passées", TEACH),
    ("Passer les épreuves écrites d’admissibilité", ""),
    ("Passer les épreuves orales d’admission", ""),
)

# key, title, what it is in a sentence, official page, items
CHECKLISTS: tuple[tuple[str, str, str, str, tuple[_Item, ...]], ...] = (
    (
        "capes-nsi",
        "CAPES NSI : s’inscrire et se présenter",
        "Le concours pour enseigner numérique et sciences informatiques. Selon son parcours, on "
        "se présente au concours externe ou au troisième concours.",
        TEACH,
        (
            (
                "Choisir entre le concours externe et le troisième concours, selon mon parcours",
                TEACH,
            ),
            *_Competition,
        ),
    ),
    (
        "agregation-informatique",
        "Agrégation d’informatique : s’inscrire et se présenter",
        "Le concours pour enseigner l’informatique au lycée et en classes préparatoires.",
        TEACH,
        _Competition,
    ),
    (
        "diu-eil",
        "DIU « Enseigner l’informatique au lycée »",
        "Un diplôme interuniversitaire pour les personnes qui enseignent déjà et veulent "
        "enseigner l’informatique. Chaque université a son calendrier.",
        "",
        (
            ("Trouver l’université qui le propose, et vérifier qu’il ouvre cette année", ""),
            ("Demander au rectorat comment s’inscrire et qui finance", ""),
            ("Déposer la candidature", ""),
            ("Suivre les enseignements et rendre les travaux demandés", ""),
            ("Passer les évaluations", ""),
        ),
    ),
    (
        "vae",
        "Un diplôme par la VAE",
        "La validation des acquis de l’expérience : faire reconnaître par un diplôme ce que l’on "
        "sait déjà faire.",
        VAE,
        (
            ("Choisir le diplôme dont les activités ressemblent à mon expérience", VAE),
            ("Choisir un parcours accompagné ou en autonomie, et voir comment le financer", VAE),
            ("Déposer ma candidature sur le portail France VAE", VAE),
            ("Remplir et envoyer le dossier de faisabilité", VAE),
            ("Recevoir la réponse sur la recevabilité", ""),
            ("Écrire le dossier de validation, avec l’accompagnement si je l’ai choisi", ""),
            ("Passer devant le jury", ""),
            ("Si la validation est partielle, décider de la suite", ""),
        ),
    ),
)
