"""Numbers: Burmese, Shan and ASCII digits, one for one, and number words.

Here: the mapping between the three sets, for text, for the search analyser and for whatever reads numbers; numbers in
words and digits with their values.
Not here: what a number counts (amounts, dates), telephone numbers.

Number words are those of the grammars of spoken Burmese (Okell, "A Reference Grammar of Colloquial Burmese", 1969;
google/language-resources): a digit and a multiplier, from the highest down, tens to ten thousands among themselves and
each before the lakhs, millions, crores and billions that it counts.
"""

import re
from decimal import Decimal
from fractions import Fraction

ASCII_DIGITS = "0123456789"
BURMESE_DIGITS = "၀၁၂၃၄၅၆၇၈၉"
SHAN_DIGITS = "႐႑႒႓႔႕႖႗႘႙"

DIGIT_TO_ASCII = dict(zip(BURMESE_DIGITS + SHAN_DIGITS, ASCII_DIGITS * 2, strict=True))

_TO_ASCII = str.maketrans(DIGIT_TO_ASCII)
_TO_BURMESE = str.maketrans(ASCII_DIGITS, BURMESE_DIGITS)
_TO_SHAN = str.maketrans(ASCII_DIGITS, SHAN_DIGITS)


def to_ascii_digits(text: str) -> str:
    """Burmese and Shan digits as ASCII digits; all else as it was, so offsets stay the same."""
    return text.translate(_TO_ASCII)


def to_burmese_digits(text: str) -> str:
    """ASCII digits as Burmese digits; all else as it was."""
    return text.translate(_TO_BURMESE)


def to_shan_digits(text: str) -> str:
    """ASCII digits as Shan digits; all else as it was."""
    return text.translate(_TO_SHAN)


_DIGITS = {
    "သုည": 0, "တစ်": 1, "တ": 1, "နှစ်": 2, "သုံး": 3, "လေး": 4, "ငါး": 5, "ခြောက်": 6, "ခုနစ်": 7, "ခုနှစ်": 7, "ခွန်": 7,
    "ရှစ်": 8, "ကိုး": 9,
}  # fmt: skip
# Before another number a multiplier takes the creaky tone, which typists write or leave out.
_SMALL = {"ဆယ်": 10, "ဆယ့်": 10, "ရာ": 100, "ရာ့": 100, "ထောင်": 1_000, "ထောင့်": 1_000, "သောင်း": 10_000}
MULTIPLIERS = {
    "သိန်း": 100_000, "သန်း": 1_000_000, "ကုဋေ": 10_000_000, "ဘီလီယံ": 1_000_000_000, "ဘီလျံ": 1_000_000_000,
    "ထရီလီယံ": 1_000_000_000_000,
}  # fmt: skip
"""Words that also count a number in digits: 25 lakh."""

_POINT, _MINUS, _HALF, _PLUS, _EXPONENT = "ဒသမ", "အနုတ်", "ခွဲ", "အပေါင်း", "ထပ်ကိန်း"
_ENDS = "(?![\u102b-\u103e])(?![\u1000-\u1021\u103f]\u1037?[\u1039\u103a])"
"""A word ends where no mark and no consonant that closes a syllable follows."""


def _any_of(words: dict[str, int]) -> str:
    return "(?:" + "|".join(sorted(words, key=len, reverse=True)) + ")"


_DIGIT = f"(?:{_any_of({w: v for w, v in _DIGITS.items() if w != 'တ'})}{_ENDS})"
_MULTIPLIER = f"(?:{_any_of(_SMALL | MULTIPLIERS)}{_ENDS})"
# `တ` for one stands before a multiplier only, ten without one at the head only.
_STEP = rf"(?:{_DIGIT}\s?{_MULTIPLIER}|တ{_MULTIPLIER})"
WORDS = (
    rf"(?<!\u1039)(?:{_MINUS}\s?)?(?:(?:ဆယ်|ဆယ့်){_ENDS}|{_STEP})(?:\s?(?:{_STEP}|{_any_of(MULTIPLIERS)}{_ENDS}|(?:ဆယ်|ဆယ့်){_ENDS}))*"
    rf"(?:\s?{_DIGIT}(?!\s?{_MULTIPLIER}))?(?:\s?{_POINT}(?:\s?{_DIGIT})+)?"
)
"""A number in words that has a multiplier: a single digit's word is as often a fish, a year or a little one."""

SMALL_WORDS = rf"(?:(?:{_DIGIT}\s?)?(?:ဆယ်|ဆယ့်){_ENDS}(?:\s?{_DIGIT})?|{_DIGIT})"
"""A number below a hundred in words, for places where nothing but a number can stand."""

DECIMAL_WORDS = rf"{_DIGIT}\s?{_POINT}(?:\s?{_DIGIT})+"
"""A digit with a fraction, in words: nought point five."""

