"""Answers of an item's files: views, sound and film, originals, with proof; near-duplicates; the veil; fonts.

Here: one function for each route, what is asked again at each use of a link, and the event of access before the answer.
Not here: the item's page (page/answers, page/item_page), making views (page/originals), the table of routes.

A link alone opens nothing: who comes with one must be signed in as the account that it was made for, hold the right and
the marks now, and nothing may stand against the file now.
"""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO

from starlette.responses import FileResponse, Response, StreamingResponse

from iimm_pipelines.accessions.numbers import NotANumber, Number, parse_number
from iimm_pipelines.accessions.originals import Cause, Harmless, hand_over
from iimm_pipelines.custody.lineage import ItemUnknown
from iimm_pipelines.custody.merkle import ProofInvalid
from iimm_pipelines.custody.note import CheckpointInvalid
from iimm_pipelines.custody.tiles import LogDamaged
from iimm_pipelines.duplicates.clusters import visible_near
from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.page import fonts
from iimm_pipelines.page.conversions import Into, Making
from iimm_pipelines.page.gallery import tile_of
from iimm_pipelines.page.links import Kind
from iimm_pipelines.page.original_view import (
    MADE,
    PLAYED,
    As,
    Fields,
    harmless_or_why,
    into_of,
    is_made,
    is_veiled,
    kind_of,
    page_of,
    shown_original,
    view_wanted,
)
from iimm_pipelines.page.originals import NoView
from iimm_pipelines.page.proven import write_zip
from iimm_pipelines.page.views import Form
from iimm_pipelines.page.visit import Visit, to
from iimm_pipelines.people.access_log import What
from iimm_pipelines.search.items import fields_of
from iimm_pipelines.storage.parts import PartDamaged

MOST_NEAR = 50
"""Near-duplicates that are shown: each is drawn."""
_MOST_REASON = 500
_ENDINGS = {
    "application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/tiff": "tif",
    "image/webp": "webp", "image/heic": "heic", "audio/mpeg": "mp3", "audio/wav": "wav", "audio/ogg": "ogg",
    "audio/mp4": "m4a", "video/mp4": "mp4", "video/quicktime": "mov", "video/webm": "webm", "text/plain": "txt",
    "text/csv": "csv", "message/rfc822": "eml", "application/zip": "zip",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
}  # fmt: skip
"""By type and never by the name in evidence: no file that is taken away begins to run by its name."""
_BYTES = "application/octet-stream"
_ALONE = {
    "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
}
_IN_FRAME = {
    "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'",
    "X-Frame-Options": "SAMEORIGIN",
}

_OUR_FRAME = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; font-src 'self'; frame-ancestors 'self'; base-uri 'none'; "
    "form-action 'none'",
    "X-Frame-Options": "SAMEORIGIN",
}
_LOOK_AGAIN_SECONDS = 2


class Refused(Exception):
    """A file is not given; the answer says why."""

    def __init__(self, answer: Response) -> None:
        """Keep the answer."""
        super().__init__("refused")
        self.answer = answer


def picture(visit: Visit) -> Response:
    """A page or picture, drawn anew."""
    try:
        fields, found = _asked(visit, Kind.PICTURE, ("form", "page"))
        form, page = Form(visit.values["form"]), page_of(visit.values["page"])
        _note_unless_veiled(visit, form, found)
        view = visit.desk.originals.view(found, view_wanted(visit, fields, form, page))
    except Refused as refused:
        return refused.answer
    except NoView:
        return visit.refusal(visit.w("not drawn now"), HTTPStatus.NOT_FOUND)
    return Response(view.data, media_type="image/webp", headers=_ALONE)


def _note_unless_veiled(visit: Visit, form: Form, found: Harmless) -> None:
    if form is not Form.VEILED:  # of a veiled picture nothing can be told; its page was noted
        visit.note(What.LOOKED_AT, subject=found.item.number)


