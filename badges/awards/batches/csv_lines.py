"""A list of recipients as a spreadsheet saves it: French or English headers, any usual separator.

Text goes in and stays text: no cell is ever written into another spreadsheet, so a formula has
nowhere to be computed. Pages escape it, the mail and the signed file quote it.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from dataclasses import dataclass

from flask_babel import gettext as _

from tierslieu.errors import Refused
from tierslieu.people.addresses import BadAddress, normalise_email
from tierslieu.people.models import fold
from tierslieu.people.rules import check_name
from tierslieu.web.formats import number
from tierslieu.web.sheets import decode_sheet, sheet_refusal

MAX_BYTES = 2 * 1024 * 1024
MAX_LINES = 10_000
MAX_NOTE = 300  # characters
MAX_CELL = 10_000  # characters
MAX_WRITTEN = 254  # characters of an address kept as it stood: the longest there is (RFC 5321)

# The names of columns, folded to their letters.
COLUMNS = {
    "email": {
        "email", "mail", "courriel", "mel", "emailaddress", "mailaddress", "adresse", "address",
        "adresseemail", "adressemail", "adressecourriel", "adresseelectronique", "adressemel",
    },
    "name": {"nom", "name", "nomcomplet", "fullname", "nometprenom", "prenometnom", "nomprenom",
             "prenomnom", "displayname", "nomaffiche"},
    "first_name": {"prenom", "firstname", "givenname"},
    "last_name": {"nomdefamille", "lastname", "surname", "familyname", "nomdusage"},
    "note": {"note", "notes", "preuve", "preuves", "evidence", "commentaire", "comment",
             "remarque", "motif", "justificatif"},
}  # fmt: skip


@dataclass(frozen=True)
class CsvLine:
    """One recipient of the file. ``fault`` says, for people, why the line cannot be used."""

    position: int  # its line in the file, the first being 1
    written: str  # the address as it stands there
    email: str | None  # normalised; None where there is a fault
    name: str = ""
    note: str = ""
    times: int = 1  # how many lines of the file name this address
    fault: str = ""


@dataclass(frozen=True)
class _Header:
    """Which column is where, and how many there are."""

    places: dict[str, int]
    width: int

    def cell(self, row: list[str], kind: str) -> str:
        """What this row says of that; empty where it says nothing."""
        index = self.places.get(kind)
        return _tidy(row[index][:MAX_CELL]) if index is not None and index < len(row) else ""


def read_lines(data: bytes) -> list[CsvLine]:
    """The recipients of a CSV file, in its order, an address written twice once.

    Separators ``; ,`` tab, found from the header; UTF-8, UTF-16 with its mark, or Windows-1252.
    Raises :class:`Refused` (field ``file``) for a file that cannot be read as a whole; what is
    wrong with one line is said on that line.
    """
    header, rows = _find_rows(decode_sheet(data, most=MAX_BYTES))
    return _merge([_read(header, row, position) for position, row in rows])


def _letters(title: str) -> str:
    return re.sub(r"[^a-z]", "", fold(title))


def _read_header(row: list[str]) -> _Header | None:
    """The columns, the first of each kind; None where none holds addresses."""
    found: dict[str, int] = {}
    for index, title in enumerate(row):
        letters = _letters(title)
        for kind, names in COLUMNS.items():
            if letters in names:
                found.setdefault(kind, index)
    return _Header(found, len(row)) if "email" in found else None


def _find_rows(text: str) -> tuple[_Header, list[tuple[int, list[str]]]]:
    """The columns, and each row that holds something with its line in the file."""
    skipped = 0
    if re.match(r"sep=[;,\t]\r?\n", text):  # a spreadsheet's own hint
        text, skipped = text.partition("\n")[2], 1
    for separator in (";", ",", "\t"):
        header, rows = _parse(text, separator, skipped)
        if header is not None:
            break
    else:
        raise sheet_refusal(
            _(
                "Aucune colonne d’adresses n’a été trouvée : la première ligne du fichier doit "
                "nommer les colonnes, dont « e-mail »."
            ),
            "csv_no_email",
        )
    if not rows:
        raise sheet_refusal(_("Ce fichier ne nomme personne : il n’a qu’un titre."), "csv_nobody")
    if len(rows) > MAX_LINES:
        raise sheet_refusal(
            _(
                "Ce fichier a %(count)s lignes, alors que 10 000 sont possibles : coupez-le en "
                "plusieurs.",
                count=number(len(rows)),
            ),
            "csv_too_long",
        )
    return header, rows


def _parse(
    text: str, separator: str, skipped: int
) -> tuple[_Header | None, list[tuple[int, list[str]]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    header: _Header | None = None
    rows: list[tuple[int, list[str]]] = []
    begins = 1 + skipped
    try:
        for row in reader:
            # Where a quoted cell holds a line break, the row is known by its first line.
            position, begins = begins, reader.line_num + 1 + skipped
            if not any(cell.strip() for cell in row):
                continue
            if header is not None:
                rows.append((position, _trim(row, header.width)))
                continue
            header = _read_header(row)
            if header is None:
                break
    except csv.Error:
        if header is None:
            return None, []
        raise sheet_refusal(
            _(
                "La ligne %(line)s ne se lit pas : un guillemet y est ouvert sans être fermé, ou "
                "une case est démesurée. Corrigez-la, puis réessayez.",
                line=begins,
            ),
            "csv_broken",
        ) from None
    return header, rows


def _trim(row: list[str], width: int) -> list[str]:
    """Without the empty cells that some spreadsheets leave at the end of a line."""
    while len(row) > width and not row[-1].strip():
        row = row[:-1]
    return row


def _tidy(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _read(header: _Header, row: list[str], position: int) -> CsvLine:
    written = header.cell(row, "email")
    line = CsvLine(position, written[:MAX_WRITTEN], None)
    if len(row) > header.width:
        return _faulty(line, _("il y a plus de cases que de colonnes"))
    try:
        email = normalise_email(written)
    except BadAddress:
        return _faulty(line, _fault_of_address(written))
    try:
        name = _read_name(header, row)
    except Refused as refused:
        return _faulty(line, refused.message)
    note = header.cell(row, "note")
    if len(note) > MAX_NOTE:
        return _faulty(
            line, _("la note est trop longue : %(count)s caractères au plus", count=MAX_NOTE)
        )
    if any(unicodedata.category(c) in ("Cc", "Cs") for c in note):
        return _faulty(line, _("la note contient un caractère invisible"))
    return CsvLine(position, line.written, email, name, note)


def _read_name(header: _Header, row: list[str]) -> str:
    """The name as a badge may bear it; a given name beside a family name makes one of them."""
    family = header.cell(row, "last_name") or header.cell(row, "name")
    name = f"{header.cell(row, 'first_name')} {family}".strip()
    return check_name(name) if name else ""


def _faulty(line: CsvLine, fault: str) -> CsvLine:
    return CsvLine(line.position, line.written, None, fault=str(fault))


def _fault_of_address(written: str) -> str:
    if not written:
        return str(_("la case de l’adresse est vide"))
    if "@" not in written:
        return str(_("il manque le « @ »"))
    if re.search(r"[,;/\s]", written):
        return str(_("il y a plus d’une adresse, ou une espace dans l’adresse"))
    if re.search(r"[^\x00-\x7f]", written.partition("@")[0]):
        return str(_("il y a un accent devant le « @ »"))
    return str(_("l’adresse n’est pas complète : il faudrait prenom@exemple.fr"))


def _merge(lines: list[CsvLine]) -> list[CsvLine]:
    """Each address once, where it stands first; a later line adds what the first leaves out."""
    places: dict[str, int] = {}
    merged: list[CsvLine] = []
    for line in lines:
        if line.email is None or line.email not in places:
            if line.email is not None:
                places[line.email] = len(merged)
            merged.append(line)
            continue
        first = merged[places[line.email]]
        merged[places[line.email]] = CsvLine(
            first.position,
            first.written,
            first.email,
            first.name or line.name,
            first.note or line.note,
            first.times + 1,
        )
    return merged
