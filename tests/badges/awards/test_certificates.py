"""The certificate: one sheet in two languages, a PDF/A-3 whose attachment is the signed badge."""

from __future__ import annotations

import hashlib
import io
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pikepdf
import pytest
import zxingcpp
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from badges.awards import certificates, files, rules
from badges.awards.certificate_words import Language
from badges.awards.models import Award
from badges.designs.colours import COLOURS
from badges.designs.frameworks import list_skills
from badges.designs.models import BadgePicture, Level
from badges.engine.verify import verify
from tests.support.badges import NOW, make_award, open_badges, settings_here
from tests.support.certificates import ENGLISH, WHEN, loose_award, picture_of, skills, words_of
from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.papers import spoken_by

# WeasyPrint leaves the closing of its own colour profile to the collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed file.*sRGB2014:ResourceWarning")


@pytest.fixture
def request_here(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield


def draw(award: Award, language: Language = "fr", *, for_team: bool = False) -> bytes:
    return certificates.compose(award, settings_here(), language, for_team=for_team).draw()


@pytest.mark.usefixtures("request_here")
def test_in_french_everything_is_french(tmp_path: Path) -> None:
    award = loose_award(level=Level.PRACTICE, valid_until=WHEN + timedelta(days=1000), **ENGLISH)
    data = draw(award)
    words = words_of(data, tmp_path)
    for said in ("ATTESTATION", "délivrée à", "Ada Lovelace", "Sait conduire une séance"):
        assert said in words
    assert re.search(r"20\s+novembre 2026", words)
    assert re.search(r"jusqu’au 16\s+août 2029", words)
    assert re.search(r"12\s+h\b", words)
    assert "Approfondissement" in words
    assert "Teaching" not in words
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert str(pdf.Root.Lang) == "fr"


@pytest.mark.usefixtures("request_here")
def test_in_english_it_takes_the_badges_english_words(tmp_path: Path) -> None:
    award = loose_award(level=Level.PRACTICE, hours=1200, **ENGLISH)
    data = draw(award, "en")
    words = words_of(data, tmp_path)
    for said in ("CERTIFICATE", "awarded to", "Teaching with Python", "Can lead a programming"):
        assert said in words
    assert re.search(r"20\s+November 2026", words)
    assert re.search(r"1,200\s+hours", words)
    assert "Intermediate" in words
    assert "for life" in words
    assert "Enseigner" not in words
    # What was written at the award stays in the words it was written in, and that is said.
    assert "A terminé le parcours" in words
    assert "in French, as written when the badge was awarded" in words
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert str(pdf.Root.Lang) == "en"


def test_a_badge_without_english_words_keeps_its_own_and_says_in_which_language(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.test_request_context():
        made = certificates.compose(
            loose_award(skills=skills("CRCN:3.4", "DIGCOMPEDU:6.5")), settings_here(), "en"
        )
        page = made._page(certificates.FITS[0])
    assert '<html lang="en">' in page
    assert '<h1 lang="fr">Enseigner SNT' in page
    assert '<ol class="steps" lang="fr">' in page
    assert re.search(r'lang="fr">CRCN 3.4', page)
    assert re.search(r'lang="en">DigCompEdu', page)


PLAIN = st.text(
    st.characters(codec="utf-8", categories=("L", "M", "N", "P", "S", "Zs")), max_size=300
)
LONG = st.sampled_from(["m", "W", "mot ", "Sait conduire une séance. ", "anticonstitutionnel"])


@st.composite
def awards(draw_: st.DrawFn) -> Award:
    """Awards with anything a form lets through, the longest included."""

    def text(most: int) -> str:
        if draw_(st.booleans()):
            return (draw_(LONG) * most)[: draw_(st.integers(1, most))]
        return draw_(PLAIN)[:most] or "?"

    grounds = [text(300) for _ in range(draw_(st.integers(0, 10)))]
    keys = [skill.key for skill in list_skills()]
    first = draw_(st.integers(0, len(keys) - 12))
    return loose_award(
        name=text(90),
        description=text(600),
        holder=text(120),
        grounds=grounds,
        skills=skills(*keys[first : first + draw_(st.integers(0, 12))]),
        colour=draw_(st.sampled_from(sorted(COLOURS))),
        level=draw_(st.sampled_from([None, *Level])),
        hours=draw_(st.none() | st.integers(1, 2000)),
        valid_months=draw_(st.none() | st.integers(1, 120)),
    )


@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(award=awards(), language=st.sampled_from(["fr", "en"]))
@pytest.mark.usefixtures("request_here")
def test_it_is_one_sheet_whatever_is_said(award: Award, language: Language) -> None:
    with pikepdf.open(io.BytesIO(draw(award, language))) as pdf:
        assert len(pdf.pages) == 1
        _x, _y, width, height = (float(side) for side in pdf.pages[0].MediaBox)
        assert (round(width), round(height)) == (842, 595)


@pytest.mark.usefixtures("request_here")
def test_what_does_not_fit_is_counted_and_left_to_the_badge(tmp_path: Path) -> None:
    award = loose_award(
        grounds=["mot " * 75] * 9, description="mot " * 150, skills=skills("CRCN:3.4") * 12
    )
    words = words_of(draw(award), tmp_path)
    assert re.search(r"et \d autres constats, écrits en entier dans le badge", words)


def walk(element: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """Every structure element, in the order it is read."""
    if isinstance(element, pikepdf.Array):
        for one in element:
            yield from walk(one)
    elif isinstance(element, pikepdf.Dictionary) and "/S" in element:
        yield element
        if "/K" in element:
            yield from walk(element.K)


@pytest.mark.usefixtures("request_here")
def test_it_is_a_tagged_pdf_a_3(tmp_path: Path) -> None:
    award = loose_award(grounds=["a", "b"], level=Level.EXPERTISE)
    with pikepdf.open(io.BytesIO(draw(award))) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        (intent,) = pdf.Root.OutputIntents
        assert intent.S == "/GTS_PDFA1"
        assert len(intent.DestOutputProfile.read_bytes()) > 1000
        metadata = pdf.open_metadata()
        assert metadata["pdfaid:part"] == "3"
        assert metadata["pdfaid:conformance"] == "A"
        assert metadata["dc:title"] == "Enseigner SNT\u00a0: Python, Ada Lovelace"
        assert str(pdf.docinfo.Title) == metadata["dc:title"]
        assert "/Encrypt" not in pdf.trailer
        assert "/ID" in pdf.trailer
        # WeasyPrint lists the one attachment twice.
        assert len({one.objgen for one in pdf.Root.AF}) == 1
        attached = pdf.Root.AF[0]
        assert attached.AFRelationship == "/Source"
        assert attached.UF == attached.F == "enseigner-snt-python.json"
        elements = list(walk(pdf.Root.StructTreeRoot.K))
        tags = [str(element.S) for element in elements]
        assert [tag for tag in tags if re.match(r"/H\d", tag)] == ["/H1", "/H2", "/H2"]
        figures = [element for element in elements if element.S == "/Figure"]
        assert [str(figure.Alt) for figure in figures] == [
            "Image du badge «\u202fEnseigner SNT\u00a0: Python\u202f»",
            "Code à lire avec un téléphone\u00a0: http://localhost/verifier",
        ]
        assert tags.count("/L") == 2
        for number in range(1, len(pdf.objects)):
            found = pdf.get_object(number, 0)
            if isinstance(found, pikepdf.Dictionary) and found.get("/Type") == "/FontDescriptor":
                assert "/FontFile2" in found or "/FontFile3" in found
            if isinstance(found, pikepdf.Dictionary):
                assert found.get("/S") not in ("/JavaScript", "/Launch", "/URI")


@pytest.mark.usefixtures("request_here")
def test_a_passage_in_another_language_is_told_to_who_hears_it(tmp_path: Path) -> None:
    award = loose_award(
        grounds=["a terminé", "a participé"] * 6,
        description="mot " * 150,
        skills=skills("CRCN:3.4", "DIGCOMPEDU:6.5", "CRCN:1.1"),
    )
    said = spoken_by(draw(award, "en"), tmp_path)
    assert {language for language, words in said if "mot mot" in words} == {"fr"}
    assert {language for language, words in said if words == "A terminé"} == {"fr"}
    assert {language for language, words in said if "Enseigner" in words} == {"fr"}
    skill = {words: language for language, words in said if re.match("CRCN|DigComp", words)}
    assert skill == {
        "CRCN 3.4 Programmer": "fr",
        "DigCompEdu 6.5 Problem solving": "en",
        "CRCN 1.1 Mener une recherche et une veille d’information": "fr",
    }
    assert ("en", "Skills") in said


def test_others_tools_take_the_credential_out_byte_for_byte_and_it_verifies(
    app: Flask, db: Session, make: Factory, tmp_path: Path
) -> None:
    award = make_award(db, make.user(), make.user("facilitator"), open_badges(db))
    paper = tmp_path / "attestation.pdf"
    with app.test_request_context():
        for language in ("fr", "en"):
            paper.write_bytes(files.make_pdf(award, settings_here(), language).data)
            out = tmp_path / f"{language}.json"
            subprocess.run(["pdfdetach", "-save", "1", "-o", out, paper], check=True)
            assert out.read_bytes() == award.credential.encode()
            for data in (out.read_bytes(), paper.read_bytes()):
                report = verify(data, fetch=None, now=NOW)
                assert report.check("proof").outcome == "passed"
    structure = subprocess.run(
        ["pdfinfo", "-struct-text", paper], capture_output=True, text=True, check=True
    ).stdout
    assert re.search(r"H1 \(block\)\s+Span \(inline\)\s+\"Enseigner SNT", structure)


@pytest.mark.usefixtures("request_here")
@pytest.mark.parametrize(
    ("shared", "for_team", "leads_to"),
    [
        (True, False, "http://localhost/credentials/00000000-0000-0000-0000-000000000007"),
        (False, False, "http://localhost/verifier"),
        (False, True, "http://localhost/credentials/00000000-0000-0000-0000-000000000007"),
    ],
)
def test_a_reader_of_codes_reads_where_it_leads(
    tmp_path: Path, shared: bool, for_team: bool, leads_to: str
) -> None:
    sheet = picture_of(draw(loose_award(shared=shared), for_team=for_team), tmp_path)
    (found,) = zxingcpp.read_barcodes(sheet)
    assert found.text == leads_to
    # A corner worn off: still read.
    x, y = found.position.bottom_right.x, found.position.bottom_right.y
    sheet.paste("white", (x - 18, y - 18, x + 4, y + 4))
    assert [code.text for code in zxingcpp.read_barcodes(sheet)] == [leads_to]


@pytest.mark.usefixtures("request_here")
def test_what_the_team_prints_of_a_private_badge_is_paper_alone(tmp_path: Path) -> None:
    award = loose_award(
        credential='{"identityHash": "sha256$secret", "issuer": {"name": "Tiers-lieu"}}'
    )
    data = draw(award, for_team=True)
    assert list(pikepdf.open(io.BytesIO(data)).attachments) == []
    (nothing, *_rest) = verify(data, fetch=None, now=NOW).checks
    assert (nothing.name, nothing.outcome) == ("read", "failed")
    words = " ".join(words_of(data, tmp_path).split())
    assert "dès que la personne" in words
    assert "joint à ce PDF" not in words
    shared = draw(loose_award(shared=True), for_team=True)
    assert list(pikepdf.open(io.BytesIO(shared)).attachments) == ["enseigner-snt-python.json"]


@pytest.mark.usefixtures("request_here")
def test_the_same_award_gives_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    award = loose_award(grounds=["a terminé", "a participé"], skills=skills("CRCN:3.4", "CRCN:1.1"))
    here = draw(award)
    assert here == draw(award)
    program = (
        "import hashlib\n"
        "from pathlib import Path\n"
        "from tests.support.certificates import loose_award, skills\n"
        "from badges.awards import certificates\n"
        "from tierslieu.app import create_app\n"
        "from tierslieu.settings import Settings\n"
        "import sys\n"
        "instance = Path(sys.argv[1])\n"
        "settings = Settings(instance=instance, database_url='sqlite://', base_url=sys.argv[2],\n"
        "    secret_key='s' * 40, place_name=sys.argv[3], mail_from='no-reply@example.org')\n"
        "award = loose_award(grounds=['a terminé', 'a participé'],"
        " skills=skills('CRCN:3.4', 'CRCN:1.1'))\n"
        "with create_app(settings, TESTING=True).test_request_context():\n"
        "    made = certificates.compose(award, settings).draw()\n"
        "print(hashlib.sha256(made).hexdigest())\n"
    )
    told = settings_here()
    there = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, tmp_path, told.base_url, told.place_name],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    assert there.stdout.strip() == hashlib.sha256(here).hexdigest()


def test_threads_that_draw_at_once_draw_the_same(app: Flask) -> None:
    awards = [loose_award(holder=name) for name in ("Ada", "Łukasz", "محمد", "Zoé")]

    def work(award: Award) -> bytes:
        with app.test_request_context():
            return draw(award)

    alone = [work(award) for award in awards]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(work, awards * 2)) == alone * 2


@pytest.mark.usefixtures("request_here")
def test_letters_that_no_font_has_leave_a_line_for_the_hand_and_no_box(tmp_path: Path) -> None:
    # Linear A: no font of a machine like this one has it.
    award = loose_award(holder="\U00010600\U00010601", description="Sait lire \U00010602 à vue.")
    data = draw(award)
    words = " ".join(words_of(data, tmp_path).split())
    assert "Nom à écrire à la main" in words
    assert "Sait lire à vue." in words
    assert "absents des polices" in words
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert "\U00010600" in pdf.open_metadata()["dc:title"]
    ours = " ".join(words_of(draw(loose_award()), tmp_path).split())
    assert "à la main" not in ours
    assert "absents" not in ours


@pytest.mark.usefixtures("request_here")
def test_a_picture_of_its_own_is_on_it(tmp_path: Path) -> None:
    red = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">'
        '<rect width="9" height="9" fill="#f00"/></svg>'
    )
    award = loose_award(own_picture=BadgePicture(svg=red, png=b""))
    sheet = picture_of(draw(award), tmp_path, dpi=72).convert("RGB")
    assert sheet.getpixel((130, 180)) == (255, 0, 0)


