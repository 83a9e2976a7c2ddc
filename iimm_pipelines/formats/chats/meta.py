"""Facebook's and Instagram's downloads as JSON: conversations, posts, comments.

Here: the shapes of their items, and their text, which is UTF-8 written as if it were Latin-1, mended.
Not here: reading JSON of any size (streams), the same downloads as pages (formats/html reads their text).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.formats.chats.streams import Broken, items_at, mended, text_at, values, words
from iimm_pipelines.formats.parsed import FileKind, Limits, Parsed
from iimm_pipelines.formats.records import Full, Gathering, Record, RecordKind
from iimm_pipelines.formats.times import since_1970

_MEDIA = ("photos", "videos", "audio_files", "files", "gifs", "media")
_PARTICIPANTS = ("participants.item.name", "participants.item")
_GROUP = ("title", "threadName")


def read(path: Path, limits: Limits) -> Parsed:
    """Read one file of a download."""
    gathered = Gathering(limits)
    people: list[str] = []
    group = ""
    problem = None
    try:
        for place, value in values(path, _wanted):
            if isinstance(value, dict):
                said = list(_said(value))
                for record, text in said:
                    _add(gathered, record, text)
                if not said:  # an item of a shape that is not known yet keeps its words
                    gathered.loose("\n".join(mended(word) or word for word in words(value)))
            elif isinstance(value, str):
                text = mended(value) or value
                if place in _PARTICIPANTS:
                    people.append(text)
                elif place in _GROUP:
                    group = text
                gathered.loose(text)
    except Full:
        problem = Reason.LIMIT_REACHED
    except Broken as broken:
        problem = broken.reason
    gathered.end()
    # who takes part and what the conversation is called may stand behind the messages
    records = tuple(replace(record, group=group or None, recipients=_others(people, record))
                    if record.kind in (RecordKind.MESSAGE, RecordKind.CALL) else record
                    for record in gathered.records)  # fmt: skip
    return Parsed(FileKind.MESSAGE, frozenset({"chat"}), (("chat", "meta"),), tuple(gathered.segments),
                  problem=problem, records=records)  # fmt: skip


def _others(people: list[str], record: Record) -> tuple[str, ...]:
    return tuple(name for name in people if name != record.sender)


def _wanted(place: str) -> bool:
    """Items of an array that is the file, or stands under a key of it; people are read name by name."""
    return place == "item" or (place.endswith(".item") and place.count(".") == 1 and place != "participants.item")


def _add(gathered: Gathering, record: Record, text: str) -> None:
    mend = _Mending()
    text = mend(text) or ""
    record = replace(
        record,
        sender=mend(record.sender),
        group=mend(record.group),
        recipients=tuple(mend(name) or "" for name in record.recipients),
        media=tuple(mend(name) or "" for name in record.media),
        forwarded_from=mend(record.forwarded_from),
        event=mend(record.event),
    )
    gathered.add(replace(record, mended=mend.changed), text, "event" if record.event else str(record.kind))


class _Mending:
    """Mends texts, and remembers whether one of them was in need of it."""

    changed = False

    def __call__(self, text: str | None) -> str | None:
        better = mended(text) if text else None
        self.changed = self.changed or better is not None
        return text if better is None else better


def _said(value: dict[str, Any]) -> Iterator[tuple[Record, str]]:
    if "sender_name" in value or "senderName" in value:
        yield _message(value)
    elif "string_map_data" in value:
        yield _instagram_comment(value)
    elif "creation_timestamp" in value or "media" in value:
        yield _instagram_post(value)
    else:
        yield from _facebook_posts(value)


def _message(value: dict[str, Any]) -> tuple[Record, str]:
    call = value.get("call_duration")
    shared = text_at(value, "share", "link")
    media = tuple(text_at(one, "uri") for key in _MEDIA for one in items_at(value, key))
    sticker = text_at(value, "sticker", "uri")
    text = text_at(value, "content") or text_at(value, "text") or text_at(value, "share", "share_text")
    record = Record(
        RecordKind.CALL if isinstance(call, int) else RecordKind.MESSAGE,
        text_at(value, "sender_name") or text_at(value, "senderName") or None,
        time=since_1970(value.get("timestamp_ms", value.get("timestamp")), 1000),
        media=tuple(filter(None, (*media, sticker))),
        shares=(shared,) if shared else (),
        forwarded_from=text_at(value, "share", "original_content_owner") or None,
        duration_s=call if isinstance(call, int) and not isinstance(call, bool) else None,
        deleted=value.get("is_unsent") is True or value.get("isUnsent") is True,
    )
    return record, text or "\n".join([*record.shares, *record.media])


def _instagram_comment(value: dict[str, Any]) -> tuple[Record, str]:
    data = value["string_map_data"]
    owner = text_at(data, "Media Owner", "value")
    time = since_1970(text_at(data, "Time", "timestamp"))
    media = tuple(filter(None, (text_at(one, "uri") for one in items_at(value, "media_list_data"))))
    return (
        Record(RecordKind.COMMENT, time=time, recipients=(owner,) if owner else (), media=media),
        text_at(data, "Comment", "value"),
    )


def _instagram_post(value: dict[str, Any]) -> tuple[Record, str]:
    media = items_at(value, "media") or [value]
    stamp = value.get("creation_timestamp") or next(
        (m["creation_timestamp"] for m in media if isinstance(m, dict) and "creation_timestamp" in m), None
    )
    names = tuple(filter(None, (text_at(one, "uri") for one in media)))
    text = "\n".join(dict.fromkeys(filter(None, (text_at(value, "title"), *(text_at(one, "title") for one in media)))))
    return Record(RecordKind.POST, time=since_1970(stamp), media=names), text or "\n".join(names)


def _facebook_posts(value: dict[str, Any]) -> Iterator[tuple[Record, str]]:
    """A post, or comments: the words stand in `data`, a line that says who did what in `title`."""
    time = since_1970(value.get("timestamp"))
    title = text_at(value, "title")
    contexts = [one for a in items_at(value, "attachments") for one in items_at(a, "data")]
    media = tuple(filter(None, (text_at(one, "media", "uri") for one in contexts)))
    shares = tuple(filter(None, (text_at(one, "external_context", "url") for one in contexts)))
    comments = [one["comment"] for one in items_at(value, "data") if isinstance(one, dict) and "comment" in one]
    for comment in comments:
        yield (
            Record(
                RecordKind.COMMENT,
                text_at(comment, "author") or None,
                group=text_at(comment, "group") or None,
                time=since_1970(comment.get("timestamp")) if isinstance(comment, dict) else time,
                media=media,
                shares=shares,
            ),
            text_at(comment, "comment") or title,
        )
    if not comments:
        words = [text_at(one, "post") for one in items_at(value, "data")]
        described = [text_at(one, "media", "description") for one in contexts]
        text = "\n".join(dict.fromkeys(filter(None, (*words, *described))))
        if text or title or media or shares:
            yield (
                Record(RecordKind.POST, time=time, media=media, shares=shares, event=None if text else title or None),
                text or title or "\n".join([*shares, *media]),
            )
