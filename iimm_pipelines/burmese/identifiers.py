"""Numbers that name: national registration cards and vehicles.

Here: their forms in Burmese and Latin letters, and one normal form for both.
Not here: telephone numbers (a library knows those), the register of townships.

A card is `12/OUKAMA(N)123456`: number of the state or region (1 to 14), three letters for the township, a kind, six
figures. The form in Latin letters spells the township's Burmese letters, but not everywhere alike (wai-lin/mm-nrc has
TA for two letters and SA for two), so that letters that are spelled alike count as one here. Plates: three letters for
the region and `1A-1234` since 2013, Burmese letters before that and on motorcycles and the army's vehicles
(Road Transport Administration Department; Europlate).
"""

import re
from collections.abc import Iterator

from iimm_pipelines.burmese.numerals import to_ascii_digits
from iimm_pipelines.burmese.spans import Found, Kind

# By the spelling that one meets most; letters that share one are told apart by nobody who writes in Latin.
_LETTERS = {
    "က": "KA", "ခ": "KHA", "ဂ": "GA", "ဃ": "GA", "င": "NGA", "စ": "SA", "ဆ": "SA", "ဇ": "ZA", "ဈ": "ZA", "ည": "NYA", "ဉ": "NYA",
    "ဋ": "TA", "ဌ": "TA", "ဍ": "DA", "ဎ": "DA", "ဏ": "NA", "တ": "TA", "ထ": "TA", "ဒ": "DA", "ဓ": "DA", "န": "NA", "ပ": "PA",
    "ဖ": "PHA", "ဗ": "BA", "ဘ": "BA", "မ": "MA", "ယ": "YA", "ရ": "YA", "လ": "LA", "ဝ": "WA", "သ": "THA", "ဟ": "HA", "ဠ": "LA",
    "အ": "AH", "ဥ": "OU", "ဦ": "OU", "ဧ": "AY", "ဣ": "I", "ဩ": "AW",
    "0": "WA", "7": "YA", "8": "GA",  # digits typed for the letters that look the same
}  # fmt: skip
_SPELLINGS = {
    "HSA": "SA", "HTA": "TA", "GHA": "GA", "BHA": "BA", "DHA": "DA", "FA": "PHA", "HPA": "PHA", "RA": "YA", "HKA": "KHA", "KYA": "KYA",
    "AU": "OU", "OO": "OU", "U": "OU", "A": "AH", "E": "AY", "EI": "AY",
} | {spelling: spelling for spelling in _LETTERS.values()}  # fmt: skip
_SPELLED = re.compile("(" + "|".join(sorted(_SPELLINGS, key=len, reverse=True)) + ")(?:(?<=[^AEIOU]A)H(?![AEIOU]))?")
_KINDS = {
    "နိုင်": "N", "နိင်": "N", "နိူင်": "N", "ဧည့်": "E", "ပြု": "P", "သာသနာ": "T", "သ": "T", "ယာယီ": "Y", "စ": "S",
    "N": "N", "NAING": "N", "E": "E", "EI": "E", "P": "P", "PYU": "P", "T": "T", "THA": "T", "Y": "Y", "S": "S", "C": "N",
}  # fmt: skip
_KIND = "(?a:" + "|".join(sorted(_KINDS, key=len, reverse=True)) + ")"
_CITIZEN = "နိုင်|နိင်|နိူင်|NAING|N"
"""The kind that also stands without brackets."""
_HAS_CARD = re.compile(r"[0-9၀-၉]\s?[/∕／၊\\]\s?[A-Za-zက-ဪ၀0]")
_NRC = re.compile(
    rf"(?<![\d/])(?P<state>1[0-4]|0?[1-9])\s?[/∕／၊\\]\s?"
    rf"(?:(?P<burmese>[က-ဪ0]{{1}}(?:\s?[က-ဪ078]){{2}})|(?P<latin>[A-Z]{{3,12}}))"
    rf"\s?(?:[(\[{{]\s?(?P<kind>{_KIND})\s?[)\]}}]|(?a:(?P<bare>{_CITIZEN})))\s?(?P<number>\d{{6}}|\d{{3}}\s\d{{3}})(?!\d)",
    re.IGNORECASE,
)


def registration_cards(text: str) -> Iterator[Found]:
    """Numbers of national registration cards, in either script, in the form with Latin letters and ASCII digits."""
    if not _HAS_CARD.search(text):
        return
    for match in _NRC.finditer(to_ascii_digits(text)):
        if match["burmese"]:
            township = "".join(_LETTERS.get(letter, "") for letter in match["burmese"])
        else:
            township = _one_spelling(match["latin"].upper())
        kind = _KINDS[(match["kind"] or match["bare"]).upper()]
        normal = f"{int(match['state'])}/{township}({kind}){''.join(match['number'].split())}"
        yield Found(*match.span(), Kind.NRC, normal, normal)


def _one_spelling(code: str) -> str:
    """A township's letters as they are mostly spelled; initials alone stay as they are."""
    spelled, at = [], 0
    while match := _SPELLED.match(code, at):
        spelled.append(_SPELLINGS[match[1]])
        at = match.end()
    return "".join(spelled) if at == len(code) else code


_REGIONS = "YGN|MDY|NPW|NPT|SGG|BGO|MGY|MGW|AYY|AYW|TNI|TNT|KCN|KYH|KYN|CHN|MON|RKE|SHN"
_SAID = r"(?:ယာဉ်|ကား|ဆိုင်ကယ်|ယာဉ်အမှတ်|မော်တော်ယာဉ်|plate|vehicle|car|reg(?:istration)?)[^\n\d]{0,25}?(?<![A-Za-z])"
_PLATES = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"\b(?P<region>{_REGIONS})[\s/-]{{0,2}}(?P<series>\d[A-Z]|[A-Z]{{2}}|\d{{1,2}}[A-Z])\s?[-/]\s?(?P<number>\d{{4,5}})(?![\d/-])",
        r"(?<![A-Za-z0-9/-])(?P<series>[1-9][A-Z])\s?[-/]\s?(?P<number>\d{4})(?![\d/-])",
        rf"{_SAID}(?P<plate>(?P<series>\d{{0,2}}[A-Z]{{1,3}})\s?[-/]\s?(?P<number>\d{{4,5}}))(?![\d/-])",
        r"(?<![\d/\u1000-\u104f])(?P<series>\d{1,2}\s?[က-အ])\s?[-/]\s?(?P<number>\d{4,5})(?![\d/-])",
        rf"{_SAID}(?P<plate>(?P<series>[က-အ]{{1,3}})\s?[-/]\s?(?P<number>\d{{4,5}}))(?![\d/-])",
    )
)
_HAS_PLATE = re.compile(r"[A-Za-zက-အ]\s?[-/]\s?[0-9၀-၉]{4}")


def vehicles(text: str) -> Iterator[Found]:
    """Number plates: with their region or their place in a series, or after a word for a vehicle."""
    if not _HAS_PLATE.search(text):
        return
    ascii_text = to_ascii_digits(text)
    for form in _PLATES:
        for match in form.finditer(ascii_text):
            parts = match.groupdict()
            region = f"{match['region'].upper()} " if parts.get("region") else ""
            normal = f"{region}{''.join(match['series'].upper().split())}-{match['number']}"
            start = match.start("plate") if parts.get("plate") else match.start()
            yield Found(start, match.end(), Kind.VEHICLE, normal, normal, sure=bool(region or parts.get("plate")))
