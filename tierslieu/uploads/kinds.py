"""What a file is, told by its content. A name proves nothing; it only has to agree."""

from __future__ import annotations

import io
import json
import unicodedata
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath

MAX_NAME = 120  # characters
MAX_ENTRIES = 5000  # in an archive; a long document has some hundreds


def _is_text(data: bytes) -> bool:
    if b"\0" in data:
        return False
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return not any(unicodedata.category(c) == "Cc" and c not in "\n\r\t\f" for c in text)
    return False


def _is_notebook(data: bytes) -> bool:
    try:
        notebook = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return False
    return (
        isinstance(notebook, dict)
        and isinstance(notebook.get("cells"), list)
        and "nbformat" in notebook
    )


def _open_zip(data: bytes) -> zipfile.ZipFile | None:
    # Counted first, by the mark of each entry in the directory (APPNOTE 4.3.12): to open an archive
    # of a hundred thousand empty files holds the server up for seconds.
    if data.count(b"PK\x01\x02") > MAX_ENTRIES:
        return None
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return None


def _is_docx(data: bytes) -> bool:
    # Office Open XML, ECMA-376 part 2: a package lists its parts in [Content_Types].xml. Macros
    # make it another kind of file, which nobody needs here.
    archive = _open_zip(data)
    if archive is None:
        return False
    names = set(archive.namelist())
    return {"[Content_Types].xml", "word/document.xml"} <= names and not any(
        name.lower().endswith("vbaproject.bin") for name in names
    )


def _is_odt(data: bytes) -> bool:
    # OpenDocument 1.3 part 2, §3.3: the first entry is "mimetype", stored, at a fixed offset.
    return data[:4] == b"PK\x03\x04" and data[30:].startswith(
        b"mimetypeapplication/vnd.oasis.opendocument.text"
    )


@dataclass(frozen=True)
class Kind:
    """A kind of file that may be handed in."""

    media_type: str
    label: str
    matches: Callable[[bytes], bool]


_JPEG = Kind("image/jpeg", "JPEG", lambda data: data.startswith(b"\xff\xd8\xff"))
KINDS: dict[str, Kind] = {
    ".pdf": Kind("application/pdf", "PDF", lambda data: data.startswith(b"%PDF-")),
    ".png": Kind("image/png", "PNG", lambda data: data.startswith(b"\x89PNG\r\n\x1a\n")),
    ".jpg": _JPEG,
    ".jpeg": _JPEG,
    ".txt": Kind("text/plain", "texte", _is_text),
    ".csv": Kind("text/csv", "CSV", _is_text),
    ".py": Kind("text/x-python", "Python", _is_text),
    ".ipynb": Kind("application/x-ipynb+json", "carnet Jupyter", _is_notebook),
    ".odt": Kind("application/vnd.oasis.opendocument.text", "OpenDocument", _is_odt),
    ".docx": Kind(
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "Word", _is_docx
    ),
}


def suffix_of(filename: str) -> str:
    """The end of the name that says what the file claims to be: ``.pdf``."""
    return PurePosixPath(filename).suffix.lower()


def clean_name(filename: str) -> str:
    """The name as it may be shown and offered for download: no folder, nothing invisible.

    Characters that turn the reading direction go too: they make ``exe`` look like ``pdf``.
    """
    name = PureWindowsPath(PurePosixPath(filename).name).name
    name = unicodedata.normalize("NFC", name)
    name = "".join(c for c in name if unicodedata.category(c)[0] != "C")
    name = " ".join(name.split()).strip(" .")  # one kind of space, and no line in a name
    stem, suffix = PurePosixPath(name).stem, PurePosixPath(name).suffix
    return stem[: MAX_NAME - len(suffix)] + suffix