def test_the_holder_has_both_languages_and_is_not_sent_what_is_known(
    app: Flask, db: Session, make: Factory, client: LookingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = make.user()
    award = make_award(db, ada, make.user("facilitator"), open_badges(db))
    client.sign_in(ada)
    page = client.get(f"/mes-badges/{award.id}").get_data(as_text=True)
    links = re.findall(rf'href="/credentials/{award.id}\.pdf\?([^"]+)"', page)
    assert ["lang=en" in link for link in links] == [False, True]
    assert "le nom et la phrase du badge restent en français" in page  # it has no English words
    french = client.get(f"/credentials/{award.id}.pdf?telecharger=1")
    english = client.get(f"/credentials/{award.id}.pdf?telecharger=1&lang=en")
    assert (
        french.headers["Content-Disposition"] == 'attachment; filename="enseigner-snt-python.pdf"'
    )
    assert english.headers["Content-Disposition"].endswith('"enseigner-snt-python-en.pdf"')
    assert french.headers["ETag"] != english.headers["ETag"]
    assert client.get(f"/credentials/{award.id}.pdf?lang=de").status_code == 400
    monkeypatch.setattr(certificates.Certificate, "draw", lambda self: pytest.fail("drawn"))
    seen = {"If-None-Match": english.headers["ETag"]}
    again = client.get(f"/credentials/{award.id}.pdf?lang=en", headers=seen)
    assert again.status_code == 304
    assert again.data == b""
    monkeypatch.undo()
    rules.share(db, award.id, ada.id, now=NOW)
    db.commit()
    assert client.get(f"/credentials/{award.id}.pdf?lang=en", headers=seen).status_code == 200
