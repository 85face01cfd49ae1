"""A picture of one's own for a badge: what is taken, and the sentences for what is not."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from flask_babel import gettext as _

from badges.designs import png_cleaning, svg_cleaning
from badges.designs.pictures import to_png
from badges.engine import png
from badges.engine.errors import MalformedError
from tierslieu.errors import Refused
from tierslieu.web.formats import quoted

FIELD = "own_file"


@dataclass(frozen=True)
class OwnPicture:
    """A cleaned picture: its SVG if it came as one, its pixels in any case.

    ``left_out``: the names of what the file draws and could not be kept.
    """

    svg: str | None
    png: bytes
    left_out: tuple[str, ...] = ()

    @property
    def source(self) -> bytes:
        """What was kept of the file handed in."""
        return self.png if self.svg is None else self.svg.encode()

    @property
    def address(self) -> str:
        """It, as an address that a page of ours may show."""
        kind = "png" if self.svg is None else "svg+xml"
        return f"data:image/{kind};base64,{base64.b64encode(self.source).decode()}"


def left_out_words(picture: OwnPicture) -> str:
    """What could not be kept of the file, in words."""
    known = {
        "text": _("les textes"),
        "image": _("les images incorporées"),
        "use": _("les copies d’objets"),
        "filter": _("les effets"),
        "pattern": _("les motifs"),
        "mask": _("les masques"),
    }
    names = (known.get(name, quoted(name)) for name in picture.left_out)
    return ", ".join(str(name) for name in names)


def clean_picture(data: bytes) -> OwnPicture:
    """The harmless form of a file handed in. Raises :class:`Refused` with what to do about it."""
    if data.startswith(png.SIGNATURE):
        return OwnPicture(None, _clean_png(data))
    if data[:200].removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<") or data[:4] in (
        b"\xff\xfe<\0",
        b"\xfe\xff\0<",
    ):
        return _clean_svg(data)
    raise _refused(_("Cette image n’est ni en SVG ni en PNG. Enregistrez-la dans l’un des deux."))


def _clean_png(data: bytes) -> bytes:
    if len(data) > png_cleaning.MAX_BYTES:
        raise _refused(_("Cette image pèse plus d’un mégaoctet. Enregistrez-la plus petite."))
    try:
        return png_cleaning.clean_png(data)
    except png_cleaning.WrongSize as wrong:
        raise _refused(
            _(
                "Cette image fait %(width)s × %(height)s pixels. Il en faut une à peu près carrée, "
                "de %(least)s à %(most)s pixels de côté.",
                width=wrong.width,
                height=wrong.height,
                least=png_cleaning.LEAST_SIDE,
                most=png_cleaning.MOST_SIDE,
            )
        ) from None
    except MalformedError:
        raise _refused(
            _("Ce fichier PNG est abîmé. Ouvrez l’image et enregistrez-la de nouveau.")
        ) from None


def _clean_svg(data: bytes) -> OwnPicture:
    try:
        cleaned = svg_cleaning.clean_svg(data)
        pixels = to_png(cleaned.svg)
    except svg_cleaning.NotDrawable as error:
        raise refuse_svg(error.code) from None
    except ValueError:
        raise refuse_svg("not_svg") from None
    if png_cleaning.shows_nothing(pixels):
        raise refuse_svg("empty")
    return OwnPicture(cleaned.svg, pixels, tuple(cleaned.left_out))


def _why(code: str) -> str:
    if code == "too_large":
        return str(_("Ce dessin SVG pèse plus de 100 kilooctets. Simplifiez-le, ou prenez un PNG."))
    if code == "too_complex":
        return str(_("Ce dessin SVG est trop chargé. Simplifiez-le, ou enregistrez-le en PNG."))
    if code == "entities":
        return str(
            _(
                "Ce fichier SVG contient des déclarations que nous n’ouvrons pas. "
                "Enregistrez-le en « SVG simple »."
            )
        )
    if code == "no_size":
        return str(_("Ce dessin SVG ne dit pas sa taille. Enregistrez-le avec une « viewBox »."))
    if code == "empty":
        return str(
            _(
                "De ce dessin SVG, il ne reste rien à voir une fois nettoyé. Convertissez les "
                "textes et les objets en tracés, ou enregistrez-le en PNG."
            )
        )
    if code == "left_out":
        return str(
            _(
                "Ce dessin SVG contient des textes, des images ou des effets qui ne peuvent être "
                "gardés. Convertissez-les en tracés, ou enregistrez-le en PNG."
            )
        )
    return str(_("Ce fichier n’est pas un dessin SVG lisible. Enregistrez-le de nouveau."))


def refuse_svg(code: str, field: str = FIELD) -> Refused:
    """The refusal of an SVG, by what :class:`svg_cleaning.NotDrawable` calls it (or ``left_out``),
    beside that field."""
    return _refused(_why(code), field)


def _refused(message: str, field: str = FIELD) -> Refused:
    return Refused(message, code="picture_refused", field=field, status=422)
