"""Which export of chats or posts a file is, by the shape of its beginning.

Here: media types of our own for them, their signs, and the reader for each.
Not here: reading (the modules beside this one), every other type (formats/detect).
"""

from __future__ import annotations

import re
from pathlib import Path

from iimm_pipelines.formats.chats import cellebrite, meta, telegram, twitter, whatsapp, xry
from iimm_pipelines.formats.parsed import Limits, Parsed
from iimm_pipelines.formats.text import decode

WHATSAPP = "text/x-whatsapp"
TELEGRAM = "application/x-telegram+json"
TELEGRAM_PAGE = "text/x-telegram-page"
META = "application/x-meta+json"
TWITTER = "text/x-twitter-archive"
CELLEBRITE = "application/x-cellebrite-report+xml"
XRY = "text/x-xry-report"
TYPES = frozenset({WHATSAPP, TELEGRAM, TELEGRAM_PAGE, META, TWITTER, CELLEBRITE, XRY})

_READERS = {
    WHATSAPP: whatsapp.read, TELEGRAM: telegram.read, TELEGRAM_PAGE: telegram.read_page, META: meta.read,
    TWITTER: twitter.read, CELLEBRITE: cellebrite.read, XRY: xry.read,
}  # fmt: skip
_LINES_WITHIN = 8192
_TWITTER = re.compile(
    rb"\s*window\.YTD\.(?:deleted_)?(?:tweets?|direct_messages?(?:_group)?|note_tweet)\.part\d+\s*=\s*\["
)
_TELEGRAM_KEYS = (rb'"date_unixtime"\s*:', rb'"from_id"\s*:', rb'"text_entities"\s*:', rb'"(?:from|actor)"\s*:')
_TELEGRAM_DATE = re.compile(rb'"date(?:_unixtime)?"\s*:\s*"\d')
_TELEGRAM_ROOT = re.compile(rb'"(?:messages|chats)"\s*:\s*[\[{]')
_TELEGRAM_ACCOUNT = re.compile(rb'\{\s*"about"\s*:\s*"Here is the data you requested', re.DOTALL)
"""Of a whole account: contacts and sessions may fill much before its first message."""
_META_MESSAGE = re.compile(rb'"(?:sender_name|senderName)"\s*:')
_META_TIME = re.compile(rb'"(?:timestamp_ms|timestamp)"\s*:\s*\d')
_META_POSTS = re.compile(
    rb'\s*(?:\{\s*"(?:comments_v2|group_posts_v2|group_comments_v2|ig_stories|ig_reels_media|ig_archived_post_media|'
    rb'comments_media_comments|comments_reels_comments|profile_posts_v2|other_photos_v2)"\s*:\s*\[|'
    rb'\[\s*\{\s*"(?:media_list_data|string_map_data)"\s*:|'
    rb'\[\s*\{\s*"media"\s*:\s*\[\s*\{\s*"uri"\s*:|'
    rb'\[\s*\{\s*"timestamp"\s*:\s*\d{9,10}\s*,\s*"(?:attachments|data|title|tags)"\s*:|'
    rb'\[\s*\{\s*"(?:attachments|data)"\s*:\s*\[.{0,20000}?"timestamp"\s*:\s*\d{9,10})', re.DOTALL
)  # fmt: skip
_PAGE = (
    re.compile(rb'class="(?:page_header|message service)[ "]'),
    re.compile(rb'class="(?:history|message default)[ "]'),
)


def chat_type(head: bytes, said: str) -> str | None:
    """The type of an export, where the beginning of a file that reads as text or JSON has its signs."""
    if xry.looks_like_it(head[:_LINES_WITHIN]):
        return XRY
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if said == "text/html" or start[:1] == b"<":
        return TELEGRAM_PAGE if all(sign.search(head) for sign in _PAGE) else None
    if start[:10] == b"window.YTD":
        return TWITTER if _TWITTER.match(start) else None
    if start[:1] in (b"{", b"[") and (kind := _json_type(start)):
        return kind
    return WHATSAPP if whatsapp.looks_like_it(decode(head[:_LINES_WITHIN]).text) else None


def _json_type(start: bytes) -> str | None:
    if _META_MESSAGE.search(start) and _META_TIME.search(start):
        return META
    if _TELEGRAM_ACCOUNT.match(start):
        return TELEGRAM
    signs = sum(1 for key in _TELEGRAM_KEYS if re.search(key, start))
    if signs >= 2 and _TELEGRAM_ROOT.search(start) and _TELEGRAM_DATE.search(start):
        return TELEGRAM
    return META if _META_POSTS.match(start) else None


def read(path: Path, media_type: str, limits: Limits) -> Parsed:
    """Read an export of one of the types above."""
    return _READERS[media_type](path, limits)
