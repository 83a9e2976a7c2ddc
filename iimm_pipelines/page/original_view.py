"""How an original stands beside its text: as which kind of view, veiled or not, or why not at all.

Here: what the page says and links of one item's original.
Not here: making views (page/views, page/originals), answering their addresses (page/file_answers).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from iimm_pipelines.accessions.numbers import Number, accession_of
from iimm_pipelines.accessions.originals import Cause, Harmless, OriginalRefused, harmless
from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.formats.office_pages import ENDINGS, program
from iimm_pipelines.formats.raw import TYPES as CAMERA_RAW
from iimm_pipelines.page.conversions import Into, Making
from iimm_pipelines.page.kept_views import View
from iimm_pipelines.page.links import Kind
from iimm_pipelines.page.originals import NoView
from iimm_pipelines.page.views import Form, Wanted
from iimm_pipelines.page.visit import Visit
from iimm_pipelines.people.rights import Right

Fields = Mapping[str, Any]


class As(StrEnum):
    """The kind of view."""

    PICTURE = "picture"
    PAGES = "pages"
    SOUND = "sound"
    FILM = "film"
    TEXT = "text"
    NONE = ""


PLAYED: Mapping[str, str] = {
    "audio/mpeg": "audio/mpeg", "audio/wav": "audio/wav", "audio/ogg": "audio/ogg", "application/ogg": "audio/ogg",
    "audio/flac": "audio/flac", "audio/x-flac": "audio/flac", "audio/mp4": "audio/mp4", "audio/x-m4a": "audio/mp4",
    "audio/aac": "audio/aac", "audio/x-hx-aac-adts": "audio/aac", "audio/webm": "audio/webm",
    "video/mp4": "video/mp4", "video/x-m4v": "video/mp4", "video/quicktime": "video/mp4", "video/webm": "video/webm",
    "video/ogg": "video/ogg",
}  # fmt: skip
"""What browsers play, and the type that they are told. Some of it holds what they cannot decode all the same."""
MADE: Mapping[As, str] = {As.FILM: "video/webm", As.SOUND: "audio/webm"}
"""What is made playable, and the type that browsers are told."""
_NO_SOUND = frozenset({
    "audio/midi", "audio/x-midi", "audio/mpegurl", "audio/x-mpegurl", "audio/x-scpls", "application/vnd.apple.mpegurl",
})  # fmt: skip
"""Notes and lists of files."""
_DRAWINGS = frozenset({
    "image/svg+xml", "image/vnd.dwg", "image/vnd.dxf", "image/wmf", "image/emf", "image/x-wmf", "image/x-emf", "image/cgm",
})  # fmt: skip
_WEB_PAGES = frozenset({"text/html", "application/xhtml+xml"})
_MOST_PAGE = 100_000


@dataclass(frozen=True, slots=True)
class ShownOriginal:
    """What stands in the place of an original. `why` says in words why nothing does, `what_to_do` what can be done."""

    kind: As
    source: str = ""
    large: str = ""
    veiled: bool = False
    page: int = 1
    pages: int = 1
    width: int = 0
    height: int = 0
    seconds: float = 0
    """Where to begin to play."""
    made: bool = False
    """Made playable, and not as it was received."""
    waits: str = ""
    """Where it is said how far making it is."""
    stills: str = ""
    """Moments of a film as one picture."""
    why: str = ""
    what_to_do: str = ""


@dataclass(frozen=True, slots=True)
class Downloads:
    """Addresses of forms with what they must carry, for those who may take files away; why not, where nobody may."""

    original: tuple[tuple[str, str], ...] = ()
    with_proof: tuple[tuple[str, str], ...] = ()
    refused: str = ""


def kind_of(fields: Fields) -> As:
    """How an item of this type is shown."""
    media_type, kind = fields.get("media_type", ""), fields.get("kind")
    if media_type == "application/pdf" or (media_type in ENDINGS and program() is not None):
        return As.PAGES
    if media_type in _WEB_PAGES:
        return As.TEXT
    if kind == "picture" and media_type not in _DRAWINGS and media_type not in CAMERA_RAW:
        return As.PICTURE
    if media_type in PLAYED or (kind in ("sound", "film") and media_type not in _NO_SOUND):
        return As.FILM if kind == "film" else As.SOUND
    return As.NONE


def into_of(fields: Fields) -> Into | None:
    """What can be made of an item for those who look or listen; none where nothing is."""
    if fields.get("media_type") in ENDINGS:
        return Into.PAGES
    return {As.FILM: Into.FILM, As.SOUND: Into.SOUND}.get(kind_of(fields))


def is_made(fields: Fields, values: Mapping[str, str]) -> bool:
    """Whether sound or film is played in the form that is made of it: browsers play no other, or this was asked for."""
    return fields.get("media_type", "") not in PLAYED or values.get("made") == "1"


def harmless_or_why(visit: Visit, fields: Fields) -> Harmless | Cause:
    """An item's bytes, or what stands against showing them."""
    try:
        return harmless(visit.holding, Number(fields["item"]))
    except OriginalRefused as refused:
        return refused.cause


