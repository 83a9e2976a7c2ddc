"""HTML: encoding, title, visible text, meta tags.

Here: web pages and the HTML parts of mail; scripts and styles are dropped, nothing else.
Not here: captures of whole sites (web archives), frames and images that a page refers to; a frame's page that stands in
the page itself is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.formats.parsed import FileKind, Limits, Parsed, Segment, clean, pieces, segments_of
from iimm_pipelines.formats.text import decode

if TYPE_CHECKING:
    from resiliparse.parse.html import HTMLTree

_CLAIM = re.compile(rb"<(?:meta|\?xml)[^>]*?(?:charset|encoding)\s*=\s*[\"']?\s*([A-Za-z0-9_.:\-]+)", re.IGNORECASE)
_CLAIM_WITHIN = 4096
_META_VALUE = 2000


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says."""

    title: str
    text: str
    metadata: tuple[tuple[str, str], ...]


def page(data: bytes, declared: str | None = None) -> Page:
    """Decode and read a page; `declared` is the encoding that a mail or a server gave."""
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.html import HTMLTree

    decoded = decode(data, declared or _claimed(data))
    tree = HTMLTree.parse(decoded.text)
    metadata = [("encoding", decoded.encoding), ("encoding found", decoded.how)]
    if tree.document is not None:
        for tag in tree.document.get_elements_by_tag_name("meta"):
            name, content = tag.getattr("name") or tag.getattr("property"), tag.getattr("content")
            if name and content:
                metadata.append((f"meta:{clean(name)}"[:200], clean(content)[:_META_VALUE]))
    text = "\n".join(extract_plain_text(t, form_fields=True, noscript=True) for t in (tree, *_frames(tree)))
    return Page(clean(tree.title or "").strip(), clean(text), tuple(metadata))


def decoded(data: bytes) -> str:
    """A page's markup as text."""
    return clean(decode(data, _claimed(data)).text)


def _frames(tree: HTMLTree) -> Iterator[HTMLTree]:
    """Pages that stand whole inside a frame of this one; what stands in frames of those is left."""
    from resiliparse.parse.html import HTMLTree

    if tree.document is not None:
        for frame in tree.document.get_elements_by_tag_name("iframe"):
            if inside := frame.getattr("srcdoc"):
                yield HTMLTree.parse(inside)


def page_segments(page: Page, limits: Limits, field: str = "text") -> tuple[Segment, ...]:
    """Title and text of a page as segments."""
    title = [Segment(piece, "title") for piece in pieces(page.title)]
    return (*title, *segments_of(page.text[: limits.max_characters], field=field))


def read(path: Path, limits: Limits) -> Parsed:
    """Read a page of HTML or XHTML."""
    with path.open("rb") as file:
        data = file.read(limits.max_characters + 1)
    found = page(data[: limits.max_characters])
    return Parsed(
        kind=FileKind.DOCUMENT,
        used=frozenset({"html"}),
        metadata=found.metadata,
        segments=page_segments(found, limits),
        problem=Reason.LIMIT_REACHED if len(data) > limits.max_characters else None,
    )


def _claimed(data: bytes) -> str | None:
    match = _CLAIM.search(data[:_CLAIM_WITHIN])
    if not match:
        return None
    name = match[1].decode("ascii").lower()
    # A tag that could be read byte by byte cannot stand in UTF-16 or UTF-32.
    return None if name.startswith(("utf-16", "utf16", "utf-32", "utf32", "ucs", "unicode")) else name
