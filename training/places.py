"""Places of Myanmar from the MIMU P-code table, parted into those that may be learnt and those kept for the test.

Here: reading, cleaning, and the split by hash. Not here: sentences about places.
"""

import csv
import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from training.wording import REGIONS

Name = tuple[str, str]
"""Burmese and English."""


@dataclass(frozen=True, slots=True)
class Site:
    """A village or a ward with the township (none if its name is unusable) and the state or region where it may lie."""

    name: Name
    within: tuple[tuple[Name | None, Name], ...]


@dataclass(frozen=True, slots=True)
class Places:
    """Names without the words for village, ward or town."""

    towns: tuple[Name, ...]
    villages: tuple[Site, ...]
    wards: tuple[Site, ...]


def held_out(my: str) -> bool:
    """Whether a Burmese name is kept for the test: one in ten, by its own hash, so the same on every machine."""
    return hashlib.sha256(my.encode()).digest()[0] < 26


def _clean(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).replace("\u200b", "").split())


def read_places(data: Path) -> Places:
    """All usable places. Numbered wards ("Ward No. 3") and names with brackets or digits are left out."""
    with (data / "geography" / "mimu96_places.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    towns: dict[str, Name] = {}
    sites: dict[str, dict[Name, list[tuple[Name | None, Name]]]] = {
        "village_tract": defaultdict(list),
        "ward": defaultdict(list),
    }
    for row in rows:
        my, en = _clean(row["name_my"]), _clean(row["name_en"])
        if row["level"] == "town" and re.fullmatch(r"[A-Za-z .'-]+", en) and re.search("[က-အ]", my):
            en = en.removesuffix(" Town")
            towns[row["township"] if en.startswith(row["township"]) else en] = (my.removesuffix("မြို့"), en)
    for row in rows:
        my, en, level = _clean(row["name_my"]), _clean(row["name_en"]), row["level"]
        if level == "ward":
            if not (my.endswith("ရပ်ကွက်") and en.endswith(" Ward")):
                continue
            my, en = my.removesuffix("ရပ်ကွက်").strip(), en.removesuffix(" Ward")
        if level in sites and re.search("[က-အ]", my) and not re.search(r"[()0-9၀-၉]", my + en) and 1 < len(my) < 28:
            region = REGIONS[re.sub(r" \(.*", "", row["sr"])]
            sites[level][my, en].append((towns.get(row["township"]), region))
    villages, wards = (
        tuple(Site(name, tuple(within)) for name, within in sorted(sites[level].items()))
        for level in ("village_tract", "ward")
    )
    return Places(tuple(sorted(set(towns.values()))), villages, wards)


def part(places: Places, for_test: bool) -> Places:
    """The part to learn from or to test with. Towns are a closed list and stand in both."""

    def kept(sites: Iterable[Site]) -> tuple[Site, ...]:
        return tuple(site for site in sites if held_out(site.name[0]) == for_test)

    return Places(places.towns, kept(places.villages), kept(places.wards))
