"""Telegram's exports: one chat or a whole account as JSON, and the pages that its program for desktops writes.

Here: messages and service messages of both, with sender, time, media, reply and forward.
Not here: reading JSON of any size (streams), media files (items of their own).
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.formats.chats.streams import Broken, items_at, text_at, values, words
from iimm_pipelines.formats.parsed import FileKind, Limits, Parsed, clean
from iimm_pipelines.formats.records import Full, Gathering, Record, RecordKind
from iimm_pipelines.formats.text import decode
from iimm_pipelines.formats.times import Moment, from_iso, offset_of, on_a_clock, since_1970

_MESSAGES = re.compile(r"(?:|chats\.list\.item\.|left_chats\.list\.item\.)messages\.item")
_CHAT_NAME = re.compile(r"(?:|chats\.list\.item\.|left_chats\.list\.item\.)name")
_MEDIA = ("photo", "file")
_SAYING = ("contact_information", "poll", "place_name", "address", "location_information", "game_title")
"""Keys beside the text that hold what a person sent."""
_NOT_THERE = "(File "
"""How the program writes a name where it left the file out: not included, too large, unavailable."""
_EVENTS_OF_CALLS = ("phone_call", "group_call")
_PAGE_TIME = re.compile(
    r"(\d{1,2})[./](\d{1,2})[./](\d{4}) (\d{1,2}):(\d\d):(\d\d)(?: (?:UTC)?([+\-]\d\d:?\d\d|UTC))?", re.ASCII
)
_LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_PAGE_MESSAGE = re.compile(r"#?(?:go_to_)?(message-?\d+)", re.ASCII)


def read(path: Path, limits: Limits) -> Parsed:
    """Read an export as JSON."""
    gathered = Gathering(limits)
    group = ""
    problem = None
    try:
        for place, value in values(path, lambda place: _MESSAGES.fullmatch(place) is not None):
            if isinstance(value, dict):
                record, text = _message(value, group)
                gathered.add(record, text, "event" if record.event else "message")
            elif isinstance(value, str):
                if _CHAT_NAME.fullmatch(place):
                    group = value
                gathered.loose(value)  # contacts, sessions, what else an account has
    except Full:
        problem = Reason.LIMIT_REACHED
    except Broken as broken:
        problem = broken.reason
    gathered.end()
    return Parsed(FileKind.MESSAGE, frozenset({"chat"}), (("chat", "telegram"),), tuple(gathered.segments),
                  problem=problem, records=tuple(gathered.records))  # fmt: skip


def _message(value: dict[str, Any], group: str) -> tuple[Record, str]:
    text = _text(value.get("text"))
    action = text_at(value, "action")
    media = tuple(m for key in _MEDIA if (m := text_at(value, key)))
    there = tuple(m for m in media if not m.startswith(_NOT_THERE))
    duration = value.get("duration_seconds")
    record = Record(
        RecordKind.CALL if action in _EVENTS_OF_CALLS else RecordKind.MESSAGE,
        text_at(value, "from") or text_at(value, "actor") or None,
        text_at(value, "from_id") or text_at(value, "actor_id") or None,
        recipients=tuple(str(m) for m in items_at(value, "members") if isinstance(m, str)),
        group=group or None,
        time=_time(value),
        id=text_at(value, "id") or None,
        reply_to=text_at(value, "reply_to_message_id") or None,
        media=there,
        media_missing=len(there) < len(media),
        shares=tuple(dict.fromkeys(_links(value.get("text")))),
        forwarded_from=text_at(value, "forwarded_from") or None,
        event=action or None,
        duration_s=duration if isinstance(duration, int) and action else None,
        edited="edited" in value or "edited_unixtime" in value,
        system=text_at(value, "type") == "service",
    )
    text = "\n".join([text, *(word for key in _SAYING for word in words(value.get(key)))]).strip()
    if not text:  # so that a picture without words, or an event, is found by what the file calls it
        text = "\n".join(filter(None, [text_at(value, "title"), action, *there, text_at(value, "sticker_emoji")]))
    return record, text


def _time(value: dict[str, Any]) -> Moment | None:
    """`date` is on the exporter's clock; beside the instant it tells the offset of that clock."""
    written, instant = text_at(value, "date"), since_1970(text_at(value, "date_unixtime"))
    if not written:
        return instant
    local = from_iso(written)
    as_if_utc = replace(local, offset_minutes=0).utc_ms
    if instant is None or instant.instant_ms is None or as_if_utc is None:
        return local
    offset, rest = divmod(as_if_utc - instant.instant_ms, 60_000)
    known = not rest and abs(offset) <= 14 * 60
    return replace(local, offset_minutes=offset if known else None, instant_ms=instant.instant_ms)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    parts = value if isinstance(value, list) else []
    return "".join(part if isinstance(part, str) else text_at(part, "text") for part in parts)


