"""Amounts: money, ages, numbers in words.

Here: how they are written in Burmese, mixed and Latin text, and what they amount to.
Not here: numbers themselves (numerals), days and hours (dates).

Currencies and their order to the number are those of google/language-resources (Burmese text normalisation): before or
after, with a lakh, million or crore between, which may stand before its digits too: "kyat lakh 500".
"""

import re
from collections.abc import Iterator
from decimal import Decimal

from iimm_pipelines.burmese.numerals import (
    DECIMAL_WORDS,
    DIGITS,
    MULTIPLIERS,
    SMALL_WORDS,
    WORDS,
    number,
    plain,
    to_ascii_digits,
)
from iimm_pipelines.burmese.spans import Found, Kind, Money

_CURRENCIES = {
    "ကျပ်": "MMK", "မြန်မာကျပ်": "MMK", "ကျပ်ငွေ": "MMK", "kyats": "MMK", "kyat": "MMK", "ks": "MMK", "mmk": "MMK",
    "ဒေါ်လာ": "USD", "အမေရိကန်ဒေါ်လာ": "USD", "usd": "USD", "us$": "USD", "$": "USD", "dollars": "USD", "dollar": "USD",
    "ယူရို": "EUR", "eur": "EUR", "euros": "EUR", "euro": "EUR", "€": "EUR",
    "ပေါင်": "GBP", "gbp": "GBP", "pounds": "GBP", "pound": "GBP", "£": "GBP",
    "ယန်း": "JPY", "jpy": "JPY", "yen": "JPY", "¥": "JPY",
    "ယွမ်": "CNY", "တရုတ်ယွမ်": "CNY", "cny": "CNY", "rmb": "CNY", "yuan": "CNY",
    "ဘတ်": "THB", "ထိုင်းဘတ်": "THB", "thb": "THB", "baht": "THB", "฿": "THB",
    "စင်ကာပူဒေါ်လာ": "SGD", "sgd": "SGD", "ရူပီး": "INR", "inr": "INR", "rupees": "INR", "ဝမ်": "KRW",
}  # fmt: skip
_COINS = {"ပြား": "MMK", "ဆင့်": "USD", "ပဲနိ": "GBP"}
"""Hundredths, and whose they are when they stand alone; behind an amount they are those of its currency."""
_TAIL = "(?![\u102b-\u103eA-Za-z])(?![\u1000-\u1021\u103f]\u1037?[\u1039\u103a])"
_WHOLE = {"lakhs": 100_000, "lakh": 100_000, "million": 1_000_000, "crore": 10_000_000, "billion": 1_000_000_000}


def _any_of(words: list[str]) -> str:
    # Of ASCII letters the two cases only: without that a long s is an s, and found in no table.
    return "(?a:" + "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) + ")"


_CURRENCY = rf"(?:(?<![A-Za-z]){_any_of(list(_CURRENCIES))}{_TAIL})"
_COUNTED = rf"(?:{_any_of([*MULTIPLIERS, *_WHOLE, 'ထောင်', 'သောင်း'])}{_TAIL})"
_NUMBER = rf"\(?(?:{WORDS}|{DIGITS}|{DECIMAL_WORDS}|{SMALL_WORDS})(?:\s{{0,2}}(?:{_COUNTED}|ရာ{_TAIL}))?\)?(?:\s?ခွဲ)?"
_MONEY = re.compile(
    rf"(?P<number>{_NUMBER})\s?(?P<after>{_CURRENCY})(?:\s?(?P<hundredths>\d{{1,2}}|{SMALL_WORDS})\s?(?:{_any_of(list(_COINS))}){_TAIL})?"
    rf"|(?P<coins>\d{{1,2}}|{SMALL_WORDS})\s?(?P<coin>{_any_of(list(_COINS))}){_TAIL}"
    rf"|(?P<before>{_CURRENCY})(?:\s?ငွေ)?\s?(?:(?P<counted>{_COUNTED})\s?(?:ပေါင်း\s?)?)?(?P<amount>{_NUMBER})"
    # money in lakhs and the like, of which no currency is told, is kyat
    rf"|ငွေ(?:ကြေး|သား)?\s?(?>(?P<lakhs>သိန်း|သန်း){_TAIL}\s?\(?(?P<of_lakhs>{DIGITS})\)?"
    rf"|(?P<kyat>(?:{WORDS}|{DIGITS}\s?{_COUNTED})(?:\s?ခွဲ)?))(?!\s?{_CURRENCY})",
    re.IGNORECASE,
)
_HAS_CURRENCY = re.compile(_any_of([*_CURRENCIES, *_COINS, "ငွေ"]), re.IGNORECASE)


