"""Places in figures: latitude and longitude, MGRS, map references.

Here: how they are written in Burmese and Latin text, and the point that they mean.
Not here: places by name (iimm_pipelines.stages.places), positions that files state of themselves (formats).

MGRS is that of NGA.STND.0037 (GEOTRANS, by the package mgrs), taken as WGS 84. A reference of six or eight figures on a
map sheet means no point without its sheet and datum (Burma's older sheets are on Everest 1830): it stays as written.
"""

import re
from collections.abc import Iterator

from iimm_pipelines.burmese.numerals import to_ascii_digits
from iimm_pipelines.burmese.spans import Found, Kind, Point

_BETWEEN = r"\s?[,;၊/]?\s{0,2}"
# The anusvara is typed for the sign of degrees, which Burmese keyboards lack.
_DEGREES, _MINUTES, _SECONDS = r"(?:°|º|ံ|ဒီဂရီ|deg\b)", r"(?:['′’]|မိနစ်)", r"(?:\"|″|”|''|စက္ကန့်)"


def _angle(name: str, degrees: str) -> str:
    return (
        rf"(?<![\d.])(?P<{name}>{degrees}(?:\.\d+)?)\s?{_DEGREES}"
        rf"(?:{_BETWEEN}(?P<{name}_minutes>\d{{1,2}}(?:\.\d+)?)\s?{_MINUTES})?"
        rf"(?:{_BETWEEN}(?P<{name}_seconds>\d{{1,2}}(?:\.\d+)?)\s?{_SECONDS})?"
    )


_LATITUDE, _LONGITUDE = _angle("latitude", r"\d{1,2}"), _angle("longitude", r"1?\d{1,2}")
_NORTH = r"(?P<north>မြောက်|တောင်)\s?လတ(?:္|်)တီ(?:တွဒ်|တွတ်|ကျု)\s?"
_EAST = r"(?P<east>အရှေ့|အနောက်)\s?လောင်ဂျီ(?:တွဒ်|တွတ်|ကျု)\s?"
_AND = rf"{_BETWEEN}(?:နှင့်\s?)?"
_DECIMAL = re.compile(
    rf"(?:{_NORTH})?(?<![\d.,-])(?P<n_first>[NS]\s?)?(?P<latitude>-?\d{{1,2}}\.\d{{3,9}})\s?°?\s?(?P<n>[NS])?\b{_AND}"
    rf"(?:{_EAST}|\b(?:long?(?:itude)?|lng)\b\.?\s?[:=]?\s?)?"
    rf"(?P<e_first>[EW]\s?)?(?P<longitude>-?\d{{1,3}}\.\d{{3,9}})(?!\d|\.\d)\s?°?\s?(?P<e>[EW]\b)?",
    re.IGNORECASE,
)
_SEXAGESIMAL = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"(?P<n_first>[NS]\s?)?{_LATITUDE}\s?(?P<n>[NS]\b)?{_BETWEEN}(?P<e_first>[EW]\s?)?{_LONGITUDE}\s?(?P<e>[EW]\b)?",
        rf"{_NORTH}{_LATITUDE}{_AND}{_EAST}{_LONGITUDE}",
        rf"{_EAST}{_LONGITUDE}{_AND}{_NORTH}{_LATITUDE}",
    )
)
_HAS_DECIMAL = re.compile(r"[0-9၀-၉]\.[0-9၀-၉]{3}")
_HAS_DEGREES = re.compile(r"[0-9၀-၉]\s?(?:°|º|ံ|deg)|ဒီဂရီ", re.IGNORECASE)


def coordinates(text: str) -> Iterator[Found]:
    """Latitude and longitude, in degrees with a fraction or with minutes and seconds; latitude first but where words say so."""
    forms = [_DECIMAL] if _HAS_DECIMAL.search(text) else []
    forms += _SEXAGESIMAL if _HAS_DEGREES.search(text) else ()
    for form in forms:
        for match in form.finditer(to_ascii_digits(text)):
            latitude, longitude = _degrees(match, "latitude"), _degrees(match, "longitude")
            parts = match.groupdict()
            said = [
                (parts.get(name) or "").strip().upper() for name in ("n_first", "n", "north", "e_first", "e", "east")
            ]
            south, west = {"S", "တောင်"} & set(said[:3]), {"W", "အနောက်"} & set(said[3:])
            point = Point(-latitude if south else latitude, -longitude if west else longitude)
            if abs(point.latitude) <= 90 and abs(point.longitude) <= 180:
                yield _found(match, point)


def _degrees(match: re.Match[str], name: str) -> float:
    parts = match.groupdict()
    minutes, seconds = (float(parts.get(f"{name}_{unit}") or 0) for unit in ("minutes", "seconds"))
    return float(parts[name]) + minutes / 60 + seconds / 3600


def _found(match: re.Match[str], point: Point) -> Found:
    return Found(*match.span(), Kind.POSITION, f"{point.latitude:.6f},{point.longitude:.6f}", point)


# Bands I and O do not exist, nor do squares with these letters.
_FIGURES = r"(?:\d{10}|\d{8}|\d{6}|\d{5}\s\d{5}|\d{4}\s\d{4}|\d{3}\s\d{3})(?!\d)"
_MGRS = re.compile(
    rf"(?<![A-Za-z\d])(?:[1-9]|[1-5]\d|60)\s?[C-HJ-NP-X]\s?[A-HJ-NP-Z][A-HJ-NP-V]\s?{_FIGURES}", re.ASCII
)
_MGRS_OF_MYANMAR = re.compile(rf"(?<![A-Za-z\d])4[67]\s?[npqr]\s?[a-hj-np-z][a-hj-np-v]\s?{_FIGURES}", re.ASCII)
"""In small letters, where any other zone would be a number with a word."""


def grid_positions(text: str) -> Iterator[Found]:
    """Positions of the Military Grid Reference System, at the south-west corner of their square."""
    ascii_text = to_ascii_digits(text)
    matches = [*_MGRS.finditer(ascii_text), *_MGRS_OF_MYANMAR.finditer(ascii_text)]
    if not matches:
        return
    from mgrs import MGRS
    from mgrs.core import MGRSError

    for match in matches:
        try:
            latitude, longitude = MGRS().toLatLon("".join(match[0].split()).upper())
        except MGRSError:
            continue
        yield _found(match, Point(latitude, longitude))


_REFERENCE = re.compile(
    r"(?:မြေပုံ\s?(?:အ?ညွှန်း|ရည်ညွှန်း)|\bmap\s?ref(?:erence)?\b|\bgrid\s?ref(?:erence)?\b|\bgrid\b|\bMR\b|\bGR\b)\.?\s?(?:အမှတ်)?\s?[:\-–(၊]*\s?"
    r"(?:(?P<sheet>\d{2,4}\s?[-/]\s?(?:[A-Z]\s?[-/]?\s?)?\d{1,2})\s?[၊,]\s?)?"
    r"(?P<square>[A-Z]{2})?\s?[-–]?\s?(?P<figures>\d{10}|\d{8}|\d{6}|\d{5}\s\d{5}|\d{4}\s\d{4}|\d{3}\s\d{3})(?!\d)",
    re.IGNORECASE,
)
_HAS_REFERENCE = re.compile(r"မြေပုံ|map|grid|\bMR\b|\bGR\b", re.IGNORECASE)


def map_references(text: str) -> Iterator[Found]:
    """References to a square of a map sheet, after the words for them: sheet and letters of the square, if any, and figures."""
    if not _HAS_REFERENCE.search(text):
        return
    for match in _REFERENCE.finditer(to_ascii_digits(text)):
        square = f"{match['square'].upper()} " if match["square"] else ""
        sheet = "".join(match["sheet"].upper().split()) + " " if match["sheet"] else ""
        normal = sheet + square + "".join(match["figures"].split())
        start = next(match.start(part) for part in ("sheet", "square", "figures") if match[part])
        yield Found(start, match.end(), Kind.MAP_REFERENCE, normal, normal)