def text(visit: Visit) -> Response:
    """A web page as text, in a frame where nothing runs and nothing is fetched."""
    try:
        fields, found = _asked(visit, Kind.TEXT)
        if kind_of(fields) is not As.TEXT:
            raise Refused(_not_there(visit))
        visit.note(What.LOOKED_AT, subject=found.item.number)
        view = visit.desk.originals.view(found, view_wanted(visit, fields, Form.TEXT, 1))
    except Refused as refused:
        return refused.answer
    except NoView:
        answer = visit.refusal(visit.w("not drawn now"), HTTPStatus.NOT_FOUND)
        answer.headers.update(_IN_FRAME)
        return answer
    return Response(view.data, media_type="text/html; charset=utf-8", headers=_IN_FRAME)


def media(visit: Visit) -> Response:
    """Sound or film as it was received, or made playable, in the pieces that a browser asks for."""
    try:
        fields, found = _asked(visit, Kind.MEDIA, ("made",))
        kind = kind_of(fields)
        if kind not in MADE:
            raise Refused(_not_there(visit))
        path, told = _playable(visit, fields, kind, found)
    except Refused as refused:
        return refused.answer
    if visit.desk.links.use(visit.values, visit.desk.clock()):
        visit.note(What.PLAYED, subject=found.item.number)
    return FileResponse(path, media_type=told, headers=_ALONE)


def _playable(visit: Visit, fields: Fields, kind: As, found: Harmless) -> tuple[Path, str]:
    """A file to play, and its type."""
    if not is_made(fields, visit.values):
        return visit.desk.originals.playable(found), PLAYED[fields["media_type"]]
    made = visit.desk.originals.made(found, Into(kind.value), fields.get("media_type", ""))
    if not isinstance(made, Path):
        raise Refused(visit.refusal(visit.w("not drawn now"), HTTPStatus.NOT_FOUND))
    return made, MADE[kind]


def ready(visit: Visit) -> Response:
    """How far something is made playable, in a frame that looks again by itself; nothing of it is shown here."""
    try:
        fields = _visible(visit, visit.path["number"])
    except Refused as refused:
        refused.answer.headers.update(_OUR_FRAME)
        return refused.answer
    into, found = into_of(fields), harmless_or_why(visit, fields)
    made: Path | Making | Reason = Reason.UNSUPPORTED
    if into is not None and isinstance(found, Harmless):
        made = visit.desk.originals.made(found, into, fields.get("media_type", ""))
    answer = visit.page(
        "ready.html",
        number=fields["item"],
        making=made if isinstance(made, Making) else None,
        why_not=made if isinstance(made, Reason) else None,
        asked="&made=1" if fields.get("media_type") in PLAYED else "",
    )
    answer.headers.update(_OUR_FRAME)
    if isinstance(made, Making):
        answer.headers["Refresh"] = str(_LOOK_AGAIN_SECONDS)
    return answer


def original(visit: Visit) -> Response:
    """An original to take away, with a custody event that says to whom and why."""
    try:
        fields, found = _asked(visit, Kind.ORIGINAL)
        reason = _reason(visit)
    except Refused as refused:
        return refused.answer
    number = found.item.number
    visit.note(What.DOWNLOADED, subject=number)
    path = visit.desk.originals.new_file()
    hand_over(visit.holding, found, path, to=visit.known.name, reason=reason)
    ending = _ENDINGS.get(fields.get("media_type", ""), "bin")
    return _taken_away(path, f"{number}.{ending}")


def with_proof(visit: Visit) -> Response:
    """An item with its lineage, and its original where nothing stands against that."""
    try:
        fields = _linked(visit, Kind.WITH_PROOF)
        found = harmless_or_why(visit, fields)
        reason = _reason(visit)
    except Refused as refused:
        return refused.answer
    number, originals = Number(fields["item"]), visit.desk.originals
    visit.note(What.DOWNLOADED, subject=number)
    target, copy = originals.new_file(), originals.new_file()
    try:
        if isinstance(found, Harmless):
            hand_over(visit.holding, found, copy, to=visit.known.name, reason=reason)
        ending = _ENDINGS.get(fields.get("media_type", ""), "bin")
        write_zip(visit.holding, number, found, copy, f"original.{ending}", target)
    except (ProofInvalid, PartDamaged, LogDamaged, CheckpointInvalid):
        target.unlink(missing_ok=True)
        return visit.refusal(visit.w("broken"), HTTPStatus.CONFLICT)
    finally:
        copy.unlink(missing_ok=True)
    return _taken_away(target, f"{number}.zip")


