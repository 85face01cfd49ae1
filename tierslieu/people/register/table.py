"""The register as a table to keep or to hand to who controls (GDPR, article 30.4)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from flask_babel import gettext as _

from tierslieu.people.register.drawing import Entry
from tierslieu.web.sheets import BOM, DELIMITER, harmless


def write_register(entries: Iterable[Entry], place: str, contact: str) -> Iterator[str]:
    """The file, line by line: byte order mark, header, one record for each thing that is held."""
    yield BOM + _line(
        [
            _("responsable du traitement"),
            _("contact"),
            _("traitement"),
            _("finalité du traitement"),
            _("données"),
            _("pourquoi"),
            _("base légale"),
            _("durée"),
            _("tâches qui effacent"),
            _("personnes concernées"),
            _("destinataires"),
            _("transferts hors de l’Union européenne"),
            _("mesures de sécurité"),
        ]
    )
    for entry in entries:
        for held in entry.held:
            yield _line(
                [
                    place,
                    contact,
                    entry.treatment.title,
                    entry.treatment.purpose,
                    held.what,
                    held.why,
                    ", ".join(basis.label for basis in held.grounds),
                    held.how_long,
                    " ".join(held.swept_by),
                    ", ".join(entry.people),
                    entry.treatment.recipients,
                    _("aucun"),
                    entry.treatment.measures,
                ]
            )


def _line(cells: Sequence[object]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=DELIMITER, lineterminator="\r\n")
    writer.writerow([harmless(str(cell)) for cell in cells])
    return buffer.getvalue()
