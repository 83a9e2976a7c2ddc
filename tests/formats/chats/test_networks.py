"""Exports of Telegram, Facebook, Instagram and Twitter: known by their content, read as records."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iimm_pipelines.formats.chats import signs
from iimm_pipelines.formats.chats.streams import mended
from iimm_pipelines.formats.parsed import Limits, Parsed
from iimm_pipelines.formats.records import Record, RecordKind, as_row

PACK = Path(__file__).resolve().parents[3] / ".." / "shared" / "evidence-pack"

TELEGRAM = {
    "name": "ရွာသားများ", "type": "private_group", "id": 4711,
    "messages": [
        {"id": 1, "type": "service", "date": "2021-02-01T10:00:00", "date_unixtime": "1612150200", "actor": "Aung",
         "actor_id": "user1", "action": "create_group", "title": "ရွာသားများ", "members": ["Aung", "Mya"], "text": ""},
        {"id": 2, "type": "message", "date": "2021-02-01T10:05:00", "date_unixtime": "1612150500", "from": "Mya",
         "from_id": "user2", "reply_to_message_id": 1, "edited": "2021-02-01T10:06:00",
         "text": ["look: ", {"type": "link", "text": "https://example.org/a"}, " now"]},
        {"id": 3, "type": "message", "date": "2021-02-01T10:07:00", "date_unixtime": "1612150620", "from": "Mya",
         "from_id": "user2", "forwarded_from": "Channel", "photo": "photos/photo_1.jpg", "text": ""},
        {"id": 4, "type": "message", "date": "2021-02-01T10:08:00", "from": "Aung", "from_id": "user1",
         "file": "(File not included. Change data exporting settings to download.)", "text": "the film"},
        {"id": 5, "type": "service", "date": "2021-02-01T10:09:00", "date_unixtime": "1612150740", "actor": "Aung",
         "actor_id": "user1", "action": "phone_call", "duration_seconds": 61, "text": ""},
        {"id": 6, "type": "message", "date": "2021-02-01T10:10:00", "from": "Aung", "from_id": "user1", "text": "",
         "contact_information": {"first_name": "Ko Ko", "phone_number": "+959111"}},
    ],
}  # fmt: skip
PAGE = """<!DOCTYPE html><html><body><div class="page_wrap"><div class="page_header"><div class="content">
<div class="text bold">Village</div></div></div><div class="page_body chat_page"><div class="history">
<div class="message service" id="message-1"><div class="body details">1 February 2021</div></div>
<div class="message default clearfix" id="message12"><div class="body"><div class="pull_right date details"
 title="01.02.2021 10:00:00 UTC+06:30">10:00</div><div class="from_name">Mya </div><div class="text">first<br>line</div></div></div>
<div class="message default clearfix joined" id="message13"><div class="body"><div class="pull_right date details"
 title="01.02.2021 10:01:00">10:01</div><div class="reply_to details">In reply to <a href="#go_to_message12">this</a></div>
