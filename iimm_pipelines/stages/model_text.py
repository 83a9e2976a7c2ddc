"""The form in which the starter translation model reads Burmese.

Here: the one text rule that training and translation must share to the letter.
Not here: the normal form of evidence text (the burmese package), SentencePiece, the translation itself.
"""

import re
import unicodedata

_DROPPED = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_DIGITS = {0x1040 + value: str(value) for value in range(10)}

# A syllable opens at a base letter, unless that letter is stacked under the one before it (U+1039 precedes) or only
# closes the syllable before it (asat or stacking sign follows, with a dot below between them at most).
_SYLLABLE = r"(?<!\u1039)(?=[\u1000-\u102a\u103f\u104c-\u104f](?!\u1037?[\u1039\u103a]))"
_PUNCTUATION = r"(?=[\u104a\u104b])"
_INTO_OTHER_SCRIPT = r"(?<=[\u1000-\u109f])(?![\u1000-\u109f])"
_OUT_OF_OTHER_SCRIPT = r"(?<![\u1000-\u109f])(?=[\u1000-\u109f])"
_BREAK = re.compile("|".join((_SYLLABLE, _PUNCTUATION, _INTO_OTHER_SCRIPT, _OUT_OF_OTHER_SCRIPT)))

# The vocabulary has <e0> to <e7> for names that a caller hides; the same letters in evidence must not read as one.
_PLACEHOLDER = re.compile(r"<(?=e[0-7]>)")


def for_model(text: str) -> str:
    """Text as the model was trained on it: NFC, nothing of zero width, ASCII digits, a space at each syllable.

    Applying it twice changes nothing. Names are hidden behind placeholders after this step, never before.
    """
    plain = unicodedata.normalize("NFC", text).translate(_DROPPED).translate(_DIGITS)
    spaced = _BREAK.sub(" ", _PLACEHOLDER.sub("< ", plain))
    return " ".join(spaced.split())
