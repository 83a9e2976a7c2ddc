"""Files of every kind that the page shows or plays, small, and made to do harm where that is the point.

Here: their bytes. Not here: the holding that they are received into (conftest).
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from functools import cache

from iimm_pipelines.sample import ooxml, pdf, pictures, sounds

SPOKEN = "The boats crossed the river before the morning."
_HOSTILE = "<script>alert(document.domain)</script>"
WEB_PAGE = f"""<html><head><title>Notice</title><style>body {{ background: url(http://evil.example/a) }}</style>{_HOSTILE}
<meta http-equiv="refresh" content="0;url=http://evil.example/"></head>
<body onload="alert(1)"><h1>Notice of the township</h1><p style="position:fixed">All mangoes are counted.</p>
<img src="http://evil.example/pixel.png" onerror="alert(1)"><a href="javascript:alert(1)">a link</a>
<iframe src="http://evil.example/"></iframe><form action="/sign-out" method="post"><button>Go</button></form>
<table><tr><td>Mangoes</td><td>12</td></tr></table></body></html>
"""
DRAWING = f'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">{_HOSTILE}<text>A drawn guava</text></svg>'
CHAT = """[04/05/2023, 10:15:01] Ko Naing: The papaya boat left.
[04/05/2023, 10:16:30] Daw Mya: Which papaya boat?
"""
TABLE = "name,village,boats\nKo Naing,Ywar Thit,3\nDaw Mya,Kyun Daw,2\n"
LINES = [f"Line {n} of the papaya report" for n in range(1, 61)]


@cache
def files() -> Mapping[str, str | bytes]:
    """By the name under which each is received."""
    return {
        "photos/upright.jpg": pictures.held_upright("school"),
        "photos/house.jpg": pictures.scenes()["house"],
        "photos/house-sent.jpg": pictures.recompressed("house"),
        "photos/cut-short.png": pictures.as_png("market")[:2000],
        "photos/drawing.svg": DRAWING,
        "papers/report.pdf": pdf.text_pdf(LINES, title="Report"),
        "papers/broken.pdf": b"%PDF-1.4\nnothing else\n%%EOF\n",
        "papers/locked.pdf": pdf.encrypted_pdf(LINES[:2], title="Locked", password=b"lantern", bits=128),
        "pages/notice.html": WEB_PAGE,
        "talk/chat.txt": CHAT,
        "talk/table.csv": TABLE,
        "sound/boats.wav": sounds.spoken(SPOKEN),
        "film/river.webm": _film(),
        "film/old.avi": old_film(),
        "sound/call.amr": call(),
        "photos/by-the-river.jpg": photograph(21.75, 96.25),
        "papers/letter.docx": ooxml.docx(["A letter about rambutans"] * 80, author="Invented"),
        "photos/bundle.zip": bundle(),
    }


def photograph(latitude: float, longitude: float) -> bytes:
    """A picture that says where it was taken."""
    from PIL import Image

    exif = Image.Exif()
    exif.get_ifd(0x8825).update({1: "N", 2: _degrees(latitude), 3: "E", 4: _degrees(longitude)})
    out = io.BytesIO()
    Image.open(io.BytesIO(pictures.scenes()["market"])).save(out, "JPEG", exif=exif)
    return out.getvalue()


def _degrees(value: float) -> tuple[float, float, float]:
    return float(int(value)), float(int(value % 1 * 60)), round(value * 60 % 1 * 60, 3)


def bundle() -> bytes:
    """An archive with more in it than a tree shows at once."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for n in range(30):
            archive.writestr(f"notes/{n:02}.txt", f"Note {n} of the durian bundle\n")
    return out.getvalue()


def old_film() -> bytes:
    """Two seconds that go from dark to light, with a tone, as no browser plays them: AVI with MPEG-4 and MP2."""
    import av
    import numpy as np

    out = io.BytesIO()
    with av.open(out, "w", format="avi") as made:
        moving, heard = made.add_stream("mpeg4", rate=10), made.add_stream("mp2", rate=44_100, layout="mono")
        moving.width, moving.height, moving.pix_fmt = 160, 120, "yuv420p"
        for n in range(20):
            frame = av.VideoFrame.from_ndarray(np.full((120, 160, 3), 20 + 11 * n, np.uint8), format="rgb24")
            made.mux(moving.encode(frame))
        for n in range(76):
            tone = (np.sin(np.arange(n * 1152, (n + 1) * 1152) / 16) * 8000).astype(np.int16)
            piece = av.AudioFrame.from_ndarray(tone.reshape(1, -1), format="s16", layout="mono")
            piece.sample_rate = 44_100
            made.mux(heard.encode(piece))
        made.mux(moving.encode())
        made.mux(heard.encode())
    return out.getvalue()


def call() -> bytes:
    """A second of a tone as old telephones record it, which browsers do not play."""
    import av
    import numpy as np

    out = io.BytesIO()
    with av.open(out, "w", format="amr") as made:
        heard = made.add_stream("libopencore_amrnb", rate=8000, layout="mono")
        for n in range(50):
            tone = (np.sin(np.arange(n * 160, (n + 1) * 160) / 6) * 8000).astype(np.int16)
            piece = av.AudioFrame.from_ndarray(tone.reshape(1, -1), format="s16", layout="mono")
            piece.sample_rate = 8000
            made.mux(heard.encode(piece))
        made.mux(heard.encode())
    return out.getvalue()


def _film() -> bytes:
    """Two seconds of a grey that brightens, in a format that every Chromium plays."""
    import av
    import numpy as np

    out = io.BytesIO()
    with av.open(out, "w", format="webm") as made:
        stream = made.add_stream("libvpx", rate=10)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        for n in range(20):
            frame = av.VideoFrame.from_ndarray(np.full((120, 160, 3), 60 + 8 * n, np.uint8), format="rgb24")
            made.mux(stream.encode(frame))
        made.mux(stream.encode())
    return out.getvalue()
