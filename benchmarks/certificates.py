"""Certificates a second: naive, as they are drawn here, and WeasyPrint's bare floor, in one run.

The same award each time under another name, one process. ``bare`` is WeasyPrint on a sheet with
one heading in one of our fonts, PDF/A-3a, the same file attached: what no certificate can be under.
``naive`` is the same page with everything made anew for each document: fonts found, variable fonts
cut, style read. ``two processes`` draws in two at once. Seconds are those of the processor, except
there.

    python -m benchmarks.certificates [--count 60] [--json]
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from badges.awards import certificates
from badges.awards.certificate_drawing import STATIC, STYLE
from badges.awards.models import Award, Sharing
from badges.designs.models import BadgeClass, BadgeSkill
from tierslieu.app import create_app
from tierslieu.settings import Settings

_VARIABLE = (
    ("Bricolage Grotesque", "bricolage-grotesque-latin-wght-normal"),
    ("Bricolage Grotesque Extended", "bricolage-grotesque-latin-ext-wght-normal"),
    ("Atkinson Hyperlegible Next", "atkinson-hyperlegible-next-latin-wght-normal"),
    ("Atkinson Hyperlegible Next Extended", "atkinson-hyperlegible-next-latin-ext-wght-normal"),
    ("Narrow Space", "narrow-space"),
)
WHEN = datetime(2026, 11, 20, 10, tzinfo=UTC)


def _award(number: int) -> Award:
    badge = BadgeClass(
        slug="snt", name="Enseigner SNT : Python", name_en="", description_en="", text="",
        description="Sait conduire une séance de programmation en Seconde.", hours=12,
        shape="hexagon", colour="mer", icon="code", ground="", mark="", valid_months=36,
        skills=[BadgeSkill(position=0, framework="CRCN", framework_name="CRCN", code="3.4",
                           name="Programmer", url="https://example.org")],
    )  # fmt: skip
    return Award(
        id=uuid4(), badge=badge, holder_name=f"Personne numéro {number}",
        awarded_at=WHEN, is_named=True,
        grounds=["a terminé le parcours « SNT »", "a participé à 4 demi-journées"],
        sharing=Sharing.LINK, credential=json.dumps({"id": str(number), "pad": "x" * 3500}),
    )  # fmt: skip


def _settings(instance: Path) -> Settings:
    return Settings(
        instance=instance, database_url="sqlite://", base_url="https://lieu.example.org",
        secret_key="only-for-the-bench" * 3, place_name="Lieu", mail_from="no-reply@example.org",
    )  # fmt: skip


def _draw(number: int, settings: Settings) -> None:
    certificates.compose(_award(number), settings).draw()


def _naive(number: int, settings: Settings) -> None:
    import weasyprint
    from weasyprint.text.fonts import FontConfiguration

    made = certificates.compose(_award(number), settings)
    faces = "".join(
        f'@font-face{{font-family:"{family}";font-weight:200 800;src:url("../fonts/{name}.woff2")}}'
        for family, name in _VARIABLE
    )
    fonts = FontConfiguration()
    style = weasyprint.CSS(
        string=faces + STYLE.read_text("utf-8"),
        base_url=f"{STATIC.as_uri()}/css/",
        font_config=fonts,
    )
    page = weasyprint.HTML(string=made._page(certificates.FITS[0]))
    page.write_pdf(
        stylesheets=[style], font_config=fonts, pdf_variant="pdf/a-3a", attachments=_attached()
    )


def _bare_maker() -> Callable[[int, Settings], None]:
    import weasyprint
    from weasyprint.text.fonts import FontConfiguration

    fonts = FontConfiguration()
    style = weasyprint.CSS(
        string='@font-face{font-family:"A";src:url("../fonts/bricolage-grotesque-latin-700.woff2")}'
        'h1{font-family:"A"}',
        base_url=f"{STATIC.as_uri()}/css/",
        font_config=fonts,
    )

    def bare(number: int, settings: Settings) -> None:
        page = weasyprint.HTML(string=f"<html lang=fr><title>A</title><h1>Personne {number}</h1>")
        page.write_pdf(
            stylesheets=[style], font_config=fonts, pdf_variant="pdf/a-3a", attachments=_attached()
        )

    return bare


def _attached() -> list[object]:
    import weasyprint

    return [weasyprint.Attachment(string=b"x" * 3500, name="a.json", relationship="Source")]


def _many(count: int, folder: str) -> float:
    settings = _settings(Path(folder))
    with create_app(settings, TESTING=True).test_request_context():
        _draw(0, settings)
        began = time.perf_counter()
        for number in range(count):
            _draw(number, settings)
        return time.perf_counter() - began


def measure(count: int) -> dict[str, float]:
    """Certificates a second of each way."""
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        settings = _settings(Path(folder))
        with create_app(settings, TESTING=True).test_request_context():
            ways: dict[str, tuple[Callable[[int, Settings], None], int]] = {
                "bare": (_bare_maker(), count),
                "naive": (_naive, max(5, count // 8)),
                "ours": (_draw, count),
            }
            for name, (draw, times) in ways.items():
                draw(0, settings)
                began = time.process_time()
                for number in range(times):
                    draw(number, settings)
                found[name] = times / (time.process_time() - began)
        with multiprocessing.get_context("spawn").Pool(2) as pool:
            one = pool.apply(_many, (count, folder))
            two = max(pool.starmap(_many, [(count, folder)] * 2))
        found["two processes, times one"] = 2 * one / two
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--json", action="store_true", help="for scripts")
    wanted = parser.parse_args()
    found = measure(wanted.count)
    if wanted.json:
        print(json.dumps(found))
        return
    print("| way | a second | ms each |\n| --- | ---: | ---: |")
    for way in ("bare", "naive", "ours"):
        print(f"| {way} | {found[way]:.1f} | {1000 / found[way]:.0f} |")
    print(f"\ntwo processes: {found['two processes, times one']:.2f} times one")


if __name__ == "__main__":
    main()