def _links(value: Any) -> list[str]:
    parts = value if isinstance(value, list) else []
    return [text_at(part, "href") or text_at(part, "text") for part in parts
            if text_at(part, "type") in ("link", "text_link")]  # fmt: skip


def read_page(path: Path, limits: Limits) -> Parsed:
    """Read one page of an export as HTML; a page holds a thousand messages at most."""
    from resiliparse.parse.html import HTMLTree

    with path.open("rb") as file:
        data = file.read(limits.max_characters + 1)
    decoded = decode(data[: limits.max_characters])
    body = HTMLTree.parse(_LINE_BREAK.sub("\n", decoded.text)).body
    gathered = Gathering(limits)
    problem = Reason.LIMIT_REACHED if len(data) > limits.max_characters else None
    group = _words(body, ".page_header .text") if body is not None else ""
    sender = ""
    try:
        for element in body.query_selector_all("div.message") if body is not None else ():
            if "service" in element.class_list:
                gathered.add(Record(RecordKind.MESSAGE, group=group or None, id=element.id or None, system=True),
                             _words(element, ".body"), "event")  # fmt: skip
                continue
            # a message without a name goes on where the same person wrote the one before
            sender = _words(element, ".message > .body > .from_name") or sender
            record, text = _page_message(element, sender, group)
            gathered.add(record, text, "message")
    except Full:
        problem = Reason.LIMIT_REACHED
    return Parsed(FileKind.MESSAGE, frozenset({"chat"}), (("encoding", decoded.encoding), ("chat", "telegram")),
                  tuple(gathered.segments), problem=problem, records=tuple(gathered.records))  # fmt: skip


def _page_message(element: Any, sender: str, group: str) -> tuple[Record, str]:
    date = element.query_selector(".date")
    reply = element.query_selector(".reply_to a")
    forwarded = element.query_selector(".forwarded")
    replied = _PAGE_MESSAGE.search(reply.getattr("href") or "") if reply is not None else None
    links = [a.getattr("href") or "" for a in element.query_selector_all(".text a")]
    media = tuple(dict.fromkeys(a.getattr("href") for a in element.query_selector_all(".media_wrap a[href]")))
    text = _words(element, ".text")
    left_out = _words(element, ".media_wrap .media .description") if not media else ""
    record = Record(
        RecordKind.MESSAGE,
        sender or None,
        group=group or None,
        time=_page_time(date.getattr("title") or date.text) if date is not None else None,
        id=element.id or None,
        reply_to=replied[1] if replied else None,
        media=tuple(m for m in media if m),
        media_missing=bool(left_out),
        shares=tuple(dict.fromkeys(link for link in links if link.startswith(("http:", "https:")))),
        forwarded_from=_own_words(forwarded.query_selector(".from_name")) or None if forwarded is not None else None,
    )
    return record, text or "\n".join([*record.media, *filter(None, [_words(element, ".media_wrap .body")])])


def _own_words(element: Any) -> str:
    """The words of an element without those of the date beside them."""
    if element is None:
        return ""
    inner = element.query_selector(".date")
    text = str(element.text)
    return text.replace(str(inner.text), "", 1).strip() if inner is not None else text.strip()


def _words(element: Any, selector: str) -> str:
    found = element.query_selector(selector)
    return clean(str(found.text)).strip() if found is not None else ""


def _page_time(written: str) -> Moment:
    found = _PAGE_TIME.match(written.strip())
    if not found:
        return Moment(written)
    day, month, year, hour, minute, second = (int(part) for part in found.groups()[:6])
    return on_a_clock(written, year, month, day, hour, minute, second, offset_of(found[7]))