def money(text: str) -> Iterator[Found]:
    """Amounts in a currency; hundredths alone are not sure, since their words mean other things too."""
    if not _HAS_CURRENCY.search(text):
        return
    for match in _MONEY.finditer(to_ascii_digits(text)):
        if match["coin"]:
            value, currency = Decimal(0), _COINS[match["coin"]]
        else:
            amount = match["number"] or match["amount"] or match["of_lakhs"] or match["kyat"]
            written = _value(amount, match["counted"] or match["lakhs"])
            if written is None:
                continue
            value, currency = written, _CURRENCIES[(match["after"] or match["before"] or "ကျပ်").lower()]
        value += (number(match["hundredths"] or match["coins"] or "") or 0) / Decimal(100)
        yield Found(*match.span(), Kind.MONEY, f"{plain(value)} {currency}", Money(value, currency),
                    sure=not match["coin"])  # fmt: skip


def _value(written: str, counted: str | None) -> Decimal | None:
    written = written.strip("() ").replace(")", "")
    times = MULTIPLIERS.get(counted or "", _WHOLE.get((counted or "").lower(), 1))
    for word, value in _WHOLE.items():
        if written.lower().endswith(word):
            written, times = written[: -len(word)].rstrip(), times * value
            break
    value_of = number(written)
    return None if value_of is None else value_of * times


_AGE = re.compile(
    rf"အသက်\s?(?:အရွယ်)?\s?[:(-]?\s?(?P<years>(?>\d{{1,3}}|{SMALL_WORDS}))\s?\)?(?![\d.,:/-]?\d)(?:\s?နှစ်)?+"
    rf"(?:\s?(?:အရွယ်|သား|သမီး))?+(?!\s?(?:လောက်|ဝန်းကျင်|ကျော်|ခန့်|(?:နှင့်\s?)?အထက်|အောက်|လ(?![\u102b-\u103e])))"
    r"|(?<![\d.,])(?P<aged>\d{1,3})\s?နှစ်\s?(?:အရွယ်|သား|သမီး)"
    r"|(?<![\d.,])(?P<months>\d{1,2})\s?လ\s?(?:အရွယ်|သား|သမီး)"
    r"|\bage(?:d)?[: ]\s?(?P<english>\d{1,3})\b(?![.,]?\d)|\b(?P<old>\d{1,3})[- ]years?[- ]old\b",
    re.IGNORECASE,
)
_OLDEST = 120


def ages(text: str) -> Iterator[Found]:
    """Ages in years, of small children in months; "about" and "over" an age are none."""
    if (
        "အသက်" not in text
        and "အရွယ်" not in text
        and "သား" not in text
        and "သမီး" not in text
        and not _ENGLISH_AGE.search(text)
    ):
        return
    for match in _AGE.finditer(to_ascii_digits(text)):
        if match["months"]:
            yield Found(*match.span(), Kind.AGE, f"{int(match['months'])} months", int(match["months"]))
            continue
        years = number(match["years"] or match["aged"] or match["english"] or match["old"])
        if years is not None and years <= _OLDEST:
            yield Found(*match.span(), Kind.AGE, plain(years), int(years))


_ENGLISH_AGE = re.compile(r"\bage|years?[- ]old", re.IGNORECASE)
_AND_A_HALF = rf"(?:ခွဲ(?!ဝေ|ခြား|ထုတ်|တမ်း){_TAIL})?"
_WORDS = re.compile(WORDS + _AND_A_HALF)
_HAS_WORDS = re.compile("ဆယ်|ဆယ့်|ရာ|ထောင်|ထောင့်|သောင်း|သိန်း|သန်း|ကုဋေ|ဘီလီယံ|ဘီလျံ")
_DIGITS_COUNTED = re.compile(rf"{DIGITS}\s?{_COUNTED}{_AND_A_HALF}")
_COUNTED_DIGITS = re.compile(rf"(?<![\u1000-\u104f])(?P<counted>သိန်း|သန်း|ကုဋေ)\s?(?:ပေါင်း\s?)?\(?(?P<number>{DIGITS})\)?")


def numbers(text: str) -> Iterator[Found]:
    """Numbers in words, and in digits with a word for lakh and more behind or before them. Bare digits are found by anybody."""
    if not _HAS_WORDS.search(text):
        return
    ascii_text = to_ascii_digits(text)
    for pattern in (_WORDS, _DIGITS_COUNTED):
        for match in pattern.finditer(ascii_text):
            value = _value(match[0], None)
            if value is not None and value != 10:  # ten alone is the head of many a foreign word
                yield Found(*match.span(), Kind.NUMBER, plain(value), value)
    for match in _COUNTED_DIGITS.finditer(ascii_text):
        value = _value(match["number"], match["counted"])
        if value is not None:
            yield Found(*match.span(), Kind.NUMBER, plain(value), value)
