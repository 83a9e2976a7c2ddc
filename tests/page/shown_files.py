"""Files of every kind that the page shows or plays, small, and made to do harm where that is the point.

Here: their bytes. Not here: the holding that they are received into (conftest).
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import cache

from iimm_pipelines.sample import pdf, pictures, sounds

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
    }


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
