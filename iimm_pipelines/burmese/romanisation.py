"""Burmese names in Latin letters: as they are usually spelled, in which other ways, and a key that all of these share.

Here: the spellings of each onset and rime, a name for display, its candidates, and the key for meeting in the other
script.
Not here: which stretch of a text is a name, titles and ranks.

There is no standard that people follow: BGN/PCGN 1970 serves maps, MLCTS books. The tables are the spellings of names in
the press and on passports, the most frequent first; titles that are spelled otherwise than names stand by themselves.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from operator import getitem

_VOWEL_LETTERS = str.maketrans({
    "ဣ": "အိ", "ဤ": "အီ", "ဥ": "အု", "ဦ": "အူ", "ဧ": "အေ", "ဩ": "အော", "ဪ": "အော်", "ဿ": "သ္သ", "၎": "လည်း", "၏": "အိ",
})  # fmt: skip
_SYLLABLE = re.compile(
    "(?P<onset>[\u1000-\u1021](?:\u103a(?=[\u103b-\u103e]))?)(?P<medials>[\u103b-\u103e]*)"
    "(?P<vowel>\u1031?[\u102d\u102e\u1032]?[\u102f\u1030]?[\u102b\u102c]?\u1036?)(?P<dot>\u1037?)(?P<asat>\u103a?)"
    "(?:(?P<final>[\u1000-\u1021])(?P<last_dot>\u1037?)(?:\u103a\u1039?|\u1039))?\u1037?\u1038?"
)

_ONSETS = {
    "က": ("k",), "ခ": ("kh", "k"), "ဂ": ("g",), "ဃ": ("g", "gh"), "င": ("ng",), "စ": ("s",), "ဆ": ("s", "hs"), "ဇ": ("z",), "ဈ": ("z",),
    "ည": ("ny",), "ဉ": ("ny",), "ဋ": ("t",), "ဌ": ("ht",), "ဍ": ("d",), "ဎ": ("d",), "ဏ": ("n",), "တ": ("t",), "ထ": ("ht", "t"),
    "ဒ": ("d",), "ဓ": ("d", "dh"), "န": ("n",), "ပ": ("p",), "ဖ": ("ph", "hp"), "ဗ": ("b",), "ဘ": ("b", "bh"), "မ": ("m",),
    "ယ": ("y",), "ရ": ("y", "r"), "လ": ("l",), "ဝ": ("w",), "သ": ("th",), "ဟ": ("h",), "ဠ": ("l",), "အ": ("",),
    "ကy": ("ky", "gy"), "ခy": ("ch", "kh"), "ဂy": ("gy", "j"), "ငy": ("ny", "ngy"), "စy": ("z", "sy"), "သyh": ("sh",), "လyh": ("sh", "hly"),
    "ရh": ("sh",), "လh": ("hl", "l"), "မh": ("hm", "m"), "နh": ("hn", "n"), "ငh": ("hng", "ng"), "ညh": ("hny", "ny"), "ဝh": ("wh", "w"),
    "မyh": ("hmy", "my"), "နyh": ("hny",), "ယh": ("sh",),
}  # fmt: skip
"""By letter and medials: y for ya and ra, h for ha; wa has a place of its own behind them."""

_K, _C, _T, _P, _N, _NG, _NYA, _NYA_SMALL, _Y, _OTHER = "k", "c", "t", "p", "n", "ng", "ny", "nyn", "y", "l"
_FINALS = (
    dict.fromkeys("ကခဂဃ", _K) | dict.fromkeys("စဆဇဈ", _C) | dict.fromkeys("တထဒဓဋဌဍဎသဟ", _T) | dict.fromkeys("ပဖဗဘ", _P)
    | dict.fromkeys("နမဏ", _N) | {"င": _NG, "ည": _NYA, "ဉ": _NYA_SMALL, "ယ": _Y} | dict.fromkeys("လဠရဝအ", _OTHER)
)  # fmt: skip
_RIMES = {
    ("", ""): ("a",), ("aa", ""): ("ar", "a"), ("i", ""): ("i", "e"), ("ii", ""): ("i", "ee", "y"), ("u", ""): ("u",), ("uu", ""): ("u", "oo"),
    ("e", ""): ("ay", "e", "aye"), ("ai", ""): ("e", "ei", "eh"), ("aw", ""): ("aw", "or", "au"), ("o", ""): ("o", "oe"), ("am", ""): ("an", "am"),
    ("um", ""): ("on", "one", "oun"), ("im", ""): ("ein", "eim"), ("aam", ""): ("an",),
    ("", _K): ("et", "ek"), ("aw", _K): ("auk", "ouk"), ("o", _K): ("aik", "ike"), ("", _NG): ("in", "inn", "ing"), ("aw", _NG): ("aung", "ong"),
    ("o", _NG): ("aing", "ine"), ("", _C): ("it", "is"), ("", _NYA): ("i", "ay", "e", "yi", "ee"), ("", _NYA_SMALL): ("in", "inn"),
    ("aa", _NYA_SMALL): ("in",), ("", _T): ("at", "et"), ("i", _T): ("eik", "eit"), ("u", _T): ("oke", "ok", "ote", "ut"), ("", _P): ("at", "ap"),
    ("i", _P): ("eik", "eip"), ("u", _P): ("oke", "ok", "oat"), ("", _N): ("an",), ("i", _N): ("ein", "in"), ("u", _N): ("on", "one", "ohn", "oun", "un"),
    ("aa", _N): ("an", "arn"), ("", _Y): ("e", "ei", "el", "ae", "ay"), ("o", _Y): ("o", "oy"), ("", _OTHER): ("a", "al", "ar"), ("u", _OTHER): ("u", "ul"),
    ("o", _OTHER): ("o", "ol"), ("aw", _N): ("aung", "awn"), ("ii", _N): ("in",), ("e", _T): ("et",), ("e", _N): ("en",), ("aa", _T): ("at",),
    ("aa", _P): ("at",), ("uu", _T): ("ut",), ("ai", _T): ("et",), ("e", _OTHER): ("ay", "el"),
}  # fmt: skip
# Wa before some rimes is more than a w.
_AFTER_WA = {
    ("", ""): ("wa",), ("e", ""): ("we", "way"), ("", _N): ("un", "wan", "oon"), ("", _T): ("ut", "wut", "oot"), ("", _P): ("ut", "wut"),
    ("aa", ""): ("war", "wa"),
}  # fmt: skip
_VOWELS = {
    "": "", "ာ": "aa", "ါ": "aa", "ိ": "i", "ီ": "ii", "ု": "u", "ူ": "uu", "ေ": "e", "ဲ": "ai", "ော": "aw", "ေါ": "aw", "ို": "o", "ံ": "am",
    "ုံ": "um", "ိံ": "im", "ာံ": "aam", "ါံ": "aam",
}  # fmt: skip
# A syllable of its own, by the letters of the syllable: at the head of a name, anywhere.
_TITLES = {"အူး": ("U",), "ဒေါ်": ("Daw",), "ဗိုလ်": ("Bo",), "ဒေါက်": ("Dr",)}
_WORDS = {
    "အူး": ("Oo", "U"), "အေး": ("Aye", "Ay"), "မောင်": ("Maung", "Mg"), "ကြီး": ("Kyi", "Gyi", "Kyee"), "အုန်း": ("Ohn", "Ohne"), "ခင်": ("Khin",),
    "ညို": ("Nyo",), "အိ": ("Ei", "I"), "ကြည်": ("Kyi", "Kyee"), "စန်း": ("San", "Sann"), "သီ": ("Thi", "Thee"), "အေ": ("Aye", "Ay", "A"),
    "ညွန့်": ("Nyunt",), "မြင့်": ("Myint",), "ညီ": ("Nyi", "Nyee"), "ဗိုလ်": ("Bo",), "ရွှေ": ("Shwe",), "ဇေ": ("Zay", "Ze", "Zeya"),
    "ဝေ": ("Wai", "Way", "We"), "စိုင်း": ("Sai", "Saing"), "ဘုန်း": ("Phone", "Bone", "Hpone"), "မွန်": ("Mon", "Mun"), "ထူး": ("Htoo", "Htu", "Too"),
    "ထွန်း": ("Tun", "Htun"), "ရဲ": ("Ye", "Yeh"), "ပြည့်": ("Pyae", "Pyay", "Pyi"), "ဖေ": ("Phay", "Pe", "Hpe"),
}  # fmt: skip
_MOST = 64
_OF_A_SYLLABLE, _SYLLABLES_OF_A_NAME = 3, 12
"""Spellings of a syllable that are tried, and in how many syllables of a name: a longer stretch is none."""


def romanised(name: str) -> str:
    """A name in Latin letters for display, its syllables apart; what is not Burmese stays."""
    return " ".join(spellings[0] for spellings in _syllables(name))


def candidates(name: str, most: int = _MOST) -> list[str]:
    """Spellings of a name, the usual ones first, its syllables apart; at most so many."""
    ways = [way[:_OF_A_SYLLABLE] for way in _syllables(name)]
    further = [len(way) - 1 for way in ways[:_SYLLABLES_OF_A_NAME]]
    # By how far down their lists the spellings stand together: all first ones, then one second one, and so on.
    ranked = (ranks for together in range(sum(further) + 1) for ranks in _ranks(further, together))
    rest = [way[0] for way in ways[_SYLLABLES_OF_A_NAME:]]
    spelled = (" ".join([*map(getitem, ways, ranks), *rest]) for ranks in ranked)
    return list(islice(spelled, most))


def _ranks(further: Sequence[int], together: int) -> Iterator[tuple[int, ...]]:
    """All ways to go so far down some lists together, of each list at most so far; the first lists before the last."""
    if not further:
        yield ()
        return
    *before, last = further
    for rank in range(max(0, together - sum(before)), min(last, together) + 1):
        yield from ((*ranks, rank) for ranks in _ranks(before, together - rank))


def _syllables(name: str) -> list[tuple[str, ...]]:
    """The spellings of each syllable, or of each word that is not Burmese."""
    ways: list[tuple[str, ...]] = []
    text = name.translate(_VOWEL_LETTERS)
    end = 0
    for match in _SYLLABLE.finditer(text):
        ways += [(word,) for word in text[end : match.start()].split() if any(map(str.isalnum, word))]
        ways.append(_spellings(match, is_first=not ways))
        end = match.end()
    return ways + [(word,) for word in text[end:].split() if any(map(str.isalnum, word))]


def _spellings(match: re.Match[str], *, is_first: bool) -> tuple[str, ...]:
    if is_first and match[0] in _TITLES:
        return _TITLES[match[0]]
    if match[0] in _WORDS:
        return _WORDS[match[0]]
    letter, medials = match["onset"][0], match["medials"]
    ya = "y" if "\u103b" in medials or "\u103c" in medials else ""
    ha, wa = ("h" if "\u103e" in medials else ""), "\u103d" in medials
    onsets = _ONSETS.get(letter + ya + ha) or tuple(
        dict.fromkeys(("h" if ha else "") + onset + ya for onset in _ONSETS[letter])
    )
    # Asat after a vowel other than aw closes a syllable that a tone or a medial was typed into.
    final = _FINALS.get(match["final"] or "", "")
    vowel = _VOWELS.get(match["vowel"], "")
    rimes = _RIMES.get((vowel, final)) or _RIMES[(vowel, "")]
    if vowel == "o" and not final and match[0].endswith("\u1038"):
        rimes = ("oe", "o")
    if wa:
        rimes = _AFTER_WA.get((vowel, final)) or tuple(f"w{rime}" for rime in rimes)
    if match["last_dot"] and final in (_N, _NG, _NYA_SMALL):  # the creaky tone of a nasal is mostly a t
        closed = (f"{rime[:-1] if rime.endswith('ng') else rime}t" for rime in rimes)
        rimes = tuple(dict.fromkeys(way for pair in zip(closed, rimes, strict=True) for way in pair))
    if wa and letter == "ဝ":
        rimes = tuple(rime.removeprefix("w") for rime in rimes)
    return tuple(dict.fromkeys((onset + rime).capitalize() for rime in rimes for onset in onsets))


# One letter for all that is spelled now so, now so; read from the left, the longest first.
_SOUNDS = {
    "kh": "k", "hk": "k", "ht": "t", "hs": "s", "ph": "p", "hp": "p", "hl": "l", "hm": "m", "hn": "n", "hng": "ng", "hny": "ny", "hmy": "my",
    "dh": "d", "bh": "b", "gh": "g", "wh": "w", "gy": "ky", "j": "ky", "ch": "k", "r": "y", "th": "c", "sh": "x",
    "aye": "e", "ay": "e", "yee": "i", "am": "an", "im": "in", "um": "un", "om": "un", "eim": "en", "ai": "e", "ei": "e", "eh": "e", "ae": "e", "el": "e", "ee": "i", "yi": "i", "oo": "u", "oe": "o", "ou": "u", "ar": "a", "or": "aw",
    "au": "aw", "aung": "awng", "ong": "awng", "aing": "aing", "ine": "aing", "ike": "aik", "aik": "aik", "oke": "ok", "ote": "ok", "ouk": "awk", "auk": "awk",
    "one": "un", "ohne": "un", "ohn": "un", "oun": "un", "on": "un", "oon": "un", "wun": "un", "inn": "in", "ing": "in", "int": "in", "ant": "an",
    "unt": "un", "aunt": "awng", "eint": "en", "ein": "en", "ek": "et", "is": "it", "eik": "eik", "ann": "an", "oot": "ut", "wut": "ut", "y": "y",
    "mg": "mawng", "d": "t", "g": "k", "b": "p", "ng": "ng",
}  # fmt: skip
# The end of a syllable is none where a vowel follows: Min Tun without a space has no "int".
_SOUND = re.compile(
    "|".join(
        spelled + ("(?![aeiou])" if spelled[0] in "aeiou" and spelled[-1] not in "aeiouyr" else "")
        for spelled in sorted(_SOUNDS, key=len, reverse=True)
    )
)
_NOT_A_LETTER = re.compile("[^a-z]+")


def sound_key(name: str) -> str:
    """A key that a name has in Burmese script and in most of its Latin spellings, with spaces or without.

    Names of a like sound may share it: it finds candidates, it proves nothing.
    """
    latin = romanised(name).lower()
    return "".join(_SOUND.sub(lambda match: _SOUNDS[match[0]], word) for word in _NOT_A_LETTER.split(latin) if word)
