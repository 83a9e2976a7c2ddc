"""Chats written as lines: WhatsApp exports in whatever language the phone had, and Signal's in the same shape.

Here: which lines begin a message, the order of day and month, forenoon and afternoon, media and system lines.
Not here: where the media lie (the index knows the folder), exports of other programs (the modules beside this one).

A phone writes date and time in its own language and says neither which nor with which offset. So the order of day and
month is decided from the whole chat: by numbers that only a day can have, else by the order of the messages. Where both
orders are possible the day comes first, as nearly everywhere, unless the time is written as in the United States; then
each time says that it is ambiguous.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from pathlib import Path

from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.formats.parsed import FileKind, Limits, Parsed
from iimm_pipelines.formats.records import Full, Gathering, Record, RecordKind
from iimm_pipelines.formats.text import decode
from iimm_pipelines.formats.times import Moment, on_a_clock

_MARKS = "\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff"
"""Signs for the direction of text, which WhatsApp strews between anything."""
_M = f"[{_MARKS}]*"
_GAP = r"[\s\u00a0\u202f]"
_BETWEEN = rf"{_M}{_GAP}?[./\-年月년월]{_M}{_GAP}?{_M}"
_HEAD = re.compile(
    rf"{_M}(?P<open>\[)?{_M}(?P<a>\d{{1,4}}){_BETWEEN}(?P<b>\d{{1,2}}){_BETWEEN}(?P<c>\d{{1,4}})"
    r"(?P<before>[^\d\[\]:]{1,24}?)(?P<hour>\d{1,2})[:.h](?P<minute>\d{2})(?:[:.](?P<second>\d{2}))?"
    rf"(?P<after>[^\d\[\]:]{{0,20}}?)(?:(?P<close>\]){_M}{_GAP}?|{_M}{_GAP}[-–—]{_GAP})"
)
_HEAD_WITHIN = 120
_MAY_BEGIN = re.compile(rf"{_M}[\[\d]")
_SENDER = re.compile(r"(?P<sender>[^:\n]{1,120}):(?: (?P<text>.*)|\Z)", re.DOTALL)
_QUOTES = frozenset('"“”„«»')
_TELEPHONE = re.compile(rf"[{_MARKS}]*\+\d[\d\s\u00a0\u202f()\-]{{5,24}}[{_MARKS}]*")
_ATTACHED = re.compile(rf"{_M}(?P<name>[^\n<>]{{1,255}}\.\w{{2,5}}) \([^()\n]{{4,40}}\)\Z")
_ATTACHED_IN_BRACKETS = re.compile(rf"{_M}<{_M}[^:<>\n]{{2,40}}: (?P<name>[^<>\n]{{1,255}}\.\w{{2,5}})>")
_IN_BRACKETS = re.compile(rf"(?P<mark>{_M})<(?P<words>{_M}[^<>\n]{{4,60}})>\Z")
_ONLY_MARKED = re.compile(r"\u200e(?P<words>[^\n\u200e]{3,40})\Z")
_LOG_WORDS = re.compile(r"(?:\w+\.)?(?:trace|debug|info|notice|warn|warning|error|fatal|critical|alert|emergency)\b",
                        re.IGNORECASE)  # fmt: skip
_LEAST_MESSAGES = 2

_MISSING = re.compile(
    r"omit|omess|ausgeschlossen|weggelassen|weggelaten|absent|exclu|utelämna|udelad|utelat|pominięt|vynech|dihilangkan|"
    r"tidak disertakan|atlandı|dahil edilmedi|опущен|исключен|без медиа|пропущен|kihagyva|kihagyott|ocult|arquivo de mídia|"
    r"छोड़|बाद दिया|বাদ|ละไว้|ไม่รวม|bỏ qua|省略|略過|忽略|생략|제외|محذوف|مستثن|استبعاد|הושמט|ထည့်မထား|ချန်|မပါ",
    re.IGNORECASE,
)
_EDITED = re.compile(
    r"edited|editó|editado|bearbeitet|modifi|изменен|отредактир|diedit|düzenlendi|bewerkt|编辑|編輯|編集|수정|แก้ไข|تعديل|संपादित",
    re.IGNORECASE,
)
_DELETED = re.compile(
    r"(?:this message was deleted|you deleted this message|(?:se )?eliminó este mensaje|(?:se )?eliminaste este mensaje|"
    r"diese nachricht wurde gelöscht|du hast diese nachricht gelöscht|ce message a été supprimé|vous avez supprimé ce message|"
    r"mensagem apagada|esta mensagem foi apagada|(?:você|tu) apag\w+ esta mensagem|questo messaggio è stato eliminato|"
    r"hai eliminato questo messaggio|данное сообщение удалено|вы удалили данное сообщение|pesan ini (?:telah )?dihapus|"
    r"anda (?:telah )?menghapus pesan ini|bu mesaj silindi|dit bericht is verwijderd|यह संदेश (?:हटाया|मिटाया) गया|"
    r"ข้อความนี้ถูกลบ|此消息已删除|此訊息已刪除|このメッセージは削除されました|삭제된 메시지입니다|تم حذف هذه الرسالة)[\s.]*\Z",
    re.IGNORECASE,
)
_CALL = re.compile(r"(?:missed |silenced |no answer )?(?:group )?(?:voice|video) call\b", re.IGNORECASE)
_ENCRYPTED = re.compile(r"end-to-end encrypted|Ende-zu-Ende|cifrado de extremo|chiffr\w+ de bout|criptografia de ponta")


class _Half(Enum):
    """Of the day."""

    FORENOON = "forenoon"
    AFTERNOON = "afternoon"
    NIGHT = "night"
    """From evening until the small hours: six to eleven are before midnight, the others after."""


_HALVES = {
    _Half.FORENOON: (
        "am a vorm vormittags matin mañana πμ öö sa fm dop de ap पूर्वाह्न पू সকাল পূর্বাহ্ণ ص قظ לפנהצ ก่อนเที่ยง ກ່ອນທ່ຽງ 上午 凌晨 早上 清晨 午前 오전 "
        "နံနက် မနက် နံနက်ပိုင်း ព្រឹក pg paradites முற்பகல் formiddag"
    ),
    _Half.AFTERNOON: (
        "pm p nachm nachmittags soir tarde μμ ös ch em odp du ip अपराह्न অপরাহ্ণ বিকাল م بظ אחהצ หลังเที่ยง ຫຼັງທ່ຽງ 下午 中午 晚上 午後 오후 "
        "ညနေ မွန်းလွဲ နေ့လယ် နေ့လည် နေ့ခင်း ល្ងាច ptg pasdites பிற்பகல் eftermiddag"
    ),
    _Half.NIGHT: "ည ညပိုင်း",
}  # fmt: skip
_HALF_OF = {word: half for half, words in _HALVES.items() for word in words.split()}
_NOT_IN_WORDS = re.compile(rf"[{_MARKS}\s\u00a0\u202f.,،၊׳״\"'/\-]|\bklo?\b|\bum\b|\bat\b|\bг\b|日|일|à")


class Order(Enum):
    """Which of three numbers is what."""

    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"
    YEAR_FIRST = "ymd"


@dataclass(slots=True)
class _Said:
    """One message as its lines stand."""

    head: re.Match[str]
    lines: list[str]


def looks_like_it(text: str) -> bool:
    """Whether the beginning of a file reads as such a chat: its first line begins a message, and it has senders."""
    lines = text.lstrip("\ufeff\r\n").splitlines()
    if not lines or _head(lines[0]) is None:
        return False
    senders = [sender for line in lines if (head := _head(line)) and (sender := _sender(line[head.end() :])[0])]
    if not senders or all(_LOG_WORDS.match(sender.strip(_MARKS + " ")) for sender in senders):
        return False
    messages = sum(1 for line in lines if _head(line))
    return messages >= _LEAST_MESSAGES or len(lines) <= _LEAST_MESSAGES + 1


def read(path: Path, limits: Limits) -> Parsed:
    """Read one chat."""
    most = limits.max_characters * 4
    with path.open("rb") as file:
        data = file.read(most + 1)
    decoded = decode(data[:most])
    gathered = Gathering(limits)
    said = list(_messages(decoded.text, limits.max_records + 1))
    order, certain = order_of([_numbers(one.head) for one in said], _as_in_america(said))
    signal = bool(said) and _like_signal(said[0].head)
    problem = Reason.LIMIT_REACHED if len(data) > most else None
    try:
        for one in said:
            _add(gathered, one, order, certain)
    except Full:
        problem = Reason.LIMIT_REACHED
    metadata = (
        ("encoding", decoded.encoding), ("encoding found", decoded.how), ("chat", "signal" if signal else "whatsapp"),
        ("order of day and month", order.value + ("" if certain else ", not certain")),
    )  # fmt: skip
    return Parsed(FileKind.MESSAGE, frozenset({"chat"}), metadata, tuple(gathered.segments), problem=problem,
                  records=tuple(gathered.records))  # fmt: skip


def order_of(dates: Sequence[tuple[int, int, int]], american: bool = False) -> tuple[Order, bool]:
    """The order of day, month and year that fits all dates of a chat, and whether no other does."""
    if any(a > 99 for a, _, _ in dates):
        return Order.YEAR_FIRST, True
    fitting = {}
    for order in (Order.DAY_FIRST, Order.MONTH_FIRST):
        days = [_date(numbers, order) for numbers in dates]
        known = [day for day in days if day is not None]
        # messages stand in the order in which they came: each step back speaks against an order
        fitting[order] = (len(days) - len(known), sum(b < a for a, b in zip(known, known[1:], strict=False)))
    day_first, month_first = fitting[Order.DAY_FIRST], fitting[Order.MONTH_FIRST]
    if min(day_first[0], month_first[0]) > len(dates) // 2 and all(_date(n, Order.YEAR_FIRST) for n in dates):
        return Order.YEAR_FIRST, False
    if day_first != month_first:
        best, other = min(day_first, month_first), max(day_first, month_first)
        certain = best[0] == 0 and (other[0] > 0 or best[1] == 0)
        return Order.DAY_FIRST if day_first < month_first else Order.MONTH_FIRST, certain
    certain = all(a == b for a, b, _ in dates)
    return Order.MONTH_FIRST if american else Order.DAY_FIRST, certain


def _messages(text: str, most: int) -> Iterator[_Said]:
    current: _Said | None = None
    for line in text.removeprefix("\ufeff").split("\n"):
        line = line.removesuffix("\r")
        head = _head(line)
        if head:
            if current:
                yield current
                most -= 1
                if not most:
                    return
            current = _Said(head, [line[head.end() :]])
        elif current:
            current.lines.append(line)
    if current:
        yield current


def _head(line: str) -> re.Match[str] | None:
    if not _MAY_BEGIN.match(line):
        return None
    found = _HEAD.match(line[:_HEAD_WITHIN])
    if not found or bool(found["open"]) != bool(found["close"]) or int(found["hour"]) > 24 or int(found["minute"]) > 59:
        return None
    return found


def _numbers(head: re.Match[str]) -> tuple[int, int, int]:
    return int(head["a"]), int(head["b"]), int(head["c"])


def _date(numbers: tuple[int, int, int], order: Order) -> date | None:
    first, second, third = numbers
    if order is Order.YEAR_FIRST:
        year, month, day = first, second, third
    elif order is Order.DAY_FIRST:
        day, month, year = first, second, third
    else:
        month, day, year = first, second, third
    try:
        return date(_year(year), month, day)
    except ValueError:
        return None


def _year(written: int) -> int:
    """Two digits are of this century; Thai years count from 543 before ours. Years of other calendars are refused."""
    if written < 100:
        return 2000 + written
    if 2500 < written < 2700:
        return written - 543
    return written if 1970 <= written < 2200 else 0


def _like_signal(head: re.Match[str]) -> bool:
    return bool(head["open"]) and int(head["a"]) > 31 and "-" in head[0] and not head["second"]


def _as_in_america(said: Sequence[_Said]) -> bool:
    return bool(said) and all("/" in one.head[0] and one.head["after"].strip("\u202f\u00a0 ") in ("AM", "PM")
                              for one in said)  # fmt: skip


def _add(gathered: Gathering, said: _Said, order: Order, certain: bool) -> None:
    sender, body = _sender(said.lines[0])
    text = "\n".join([body, *said.lines[1:]]).strip()
    moment = _moment(said.head, order, certain)
    if sender is None:
        call = _CALL.match(text.strip(_MARKS))
        gathered.add(Record(RecordKind.CALL if call else RecordKind.MESSAGE, time=moment, system=True), text, "event")
        return
    media, missing = _media(text)
    bracketed = _trailing(text)
    plain = text.strip(_MARKS + " ")
    call = _CALL.match(plain) if text.startswith("\u200e") else None
    gathered.add(
        Record(
            RecordKind.CALL if call else RecordKind.MESSAGE,
            sender.strip(_MARKS + " "),
            _account(sender),
            time=moment,
            media=media,
            media_missing=missing,
            edited=bool(bracketed and _EDITED.search(bracketed)),
            deleted=bool(_DELETED.match(plain)),
            system=bool(text.startswith("\u200e") and _ENCRYPTED.search(text)),
        ),
        text,
        "event" if call else "message",
    )


def _sender(rest: str) -> tuple[str | None, str]:
    """Who says it and what; `None` and all of it where nobody does: quotes stand in system lines, not in names."""
    found = _SENDER.match(rest)
    if not found or _QUOTES & set(found["sender"]) or not found["sender"].strip(_MARKS + " "):
        return None, rest
    return found["sender"], found["text"] or ""


def _account(sender: str) -> str | None:
    return re.sub(r"[^\d+]", "", sender) if _TELEPHONE.fullmatch(sender) else None


def _media(text: str) -> tuple[tuple[str, ...], bool]:
    """Names of attached files, and whether the export left one out."""
    first = text.split("\n", 1)[0]
    found = _ATTACHED.match(first) or _ATTACHED_IN_BRACKETS.match(first)
    if found:
        return (found["name"].strip(_MARKS + " "),), False
    words = _IN_BRACKETS.match(text) or _ONLY_MARKED.match(text)
    return (), bool(words and _MISSING.search(words["words"]))


def _trailing(text: str) -> str | None:
    at = text.rfind("<")
    found = _IN_BRACKETS.match(text[at:]) if at > 0 else None
    return found["words"] if found else None


def _moment(head: re.Match[str], order: Order, certain: bool) -> Moment:
    written = re.sub(f"[{_MARKS}]", "", head[0]).strip().removeprefix("[").rstrip("-–—] \u202f\u00a0")
    day = _date(_numbers(head), order)
    if day is None:
        return Moment(written)
    hour = int(head["hour"])
    half, said = _half(head["before"]), _word(head["after"])
    half = half or _HALF_OF.get(said)
    doubtful = hour <= 12 and half is None and bool(said)
    if half is not None and hour <= 12:
        late = half is _Half.AFTERNOON or (half is _Half.NIGHT and 6 <= hour < 12)
        hour = hour % 12 + (12 if late else 0)
    first, second, _ = _numbers(head)
    swappable = not certain and first != second
    return on_a_clock(written, day.year, day.month, day.day, hour, int(head["minute"]), int(head["second"] or 0),
                      ambiguous=swappable or doubtful)  # fmt: skip


def _half(words: str) -> _Half | None:
    return _HALF_OF.get(_word(words))


def _word(words: str) -> str:
    return _NOT_IN_WORDS.sub("", words).casefold()
