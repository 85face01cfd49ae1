"""What the sections of the place are called."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from tierslieu.place.said import Section

SECTION_LABELS = {
    Section.IDENTITY: _l("Nom, présentation et contact"),
    Section.SITES: _l("Adresses"),
    Section.HOURS: _l("Heures et jours fermés"),
    Section.PARTS: _l("Parties de la maison"),
    Section.COLOURS: _l("Couleurs"),
    Section.LOGO: _l("Logo"),
}