def near(visit: Visit) -> Response:
    """Near-duplicates of an item, each veiled in the same way."""
    try:
        fields = _visible(visit, visit.path["number"])
    except Refused as refused:
        return refused.answer
    number = Number(fields["item"])
    visit.note(What.OPENED, subject=number)
    found, veiled = [], is_veiled(visit)
    for each in visible_near(visit.holding, number, visit.reader)[:MOST_NEAR]:
        try:
            other = fields_of(visit.holding, visit.reader, each.other)
        except ItemUnknown:
            continue  # the index does not show it to this reader
        found.append((other, tile_of(visit, other, veiled), each.distance))
    return visit.page("near.html", fields=fields, found=found, veiled=veiled)


def beside(visit: Visit) -> Response:
    """Two items beside each other."""
    try:
        both = [_visible(visit, visit.path[name]) for name in ("number", "other")]
    except Refused as refused:
        return refused.answer
    for fields in both:
        visit.note(What.OPENED, subject=fields["item"])
    shown = [(f, shown_original(visit, f, harmless_or_why(visit, f))) for f in both]
    return visit.page("beside.html", both=shown)


def choose_veil(visit: Visit) -> Response:
    """Whether pictures are veiled until opened, kept for the account."""
    if visit.values.get("veil") in ("on", "off"):
        visit.holding.choices.choose_veiled(visit.known.name, visit.values["veil"] == "on")
    try:
        number = parse_number(visit.values.get("item", ""))
    except NotANumber:
        return to("/search")
    return to(f"/items/{number}")


def font(visit: Visit) -> Response:
    """A font of this machine that the page names."""
    path = fonts.path_of(visit.path["name"])
    if path is None:
        return _not_there(visit)
    headers = {"Cache-Control": "private, max-age=604800"}
    return FileResponse(path, media_type=f"font/{path.suffix[1:]}", headers=headers)


def _visible(visit: Visit, number: str) -> Fields:
    """What the index says of an item, if this reader may see it.

    Raises:
        Refused: there is none, or none for this reader.
    """
    try:
        parsed = parse_number(number)
    except NotANumber:
        raise Refused(_not_there(visit)) from None
    try:
        return fields_of(visit.holding, visit.reader, parsed)
    except ItemUnknown:
        visit.note(What.REFUSED, subject=parsed)
        raise Refused(_not_there(visit)) from None


def _linked(visit: Visit, kind: Kind, signed: tuple[str, ...] = ()) -> Fields:
    fields = _visible(visit, visit.path["number"])
    links, now = visit.desk.links, visit.desk.clock()
    if not links.holds(visit.known, fields["item"], kind, now, visit.values, signed):
        visit.note(What.REFUSED, subject=fields["item"])
        raise Refused(visit.refusal(visit.w("link old"), HTTPStatus.FORBIDDEN))
    return fields


def _asked(visit: Visit, kind: Kind, signed: tuple[str, ...] = ()) -> tuple[Fields, Harmless]:
    """The item of a link that holds, whose bytes may be shown.

    Raises:
        Refused: the item is not there for this reader, the link does not hold, or something stands against the bytes.
    """
    fields = _linked(visit, kind, signed)
    found = harmless_or_why(visit, fields)
    if isinstance(found, Cause):
        visit.note(What.REFUSED, subject=fields["item"])
        raise Refused(visit.refusal(visit.w(f"refused {found}"), HTTPStatus.FORBIDDEN))
    return fields, found


def _reason(visit: Visit) -> str:
    reason = visit.values.get("reason", "").strip()[:_MOST_REASON]
    if not reason:
        raise Refused(visit.refusal(visit.w("say why"), HTTPStatus.BAD_REQUEST))
    return reason


def _not_there(visit: Visit) -> Response:
    return visit.refusal(visit.w("not there"), HTTPStatus.NOT_FOUND)


def _taken_away(path: Path, name: str) -> Response:
    """A file that goes as it is sent: it has no name any more, so that nothing is left whatever becomes of the browser."""
    file = path.open("rb")
    size = path.stat().st_size
    path.unlink()
    headers = {**_ALONE, "Content-Disposition": f'attachment; filename="{name}"', "Content-Length": str(size)}
    return StreamingResponse(_pieces(file), media_type=_BYTES, headers=headers)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(1 << 18):
            yield piece
