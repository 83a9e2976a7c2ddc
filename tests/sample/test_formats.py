"""Each file is what it says, read back by libraries that did not write it; those that lie or are damaged do so."""

import io
import re
import zipfile
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from iimm_pipelines.sample import letters
from iimm_pipelines.sample.make import PDF_PASSWORD, ZIP_PASSWORD
from iimm_pipelines.sample.searches import SEARCHES

RABBIT = Path(__file__).resolve().parents[2] / ".." / "shared" / "burmese" / "rabbit" / "zg2uni.json"
PLACES = Path(__file__).resolve().parents[2] / ".." / "shared" / "burmese" / "geography" / "mimu96_places.tsv"


def test_zawgyi_is_detected_in_each_file_and_in_the_search(sample: Path) -> None:
    from myanmartools import ZawgyiDetector

    detector = ZawgyiDetector()
    texts = [path.read_text(encoding="utf-8") for path in (sample / "accession-1" / "zawgyi").iterdir()]
    texts += [next(search.query for search in SEARCHES if search.id == "zawgyi")]
    assert len(texts) == 4
    assert all(detector.get_zawgyi_probability(text) > 0.95 for text in texts)
    assert detector.get_zawgyi_probability(letters.COMPLAINT) < 0.05


def test_zawgyi_says_what_stands_beside_it() -> None:
    if not RABBIT.is_file():
        pytest.skip("the conversion rules used for comparison are not here")
    import json

    rules = json.loads(RABBIT.read_text(encoding="utf-8"))
    queries = {search.id: search.query for search in SEARCHES}
    for reading, zawgyi in [*letters.ZAWGYI, (queries["burmese"], queries["zawgyi"])]:
        for rule in rules:
            zawgyi = re.sub(rule["from"], re.sub(r"\$(\d)", r"\\\1", rule["to"]), zawgyi)
        assert zawgyi == reading


def test_the_place_stands_in_the_gazetteer() -> None:
    if not PLACES.is_file():
        pytest.skip("the gazetteer used for comparison is not here")
    rows = [line.split("\t") for line in PLACES.read_text(encoding="utf-8").splitlines()]
    assert ("MMR005005701", "ခင်ဦး") in {(row[1], row[3]) for row in rows if row[2] == "Khin-U Town"}
    townships = {row[5]: row[4] for row in rows}
    assert all(townships[str(row[1])] == row[2] for row in letters.INCIDENTS[1:] if row[1] != "မုံရွာ")


def test_the_encrypted_zip_opens_with_its_password_only(sample: Path) -> None:
    with zipfile.ZipFile(sample / "accession-1" / "locked" / "papers.zip") as archive:
        with pytest.raises(RuntimeError, match="password required"):
            archive.read("list.txt")
        with pytest.raises(RuntimeError, match="Bad password"):
            archive.read("list.txt", pwd=b"not-this-one")
        assert archive.read("list.txt", pwd=ZIP_PASSWORD).decode().splitlines() == list(letters.LOCKED_REPORT)
    assert ZIP_PASSWORD in (sample / "accession-2.passwords").read_bytes().splitlines()


@pytest.mark.parametrize("bits", [40, 128])
def test_the_encrypted_pdf_opens_with_its_password_only(sample: Path, bits: int) -> None:
    import pypdfium2

    path = sample / "accession-1" / "locked" / f"stock-{bits}.pdf"
    with pytest.raises(pypdfium2.PdfiumError, match="password"):
        pypdfium2.PdfDocument(path)
    document = pypdfium2.PdfDocument(path, password=PDF_PASSWORD.decode())
    assert document[0].get_textpage().get_text_bounded().splitlines() == list(letters.LOCKED_REPORT)
    assert document.get_metadata_value("Title") == "Stock"


def test_pdf_text_is_read_page_by_page(sample: Path) -> None:
    import pypdfium2

    document = pypdfium2.PdfDocument(sample / "accession-1" / "reports" / "february.pdf")
    pages = [page.get_textpage().get_text_bounded().splitlines() for page in document]
    assert len(pages) == 2
    assert sum(pages, []) == list(letters.MONTHLY_REPORT)


def test_the_scan_as_pdf_has_a_picture_and_no_text(sample: Path) -> None:
    import pypdfium2

    page = pypdfium2.PdfDocument(sample / "accession-1" / "scans" / "order-21.pdf")[0]
    assert page.get_textpage().get_text_bounded() == ""
    assert [found.get_px_size() for found in page.get_objects()] == [(1240, 900)]


def test_the_mail_has_text_html_an_inline_picture_and_attachments(sample: Path) -> None:
    with zipfile.ZipFile(sample / "accession-1" / "mail" / "post-bag.zip") as archive:
        message = message_from_bytes(archive.read("message.eml"), policy=policy.default)
    assert message["subject"] == "အမိန့်စာ ပေးပို့ခြင်း"
    assert [part.get_content_type() for part in message.walk() if not part.is_multipart()] == [
        "text/plain",
        "text/html",
        "image/png",
        "text/html",
        "text/plain",
    ]
    assert [part.get_filename() for part in message.iter_attachments()] == ["အမိန့်စာ-၇.html", "list.txt"]
    assert not message.defects


def test_the_inner_zip_opens(sample: Path) -> None:
    with zipfile.ZipFile(sample / "accession-1" / "mail" / "outer.zip") as outer:
        inner = zipfile.ZipFile(io.BytesIO(outer.read("inner.zip")))
    assert inner.testzip() is None
    assert inner.namelist() == ["note.txt", "school.jpg"]


def test_the_upright_photograph_is_a_scene_again_when_turned(sample: Path) -> None:
    import imagehash
    from PIL import Image, ImageOps

    photos = sample / "accession-1" / "photos"
    with Image.open(photos / "school.jpg") as scene, Image.open(photos / "school-upright.jpg") as lying:
        turned = ImageOps.exif_transpose(lying)
        assert imagehash.phash(scene) - imagehash.phash(turned) <= 4
        assert imagehash.phash(scene) - imagehash.phash(lying) > 10


@pytest.mark.parametrize(
    ("name", "copy"),
    [("house", "house-small.jpg"), ("house", "house-sent.jpg"), ("river", "river-sent.jpg"), ("market", "market.png")],
)
def test_altered_photographs_are_near_their_scene_and_far_from_others(sample: Path, name: str, copy: str) -> None:
    import imagehash
    from PIL import Image

    photos = sample / "accession-1" / "photos"
    hashes = {
        scene: imagehash.phash(Image.open(photos / f"{scene}.jpg")) for scene in ("house", "river", "market", "road")
    }
    distances = {scene: hashes[scene] - imagehash.phash(Image.open(photos / copy)) for scene in hashes}
    assert distances.pop(name) <= 4
    assert min(distances.values()) > 10


@pytest.mark.parametrize("name", ["radio-1.wav", "radio-2.wav", "radio-2.mp3", "noise.wav", "silence.wav"])
def test_each_sound_decodes_to_its_end(sample: Path, name: str) -> None:
    import av

    with av.open(str(sample / "accession-1" / "sounds" / name)) as source:
        seconds = sum(frame.samples / frame.sample_rate for frame in source.decode(audio=0))
    assert 3 < seconds < 15


def test_damaged_files_do_not_open(sample: Path) -> None:
    from PIL import Image

    odd = sample / "accession-1" / "odd"
    with pytest.raises(OSError, match="truncated"), Image.open(odd / "cut-short.jpg") as image:
        image.load()
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(odd / "cut-short.zip")


def test_two_files_lie_about_their_type(sample: Path) -> None:
    import magic

    odd = sample / "accession-1" / "odd"
    assert magic.from_file(str(odd / "letter.pdf"), mime=True) == "image/jpeg"
    assert magic.from_file(str(odd / "photo.jpg"), mime=True) == "text/html"


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("orders/order-14.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("tables/incidents.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ],
)
def test_office_files_are_known_as_such(sample: Path, path: str, kind: str) -> None:
    import magic
    from magika import Magika

    assert Magika().identify_path(sample / "accession-1" / path).output.mime_type == kind
    assert magic.from_file(str(sample / "accession-1" / path), mime=True) in {
        kind,
        "application/zip",
        "application/octet-stream",
    }
    with zipfile.ZipFile(sample / "accession-1" / path) as archive:
        from xml.etree.ElementTree import fromstring

        for member in archive.namelist():
            if member.endswith((".xml", ".rels")):
                fromstring(archive.read(member))
