"""Twitter's archives: posts and direct messages in scripts that begin with `window.YTD`.

Here: tweets, deleted tweets, direct messages of two and of groups.
Not here: reading JSON of any size (streams); the other lists of an archive, which stay text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.formats.chats.streams import Broken, items_at, text_at, values
from iimm_pipelines.formats.parsed import FileKind, Limits, Parsed
from iimm_pipelines.formats.records import Full, Gathering, Record, RecordKind
from iimm_pipelines.formats.times import Moment, from_iso, from_mail


def read(path: Path, limits: Limits) -> Parsed:
    """Read one script of an archive."""
    gathered = Gathering(limits)
    problem = None
    try:
        for _, value in values(path, lambda place: place == "item"):
            for record, text in _said(value):
                gathered.add(record, text, "event" if record.event else str(record.kind))
    except Full:
        problem = Reason.LIMIT_REACHED
    except Broken as broken:
        problem = broken.reason
    return Parsed(FileKind.MESSAGE, frozenset({"chat"}), (("chat", "twitter"),), tuple(gathered.segments),
                  problem=problem, records=tuple(gathered.records))  # fmt: skip


def _said(value: Any) -> Iterator[tuple[Record, str]]:
    if not isinstance(value, dict):
        return
    if isinstance(value.get("dmConversation"), dict):
        group = text_at(value["dmConversation"], "conversationId")
        for message in items_at(value["dmConversation"], "messages"):
            if isinstance(message, dict):
                for event, body in message.items():
                    yield _direct(event, body, group)
        return
    tweet = value.get("tweet", value)
    if isinstance(tweet, dict):
        yield _tweet(tweet)


def _direct(event: str, body: Any, group: str) -> tuple[Record, str]:
    said = event == "messageCreate"
    urls = tuple(filter(None, (text_at(u, "expanded") or text_at(u, "url") for u in items_at(body, "urls"))))
    media = tuple(filter(None, (str(u) for u in items_at(body, "mediaUrls") if isinstance(u, str))))
    recipient = text_at(body, "recipientId")
    people = tuple(str(one) for one in items_at(body, "userIds") if isinstance(one, str))
    written = text_at(body, "createdAt")
    record = Record(
        RecordKind.MESSAGE,
        account=text_at(body, "senderId") or text_at(body, "initiatingUserId") or None,
        recipients=(recipient,) if recipient else people,
        group=group or None,
        time=from_iso(written) if written else None,
        id=text_at(body, "id") or None,
        media=media,
        shares=urls,
        event=None if said else event,
        system=not said,
    )
    return record, text_at(body, "text") or "\n".join([*media, *urls]) or ("" if said else event)


def _tweet(tweet: dict[str, Any]) -> tuple[Record, str]:
    text = text_at(tweet, "full_text") or text_at(tweet, "text")
    parts = items_at(tweet, "extended_entities", "media") or items_at(tweet, "entities", "media")
    urls = (text_at(u, "expanded_url") or text_at(u, "url") for u in items_at(tweet, "entities", "urls"))
    mentioned = (text_at(u, "screen_name") for u in items_at(tweet, "entities", "user_mentions"))
    people = tuple(filter(None, mentioned))
    again = text.startswith("RT @")
    record = Record(
        RecordKind.POST,
        recipients=people,
        time=_time(text_at(tweet, "created_at")),
        id=text_at(tweet, "id_str") or text_at(tweet, "id") or None,
        reply_to=text_at(tweet, "in_reply_to_status_id_str") or text_at(tweet, "in_reply_to_status_id") or None,
        media=tuple(filter(None, (text_at(one, "media_url_https") or text_at(one, "media_url") for one in parts))),
        shares=tuple(filter(None, urls)),
        forwarded_from=text[4:].split(":", 1)[0].strip() if again else None,
        deleted="deleted_at" in tweet,
    )
    return record, text


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _time(written: str) -> Moment | None:
    """`Wed Oct 10 20:19:24 +0000 2018`, or ISO 8601."""
    parts = written.split()
    if len(parts) == 6 and parts[1] in _MONTHS:
        moment = from_mail(f"{parts[2]} {parts[1]} {parts[5]} {parts[3]} {parts[4]}")
        return replace(moment, written=written) if moment else None
    return from_iso(written) if written else None