def shown_original(visit: Visit, fields: Fields, found: Harmless | Cause) -> ShownOriginal:
    """What the page shows of an item's original, for this reader and with what its address asks for."""
    number, kind, w = Number(fields["item"]), kind_of(fields), visit.w
    if isinstance(found, Cause):
        return ShownOriginal(As.NONE, why=w(f"refused {found}"), what_to_do=w(f"refused {found} do"))
    if kind is As.NONE:
        return ShownOriginal(kind, why=w(_no_view_because(fields)), what_to_do=w("no view do"))
    veiled = is_veiled(visit) and kind in (As.PICTURE, As.PAGES, As.FILM)
    if kind is As.TEXT:
        return ShownOriginal(kind, _link(visit, number, Kind.TEXT))
    if kind in (As.SOUND, As.FILM):
        return _played(visit, found, fields, kind, veiled)
    if fields.get("media_type") in ENDINGS:
        return _laid_out(visit, found, fields)
    return _drawn(visit, found, fields, kind, veiled)


def _played(visit: Visit, found: Harmless, fields: Fields, kind: As, veiled: bool) -> ShownOriginal:
    number, made, seconds = found.item.number, is_made(fields, visit.values), seconds_of(visit.values.get("t", ""))
    if veiled or (made and visit.values.get("open") != "1"):
        return ShownOriginal(kind, veiled=veiled, made=made)
    stills = picture_link(visit, number, Form.STILLS, 1) if kind is As.FILM else ""
    if not made:
        return ShownOriginal(kind, _link(visit, number, Kind.MEDIA), seconds=seconds, stills=stills)
    playable = visit.desk.originals.made(found, Into(kind.value), fields.get("media_type", ""))
    if isinstance(playable, Reason):
        return _not_made(visit, playable)
    if isinstance(playable, Making):
        return ShownOriginal(kind, made=True, waits=f"/items/{number}/ready", stills=stills)
    return ShownOriginal(kind, _link(visit, number, Kind.MEDIA, made="1"), seconds=seconds, made=True, stills=stills)


def _laid_out(visit: Visit, found: Harmless, fields: Fields) -> ShownOriginal:
    """Pages of an office document: laid out when it is opened, and not before."""
    if visit.values.get("open") != "1":
        return ShownOriginal(As.PAGES, made=True)
    pages = visit.desk.originals.made(found, Into.PAGES, fields["media_type"])
    if isinstance(pages, Reason):
        return _not_made(visit, pages)
    if isinstance(pages, Making):
        return ShownOriginal(As.PAGES, made=True, waits=f"/items/{found.item.number}/ready")
    return replace(_drawn(visit, found, fields, As.PAGES, veiled=False), made=True)


def _not_made(visit: Visit, reason: Reason) -> ShownOriginal:
    w = visit.w
    return ShownOriginal(As.NONE, why=w("not made", why=w(f"reason {reason}")),
                         what_to_do=w(_TO_DO.get(reason, "no view do")))  # fmt: skip


def is_veiled(visit: Visit) -> bool:
    """Whether pictures stay veiled here: by the reader's choice, and not opened by this address."""
    return visit.values.get("open") != "1" and visit.holding.choices.veiled(visit.known.name)


def view_wanted(visit: Visit, fields: Fields, form: Form, page: int) -> Wanted:
    """A view, with the passwords that came with the item's accession."""
    passwords = tuple(visit.holding.passwords(accession_of(fields["item"])))
    media_type = fields.get("media_type", "")
    return Wanted(
        form, media_type, page, passwords if media_type == "application/pdf" else (), fields.get("kind") == "film"
    )


def page_of(text: str) -> int:
    """A page that an address names; the first where it names none."""
    asked = int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 1
    return min(max(asked, 1), _MOST_PAGE)


def seconds_of(text: str) -> float:
    """A second that an address names."""
    try:
        asked = float(text) if len(text) < 12 else 0.0
    except ValueError:
        return 0.0
    return asked if 0 < asked < 1e6 else 0.0


def _drawn(visit: Visit, found: Harmless, fields: Fields, kind: As, veiled: bool) -> ShownOriginal:
    """A page or picture, made now: so that it can be said if there is none, and its size is known."""
    number, page, w = found.item.number, page_of(visit.values.get("page", "")), visit.w
    form = Form.VEILED if veiled else Form.PICTURE
    try:
        view = visit.desk.originals.view(found, view_wanted(visit, fields, form, page))
    except NoView as none:
        return ShownOriginal(As.NONE, page=page, why=w("not drawn", why=w(f"reason {none.reason}")),
                             what_to_do=w(_TO_DO.get(none.reason, "no view do")))  # fmt: skip
    return ShownOriginal(
        kind, picture_link(visit, number, form, page), "" if veiled else picture_link(visit, number, Form.LARGE, page),
        veiled, page, view.pages, *_size(view),
    )  # fmt: skip


def _size(view: View) -> tuple[int, int]:
    return view.width, view.height


_TO_DO = {Reason.ENCRYPTED: "encrypted do", Reason.UNAVAILABLE: "again do", Reason.TIMED_OUT: "again do"}


def picture_link(visit: Visit, number: str, form: Form, page: int) -> str:
    """The address of a drawn page."""
    return _link(visit, number, Kind.PICTURE, form=form, page=str(page))


def downloads(visit: Visit, fields: Fields, found: Harmless | Cause) -> Downloads | None:
    """What this reader may take away; none for who may take nothing."""
    account, number, now = visit.known, Number(fields["item"]), visit.desk.clock()
    if not account.may(Right.DOWNLOAD):
        return None
    proof = tuple(visit.desk.links.values(account, number, Kind.WITH_PROOF, now).items())
    if isinstance(found, Cause):
        return Downloads((), proof, visit.w(f"refused {found}"))
    return Downloads(tuple(visit.desk.links.values(account, number, Kind.ORIGINAL, now).items()), proof)


def _link(visit: Visit, number: str, kind: Kind, **more: str) -> str:
    return visit.desk.links.address(visit.known, number, kind, visit.desk.clock(), **more)


def _no_view_because(fields: Fields) -> str:
    kind, media_type = fields.get("kind"), fields.get("media_type", "")
    if media_type in _DRAWINGS:
        return "no view drawing"
    if media_type in CAMERA_RAW:
        return "no view camera raw"
    if media_type in ENDINGS:
        return "no view office"
    if kind in ("sound", "film"):
        return "no view codec"
    return {"container": "no view container", "message": "no view rows", "data": "no view unknown",
            "unknown": "no view unknown"}.get(str(kind), "no view rows")  # fmt: skip