<div class="media_wrap clearfix"><a class="photo_wrap" href="photos/photo_2.jpg"></a></div>
<div class="forwarded body"><div class="from_name">Channel <span class="date details" title="31.01.2021 09:00:00">x</span></div>
<div class="text">passed on <a href="https://example.org/b">there</a></div></div></div></div>
</div></div></div></body></html>"""
TWEETS = 'window.YTD.tweets.part0 = ' + json.dumps([{"tweet": {
    "id_str": "9", "created_at": "Mon Feb 01 03:30:00 +0000 2021", "full_text": "RT @eye: convoy at the bridge",
    "in_reply_to_status_id_str": "8", "entities": {"urls": [{"expanded_url": "https://example.org/c"}],
    "user_mentions": [{"screen_name": "eye"}], "media": [{"media_url_https": "https://example.org/9.jpg"}]}}}])  # fmt: skip
DIRECT = 'window.YTD.direct_messages.part0 = ' + json.dumps([{"dmConversation": {"conversationId": "1-2", "messages": [
    {"messageCreate": {"id": "5", "senderId": "1", "recipientId": "2", "text": "words", "mediaUrls": [], "urls": [],
                       "createdAt": "2021-02-01T03:30:00.000Z"}},
    {"joinConversation": {"initiatingUserId": "1", "createdAt": "2021-02-01T03:31:00.000Z", "userIds": ["3"]}}]}}])  # fmt: skip


def twice(text: str) -> str:
    """Text as Facebook writes it."""
    return text.encode().decode("latin-1")


CONVERSATION = {
    "participants": [{"name": twice("အောင်")}, {"name": "Mya"}],
    "messages": [
        {"sender_name": twice("အောင်"), "timestamp_ms": 1612150200000, "content": twice("မင်္ဂလာပါ"), "type": "Generic",
         "photos": [{"uri": "messages/inbox/x/photos/1.jpg"}]},
        {"sender_name": "Mya", "timestamp_ms": 1612150300000, "content": "Café", "share": {"link": "https://example.org/d"}},
        {"sender_name": "Mya", "timestamp_ms": 1612150400000, "call_duration": 30, "content": "called"},
        {"sender_name": "Mya", "timestamp_ms": 1612150500000, "is_unsent": True},
    ],
    "title": "Village", "thread_path": "inbox/x",
}  # fmt: skip
POSTS = [{"timestamp": 1612150200, "attachments": [{"data": [{"media": {"uri": "posts/1.jpg", "description": ""}}]},
                                                   {"data": [{"external_context": {"url": "https://example.org/e"}}]}],
          "data": [{"post": twice("ရွာ")}], "title": "Mya shared a link."}]  # fmt: skip
COMMENTS = {"comments_v2": [{"timestamp": 1612150200, "title": "Mya commented on a post.", "data": [
    {"comment": {"timestamp": 1612150200, "comment": "I saw it", "author": "Mya", "group": "News"}}]}]}  # fmt: skip
INSTAGRAM = [{"media": [{"uri": "media/posts/1.jpg", "creation_timestamp": 1612150200, "title": twice("နံနက်")}]}]
INSTAGRAM_COMMENTS = [{"media_list_data": [{"uri": ""}], "string_map_data": {
    "Comment": {"value": "yes"}, "Media Owner": {"value": "eye"}, "Time": {"timestamp": 1612150200}}}]  # fmt: skip

EXPORTS: dict[str, tuple[str, str]] = {
    "telegram": (signs.TELEGRAM, json.dumps(TELEGRAM, ensure_ascii=False)),
    "telegram account": (signs.TELEGRAM, json.dumps({"about": "Here is the data you requested. Keep it.", "chats": {
        "list": [TELEGRAM]}}, indent=1)),
    "telegram page": (signs.TELEGRAM_PAGE, PAGE),
    "tweets": (signs.TWITTER, TWEETS),
    "direct messages": (signs.TWITTER, DIRECT),
    "conversation": (signs.META, json.dumps(CONVERSATION, indent=2)),
    "posts": (signs.META, json.dumps(POSTS, indent=2)),
    "comments": (signs.META, json.dumps(COMMENTS, indent=2)),
    "instagram": (signs.META, json.dumps(INSTAGRAM, indent=2)),
    "instagram comments": (signs.META, json.dumps(INSTAGRAM_COMMENTS)),
}  # fmt: skip

Reads = Callable[[str], tuple[tuple[Record, ...], list[str]]]


def read_in(folder: Path, media_type: str, data: bytes, limits: Limits = Limits()) -> Parsed:  # noqa: B008
    (folder / "blob").write_bytes(data)
    return signs.read(folder / "blob", media_type, limits)


@pytest.fixture(name="read")
def read_export(tmp_path: Path) -> Reads:
    def read(name: str) -> tuple[tuple[Record, ...], list[str]]:
        kind, text = EXPORTS[name]
        found = read_in(tmp_path, kind, text.encode())
        assert found.problem is None
        return found.records, [
            " ".join(s.text for s in found.segments if s.record == i) for i in range(len(found.records))
        ]

    return read


@pytest.mark.parametrize("name", EXPORTS)
def test_the_content_tells_what_it_is(name: str) -> None:
    kind, text = EXPORTS[name]
    assert signs.chat_type(text.encode(), "") == kind
    assert signs.chat_type(b"\xef\xbb\xbf" + text.encode(), "") == kind


@pytest.mark.parametrize("text", ['{"messages": [{"date": "2021", "body": "x"}]}', '[{"timestamp": 1, "data": 2}]',
                                  "<html><body class='message'>a</body></html>", "window.location = 1", "{", ""])  # fmt: skip
def test_what_only_looks_a_little_like_it_is_not(text: str) -> None:
    assert signs.chat_type(text.encode(), "") is None


@pytest.mark.parametrize("name", ["telegram", "telegram account"])
def test_telegram_says_who_when_and_to_what(read: Reads, name: str) -> None:
    records, texts = read(name)
    assert [r.sender for r in records] == ["Aung", "Mya", "Mya", "Aung", "Aung", "Aung"]
    assert {r.group for r in records} == {"ရွာသားများ"}
    created, linked, forwarded, missing, call, contact = records
    assert (created.system, created.event, created.recipients) == (True, "create_group", ("Aung", "Mya"))
    assert (linked.reply_to, linked.shares, linked.edited) == ("1", ("https://example.org/a",), True)
    assert texts[1] == "look: https://example.org/a now"
    assert (forwarded.forwarded_from, forwarded.media, texts[2]) == (
        "Channel",
        ("photos/photo_1.jpg",),
        "photos/photo_1.jpg",
    )
    assert (missing.media, missing.media_missing, texts[3]) == ((), True, "the film")
    assert (call.kind, call.duration_s) == (RecordKind.CALL, 61)
    assert (contact.kind, texts[5]) == (RecordKind.MESSAGE, "Ko Ko\n+959111")


def test_two_clocks_of_telegram_give_the_offset(read: Reads) -> None:
    records, _ = read("telegram")
    times = [r.time for r in records if r.time]
    assert (times[0].iso, times[0].offset_minutes, times[0].utc_ms) == ("2021-02-01T10:00:00", 390, 1612150200000)
    assert (times[3].iso, times[3].offset_minutes, times[3].utc_ms) == ("2021-02-01T10:08:00", None, None)


def test_a_page_of_telegram_gives_the_same_things(read: Reads) -> None:
    (service, first, second), texts = read("telegram page")
    assert (service.system, texts[0]) == (True, "1 February 2021")
    assert (first.sender, first.group, texts[1]) == ("Mya", "Village", "first\nline")
    assert first.time is not None
    assert (first.time.iso, first.time.offset_minutes) == ("2021-02-01T10:00:00", 390)
    assert (second.sender, second.reply_to, second.forwarded_from) == ("Mya", "message12", "Channel")
    assert second.media == ("photos/photo_2.jpg",)
    assert second.shares == ("https://example.org/b",)
    assert second.time is not None
    assert second.time.utc_ms is None


def test_a_conversation_is_mended_where_it_was_encoded_twice_and_only_there(read: Reads) -> None:
    (first, second, call, unsent), texts = read("conversation")
    assert (first.sender, texts[0], first.mended) == ("အောင်", "မင်္ဂလာပါ", True)
    assert (second.sender, texts[1], second.mended) == ("Mya", "Café", False)
    assert (first.recipients, second.recipients, first.group) == (("Mya",), ("အောင်",), "Village")
    assert first.media == ("messages/inbox/x/photos/1.jpg",)
    assert second.shares == ("https://example.org/d",)
    assert (call.kind, call.duration_s, unsent.deleted) == (RecordKind.CALL, 30, True)
    assert first.time is not None
    assert (first.time.utc_ms, first.time.iso) == (1612150200000, None)


@settings(deadline=None)
@given(st.text(max_size=50))
def test_any_text_that_was_encoded_twice_comes_back(text: str) -> None:
    if not text.isascii():
        assert mended(text.encode("utf-8", "replace").decode("latin-1")) == text.encode("utf-8", "replace").decode()


def test_posts_and_comments_stand_with_what_they_share(read: Reads) -> None:
    (post,), texts = read("posts")
    assert (post.kind, texts, post.mended) == (RecordKind.POST, ["ရွာ"], True)
    assert (post.media, post.shares) == (("posts/1.jpg",), ("https://example.org/e",))
    (comment,), texts = read("comments")
    assert (comment.kind, comment.sender, comment.group, texts) == (RecordKind.COMMENT, "Mya", "News", ["I saw it"])
    (picture,), texts = read("instagram")
    assert (picture.kind, picture.media, texts) == (RecordKind.POST, ("media/posts/1.jpg",), ["နံနက်"])
    (answer,), texts = read("instagram comments")
    assert (answer.kind, answer.recipients, texts) == (RecordKind.COMMENT, ("eye",), ["yes"])


def test_tweets_and_direct_messages_have_their_instant(read: Reads) -> None:
    (tweet,), texts = read("tweets")
    assert (tweet.kind, tweet.reply_to, tweet.forwarded_from, tweet.recipients) == (
        RecordKind.POST,
        "8",
        "eye",
        ("eye",),
    )
    assert (tweet.shares, tweet.media) == (("https://example.org/c",), ("https://example.org/9.jpg",))
    assert tweet.time is not None
    assert (tweet.time.written, tweet.time.utc_ms) == ("Mon Feb 01 03:30:00 +0000 2021", 1612150200000)
    (message, joined), texts = read("direct messages")
    assert (message.account, message.recipients, message.group, texts[0]) == ("1", ("2",), "1-2", "words")
    assert (joined.system, joined.event, joined.recipients) == (True, "joinConversation", ("3",))


def test_words_of_an_unknown_item_stay(tmp_path: Path) -> None:
    data: dict[str, Any] = {"participants": [{"name": "A"}], "messages": [{"odd": {"deep": ["kept"]}}], "title": "T"}
    found = read_in(tmp_path, signs.META, json.dumps(data).encode())
    assert "kept" in "\n".join(s.text for s in found.segments)


@pytest.mark.parametrize("name", ["telegram", "conversation", "tweets"])
def test_a_file_cut_short_keeps_what_stands_before_the_cut(tmp_path: Path, name: str) -> None:
    kind, text = EXPORTS[name]
    data = text.replace("}}]", "}}, " + json.dumps({"tweet": {"full_text": "x"}}) + "]").encode()
    found = read_in(tmp_path, kind, data[: len(data) - 30])
    assert found.problem == "truncated"
    assert found.records


def test_nesting_without_end_is_stopped(tmp_path: Path) -> None:
    data = b'{"messages": [{"sender_name": "A", "timestamp_ms": 1, "content": ' + b"[" * 200_000
    assert read_in(tmp_path, signs.META, data).problem in ("limit reached", "damaged")


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(sorted(EXPORTS)), st.integers(0, 2**31), st.integers(0, 20), st.binary(max_size=12), st.booleans()
)
def test_a_damaged_export_raises_nothing(name: str, at: int, gone: int, noise: bytes, cut: bool) -> None:
    kind, text = EXPORTS[name]
    data = bytearray(text.encode())
    at %= len(data)
    data[at : len(data) if cut else at + gone] = noise
    signs.chat_type(bytes(data), "")
    with tempfile.TemporaryDirectory() as folder:
        found = read_in(Path(folder), kind, bytes(data))
    for record in found.records:
        assert all(value is not None for value in as_row(record).values())


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
                    max_leaves=5)  # fmt: skip


@st.composite
def with_other_values(draw: st.DrawFn, value: Any) -> Any:
    """The same JSON with some values replaced by whatever else JSON can hold."""
    if draw(st.integers(0, 9)) == 0:
        return draw(JSON)
    if isinstance(value, dict):
        return {key: draw(with_other_values(inner)) for key, inner in value.items()}
    return [draw(with_other_values(inner)) for inner in value] if isinstance(value, list) else value


SHAPES = ((signs.TELEGRAM, TELEGRAM), (signs.META, CONVERSATION), (signs.META, POSTS), (signs.META, COMMENTS),
          (signs.META, INSTAGRAM), (signs.META, INSTAGRAM_COMMENTS), (signs.TWITTER, json.loads(TWEETS[26:])),
          (signs.TWITTER, json.loads(DIRECT[35:])))  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(SHAPES).flatmap(lambda shape: st.tuples(st.just(shape[0]), with_other_values(shape[1]))))
def test_values_of_other_types_than_expected_raise_nothing(made: tuple[str, Any]) -> None:
    kind, value = made
    with tempfile.TemporaryDirectory() as folder:
        found = read_in(Path(folder), kind, json.dumps(value).encode())
    for record in found.records:
        as_row(record)


@pytest.mark.skipif(not PACK.is_dir(), reason="the evidence pack is not here")
@pytest.mark.parametrize("kind", ["telegram", "instagram"])
def test_public_exports_say_what_their_reference_says(kind: str) -> None:
    folder = PACK / "social_chatminer" / "files" / kind
    target = {(t["author"], "".join(t["message"].split())) for t in json.loads((folder / "target.json").read_text())}
    for export in folder.glob("test_*.json"):
        media_type = signs.chat_type(export.read_bytes(), "")
        assert media_type is not None
        found = signs.read(export, media_type, Limits())
        words = {
            (r.sender, "".join(s.text for s in found.segments if s.record == i)) for i, r in enumerate(found.records)
        }
        if kind == "instagram":  # the reference gives each of the two messages the other's words
            assert {name for name, _ in words} == {name for name, _ in target}
        else:
            assert {(name, "".join(text.split())) for name, text in words} == target
