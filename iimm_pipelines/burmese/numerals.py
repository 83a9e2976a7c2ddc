"""Digits: Burmese, Shan and ASCII digits, one for one.

Here: the mapping between the three sets, for text, for the search analyser and for whatever reads numbers.
Not here: number words, dates, amounts, telephone numbers.
"""

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