DIGIT_RUN = rf"(?:{_PLUS}\s?)?(?<![\u1000-\u103f]){_DIGIT}(?:[\s,၊-]{{0,3}}{_DIGIT}){{5,19}}"
"""Six digits and more, each by its word: how people say a telephone number."""

DIGITS = r"(?:(?<![\d.,])\d{1,3}(?:,\d{3})+(?:\.\d+)?|(?<![\d.,])\d+(?:\.\d+)?)(?!\d)"
"""A number in ASCII digits, with or without commas at the thousands."""

_TOKEN = re.compile(rf"{_MINUS}|{_POINT}|{_HALF}|{_any_of(_SMALL | MULTIPLIERS)}|{_any_of(_DIGITS)}|[\d.,]+")


def number(text: str) -> Decimal | None:
    """The value of a number in digits, in words, or in digits with a word: `၂.၅ သိန်း`; None for anything else.

    A last "and a half" is half of the multiplier before it: three lakh and a half is 350,000.
    """
    ascii_text = to_ascii_digits(text)
    mantissa, _, exponent = ascii_text.partition(_EXPONENT)
    if exponent:
        value, power = number(mantissa), number(exponent)
        return None if value is None or power is None or abs(power) > _LARGEST_POWER else value.scaleb(int(power))
    tokens = _TOKEN.findall(ascii_text)
    if not tokens or len("".join(tokens)) != len("".join(ascii_text.split())):
        return None
    sign = -1 if tokens[0] == _MINUS else 1
    total, group, pending = Decimal(0), Decimal(0), None
    last = Decimal(1)
    for place, token in enumerate(tokens):
        if token == _POINT:
            return _with_fraction(sign, total + group + (pending or 0), tokens[place + 1 :])
        if token == _HALF:
            return sign * (total + group + (pending or 0) + last / 2) if place == len(tokens) - 1 else None
        if token in _SMALL:
            last = Decimal(_SMALL[token])
            group += (1 if pending is None else pending) * last
            pending = None
        elif token in MULTIPLIERS:
            last = Decimal(MULTIPLIERS[token])
            counted = group + (pending or 0)
            # what was counted so far is itself counted by a higher word: a lakh crores
            if total and total < last:
                counted, total = counted + total, Decimal(0)
            total += (counted or 1) * last
            group, pending = Decimal(0), None
        elif token != _MINUS:
            if pending is not None:
                return None
            if token in _DIGITS:
                pending = Decimal(_DIGITS[token])
            elif re.fullmatch(r"\d+(?:\.\d+)?|\d{1,3}(?:,\d{3})+(?:\.\d+)?", token):
                pending = Decimal(token.replace(",", ""))
            else:
                return None
    return sign * (total + group + (pending or 0))


_LARGEST_POWER = 300
_SPELLED_DIGIT = re.compile(_any_of(_DIGITS))


def digits(text: str) -> str | None:
    """Digits that are said one by one, as of a telephone number, with `+` for the word plus; None for anything else."""
    plus = "+" if text.lstrip().startswith(_PLUS) else ""
    words = re.sub(r"[\s,၊-]", "", text).removeprefix(_PLUS)
    said = _SPELLED_DIGIT.findall(words)
    return plus + "".join(str(_DIGITS[word]) for word in said) if said and "".join(said) == words else None


_IN_WORDS = re.compile("(?:ကိန်းပြည့်(?P<whole>.+?))?ပိုင်းဝေ(?P<parts>.+?)ပိုင်းခြေ(?P<of>.+)")
_IN_DIGITS = re.compile(r"(?:(?P<whole>\d{1,9})\s)?(?P<parts>\d{1,9})[/⁄](?P<of>\d{1,9})")


def fraction(text: str) -> Fraction | None:
    """The value of a fraction, in digits or in words, with a whole number before it or not; None for anything else."""
    match = _IN_WORDS.fullmatch(text) or _IN_DIGITS.fullmatch(to_ascii_digits(text))
    if match is None:
        return None
    whole, parts, of = (number(part or "သုည") for part in match.group("whole", "parts", "of"))
    if whole is None or parts is None or not of or any(part != int(part) for part in (whole, parts, of)):
        return None
    part = Fraction(int(parts), int(of))
    return int(whole) + (part if whole >= 0 else -part)


def _with_fraction(sign: int, whole: Decimal, tokens: list[str]) -> Decimal | None:
    digits = ""
    for place, token in enumerate(tokens):
        if token in MULTIPLIERS and digits and place == len(tokens) - 1:
            return sign * (whole + Decimal(f"0.{digits}")) * MULTIPLIERS[token]
        if token not in _DIGITS:
            return None
        digits += str(_DIGITS[token])
    return sign * (whole + Decimal(f"0.{digits}")) if digits else None


def plain(value: Decimal) -> str:
    """A number as digits, without an exponent and without noughts at the end of a fraction."""
    shown = f"{value:f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown
