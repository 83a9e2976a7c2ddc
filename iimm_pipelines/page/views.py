"""Views of originals, drawn anew by a worker: nothing of the file itself reaches a browser.

Here: a page, picture or still of a film as a small WebP picture, its veil, a web page as text with its headings and tables; the stage
that workers run for it.
Not here: who may see it, what becomes of it (page/originals), opening files (formats/pages).

The page's own process never reads evidence: a picture made to break its reader breaks a worker without network or keys.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iimm_pipelines.engine.outcome import MadeFile, Outcome, Problem, Reason, produced
from iimm_pipelines.engine.stage import Limits, Source, Stage, Task
from iimm_pipelines.formats.pages import Page, Sizes, Unreadable, opened_pdf, picture_page, scaled
from iimm_pipelines.formats.stills import spread, still
from iimm_pipelines.page.shown import tame
from iimm_pipelines.schema import WHOLE, Column, Table

if TYPE_CHECKING:
    from PIL.Image import Image


class Form(StrEnum):
    """What a worker makes of an original."""

    PICTURE = "picture"
    LARGE = "large"
    SMALL = "small"
    """For a gallery."""
    VEILED = "veiled"
    """So coarse and grey that nothing can be made out; for those who have not decided to look."""
    STILLS = "stills"
    """Nine moments of a film beside each other."""
    TEXT = "text"


PIXELS: Mapping[Form, int] = {
    Form.PICTURE: 1_500_000,
    Form.LARGE: 8_000_000,
    Form.VEILED: 1_000_000,
    Form.SMALL: 60_000,
    Form.STILLS: 60_000,
}
"""A page of A4 is 1,030 pixels wide, which is read without effort; its picture has 50 to 150 KB. A small
one has 5 to 10 KB. Of stills: each."""
_STILLS_A_ROW = 3
_QUALITY = 80
_VEILED_SIDE = 12
"""Cells of a veiled picture: neither a face nor a wound can be told in so many."""
_MOST_MARKUP = 2_000_000
"""Bytes of a web page that are shown; all of its text stands beside it."""
_KEPT = frozenset({
    "h1", "h2", "h3", "h4", "h5", "h6", "p", "br", "hr", "ul", "ol", "li", "dl", "dt", "dd", "blockquote", "pre", "b", "i",
    "em", "strong", "u", "s", "sub", "sup", "code", "table", "caption", "thead", "tbody", "tfoot", "tr", "td", "th", "div",
})  # fmt: skip
_PDF = "application/pdf"

VIEWS = Table("views", "A view as it was made", (
    Column("pages", WHOLE, "pages of the original"),
    Column("width", WHOLE, "of a picture", "pixels"),
    Column("height", WHOLE, "of a picture", "pixels"),
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which view of an object, and what its reader has to know."""

    form: Form
    media_type: str
    page: int = 1
    """Of a film: its second, counted from 1; where it is 1, one that tells more than the first."""
    passwords: tuple[str, ...] = ()
    film: bool = False

    @property
    def hints(self) -> dict[str, Any]:
        """As a task carries it."""
        return asdict(self)


def apply(_tool: object, task: Task) -> Outcome:
    """Make one view: a row about it, and its bytes in a file."""
    assert task.file is not None
    assert task.scratch is not None
    hints = task.hints
    wanted = Wanted(Form(hints["form"]), hints["media_type"], hints["page"], tuple(hints["passwords"]), hints["film"])
    target = task.scratch / "view"
    if wanted.form is Form.TEXT:
        target.write_text(markup(task.file), encoding="utf-8")
        row = {"pages": 1}
    else:
        try:
            page, pages = _page(task.file, wanted)
        except Unreadable as problem:
            raise Problem(problem.reason) from None
        drawn = veiled(page.image) if wanted.form is Form.VEILED else page.image
        drawn.save(target, "WEBP", quality=_QUALITY)  # from pixels alone: no EXIF, no XMP, no profile
        row = {"pages": pages, "width": page.image.width, "height": page.image.height}
    return produced({"views": [row]}, frozenset(), (MadeFile("views", 0, target),))


def _page(file: Path, wanted: Wanted) -> tuple[Page, int]:
    sizes = Sizes(least_side=1, most_pixels=PIXELS[wanted.form], most_pages=1)
    if wanted.film:
        return _of_film(file, wanted, sizes), 1
    if wanted.media_type != _PDF:
        return picture_page(file, wanted.media_type, wanted.page, sizes)
    with opened_pdf(file, wanted.passwords) as drawing:
        pages = len(drawing.document)
        if wanted.page > pages:
            raise Unreadable(Reason.UNAVAILABLE)
        return next(drawing.pages([wanted.page], sizes)), pages


def _of_film(file: Path, wanted: Wanted, sizes: Sizes) -> Page:
    if wanted.form is Form.STILLS:
        found = [scaled(each.image, sizes.most_pixels) for each in spread(file, _STILLS_A_ROW**2)]
        return Page(None, _beside_each_other(found))
    found_one = still(file, wanted.page - 1 or None)
    return Page(None, scaled(found_one.image, sizes.most_pixels))


def _beside_each_other(images: Sequence[Image]) -> Image:
    """Pictures of one size in rows, in the order of reading."""
    from PIL import Image as Pictures

    width, height = images[0].size
    rows = -(-len(images) // _STILLS_A_ROW)
    sheet = Pictures.new("RGB", (width * min(len(images), _STILLS_A_ROW), height * rows), "black")
    for n, image in enumerate(images):
        sheet.paste(image, (n % _STILLS_A_ROW * width, n // _STILLS_A_ROW * height))
    return sheet


def veiled(image: Image) -> Image:
    """A picture of which nothing is left but where it is light and dark."""
    from PIL import Image as Pictures
    from PIL import ImageFilter

    share = _VEILED_SIDE / max(image.size)
    cells = (max(1, round(image.width * share)), max(1, round(image.height * share)))
    coarse = image.convert("L").resize(cells, Pictures.Resampling.BOX).filter(ImageFilter.GaussianBlur(1))
    return coarse.resize((cells[0] * 8, cells[1] * 8), Pictures.Resampling.BICUBIC)


def markup(file: Path) -> str:
    """A web page as headings, paragraphs, lists and tables of text: no attribute, no address, no picture, no script."""
    import nh3

    from iimm_pipelines.formats.html import decoded

    with file.open("rb") as opened:
        data = opened.read(_MOST_MARKUP)
    found = decoded(data)
    kept = nh3.clean(found, tags=set(_KEPT), attributes={}, clean_content_tags=set(_NOT_TEXT), link_rel=None)
    return f'<!doctype html>\n<meta charset="utf-8">\n<title>text</title>\n{tame(kept)}'


_NOT_TEXT = frozenset({"script", "style", "title", "template", "noembed", "noframes", "svg", "math", "object"})

STAGE = Stage(
    name="page_view",
    version=2,
    tables=(VIEWS,),
    source=Source.BYTES,
    apply=apply,
    limits=Limits(seconds=20, seconds_per_mb=0.2, most_seconds=60, memory=1 << 30, made_bytes=32 << 20),
)
"""No stage of the graph: what it makes is shown and forgotten."""
