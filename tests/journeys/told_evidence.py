"""Two holdings that differ in what one reader may not see: in one it is there and hidden, in the other it never was.

Here: their files, with persons, units and places told in both, and how they are received.
Not here: fixtures (tests/page/conftest.py), what is asked of them.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from small_evidence import Files, compute, deliver_all, receive

from iimm_pipelines.holding import Holding
from iimm_pipelines.people.rights import Role

HIDDEN_WORDS = ("zanzibarite", "A00001", "S-WITNESS", "quagga", "Thiha", "COMPARTMENT")
"""None of these may reach who lacks the mark: a word, an accession, a source, a file name, a person, the mark."""
STAGES = ("contents", "languages", "entities", "fingerprints", "near_pairs", "search_index")


def picture(width: int, latitude: float = 0) -> bytes:
    """A drawing, at a place on Earth where one is given."""
    from PIL import ExifTags, Image, ImageDraw

    drawn = Image.new("L", (400, 300), 220)
    ImageDraw.Draw(drawn).polygon([(20, 280), (200, 30), (380, 250), (210, 160)], fill=30)
    out, exif = io.BytesIO(), Image.Exif()
    if latitude:
        exif[ExifTags.IFD.GPSInfo] = {1: "N", 2: (latitude, 0.0, 0.0), 3: "E", 4: (96.0, 0.0, 0.0)}
    drawn.resize((width, width * 3 // 4)).save(out, "JPEG", exif=exif)
    return out.getvalue()


def box(name: str, text: str) -> bytes:
    """A ZIP with one file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, text)
    return out.getvalue()


def mail(sender: str, text: str) -> bytes:
    """A mail with an attachment."""
    return (
        f"From: {sender}\r\nTo: Daw Mya <mya@example.org>\r\nSubject: the school\r\nDate: Thu, 4 May 2023 10:00:00 +0630\r\n"
        'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
        f"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
        '--b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename="list.txt"\r\n\r\nA list of wells.\r\n'
        "--b--\r\n"
    ).encode()


SHARED: Files = {"both/list.txt": "Both sources handed over this list of villages near the river.\n"}
SEEN: Files = {
    "told/burmese.txt": "ခမရ (၃၄၅) တပ်ရင်းမှူး ဗိုလ်မှူး ကျော်မင်းက အမိန့်ပေးသည်။\n",
    "told/english.txt": "Major Kyaw Minn of LIB 345 met Captain Aung Ko of IB 10 in Yangon on 4 May 2023.\n",
    "told/later.txt": "Colonel Kyaw Min of LIB 77 came to Yangon on 7 June 2024.\n\nA well was dug. Monastery.\n",
    "told/mail.eml": mail("U Kyaw Min <kyaw@example.org>", "Captain Aung Ko of IB 10 burned the school."),
    "told/box.zip": box("inner/note.txt", "The monastery bell. Sergeant Zaw Win of LIB 77 saw Colonel Kyaw Min.\n"),
    "told/table.csv": "name,unit\nU Zaw Min,LIB 345\n=1+1,IB 10\n",
    "told/drawn.jpg": picture(400, 16.5),
}
HIDDEN: Files = {
    "quagga/one.txt": "Colonel Thiha of LIB 345 and Major Kyaw Min of LIB 345 came to zanzibarite camp on 5 May 2023.\n",
    "quagga/mail.eml": mail(
        "U Thiha <zanzibarite@example.org>", "Captain Aung Ko of LIB 345, Yangon. The monastery bell."
    ),
    "quagga/box.zip": box("quagga.txt", "Captain Aung Ko of IB 10 and U Thiha at the monastery, zanzibarite.\n"),
    "quagga/drawn.jpg": picture(300, 21.5),
    "quagga/table.csv": "name,unit\nzanzibarite,LIB 999\n",
}
NEVER: Files = {"x.txt": "Unlike all others.\n"}


def tell(holding: Holding, folder: Path, with_hidden: bool) -> Holding:
    """A00001 is what is hidden, or what never was anything; A00002 needs the mark restricted. Accounts of each role."""
    hidden = {**HIDDEN, **SHARED} if with_hidden else NEVER
    marks = ("restricted", "COMPARTMENT") if with_hidden else ("closed",)
    receive(holding, folder / "1", hidden, marks, "S-WITNESS" if with_hidden else "S-2")
    receive(holding, folder / "2", {**SEEN, **SHARED}, ("restricted",), "S-2")
    compute(holding, STAGES)
    deliver_all(holding)
    for role in Role:
        for name, held in (("all", ["restricted", "COMPARTMENT"]), ("some", ["restricted"]), ("none", [])):
            holding.accounts.add(f"{name}.{role.name.lower()}", role, held, by="tests")
    return holding
