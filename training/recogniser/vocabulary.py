"""The list of Burmese words that the recogniser and the rules of persons look words up in.

    python -m training.recogniser.vocabulary SOURCES

SOURCES holds burmesedict.dict, as icupkg takes it out of ICU 72's data (`icupkg -x brkitr/burmesedict.dict`), and the
Burmese files of Unicode CLDR 48 as the npm packages cldr-annotations-full, cldr-localenames-full and cldr-numbers-full
have them: annotations.json, languages.json, scripts.json, currencies.json.

Here: reading these, which words are taken. Not here: what the words are for (iimm_pipelines.burmese.vocabulary).
"""

from __future__ import annotations

import argparse
import json
import re
import struct
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from iimm_pipelines.burmese.encoding import normal_text
from iimm_pipelines.burmese.syllables import syllables

HEAD = Path(__file__).with_name("vocabulary.head.txt")
_MOST = 6
"""Syllables of a word: longer ones are phrases."""
_BURMESE = re.compile("[\u1000-\u103f\u104c-\u104f]+")


class _Trie:
    """ICU's trie of bytes, its values left aside: each byte is a code point less the base of the block."""

    def __init__(self, data: bytes, base: int) -> None:
        self._data, self._base = data, base

    def words(self) -> Iterator[str]:
        """All words."""
        for word in self._walk(0, b""):
            yield "".join(chr(self._base + byte) for byte in word if byte < 0xFE)

    def _walk(self, at: int, word: bytes) -> Iterator[bytes]:
        while True:
            node = self._data[at]
            at += 1
            if node >= 0x20:
                yield word
                if node & 1:
                    return
                at = self._value(at, node >> 1)[1]
            elif node >= 0x10:
                word += self._data[at : at + node - 0x0F]
                at += node - 0x0F
            else:
                if not node:
                    node = self._data[at]
                    at += 1
                yield from self._branch(at, word, node + 1)
                return

    def _branch(self, at: int, word: bytes, ways: int) -> Iterator[bytes]:
        while ways > 5:
            less, at = self._jump(at + 1)
            yield from self._branch(less, word, ways >> 1)
            ways -= ways >> 1
        for _ in range(ways - 1):
            one = word + self._data[at : at + 1]
            node = self._data[at + 1]
            value, at = self._value(at + 2, node >> 1)
            if node & 1:
                yield one
            else:
                yield from self._walk(at + value, one)
        yield from self._walk(at + 1, word + self._data[at : at + 1])

    def _number(self, at: int, size: int) -> tuple[int, int]:
        return int.from_bytes(self._data[at : at + size], "big"), at + size

    def _value(self, at: int, lead: int) -> tuple[int, int]:
        if lead < 0x51:
            return lead - 0x10, at
        if lead < 0x6C:
            low, at = self._number(at, 1)
            return ((lead - 0x51) << 8) | low, at
        if lead < 0x7E:
            low, at = self._number(at, 2)
            return ((lead - 0x6C) << 16) | low, at
        return self._number(at, 3 if lead == 0x7E else 4)

    def _jump(self, at: int) -> tuple[int, int]:
        """Where the lesser half of a branch lies, and what stands behind this."""
        lead = self._data[at]
        at += 1
        if lead < 0xC0:
            way = lead
        elif lead < 0xF0:
            low, at = self._number(at, 1)
            way = ((lead - 0xC0) << 8) | low
        elif lead < 0xFE:
            low, at = self._number(at, 2)
            way = ((lead - 0xF0) << 16) | low
        else:
            way, at = self._number(at, 3 if lead == 0xFE else 4)
        return at + way, at


def dictionary(file: Path) -> Iterator[str]:
    """The words of a compiled dictionary of ICU."""
    data = file.read_bytes()
    (head,) = struct.unpack_from("<H", data)
    indexes = struct.unpack_from("<8i", data, head)
    yield from _Trie(data[head + indexes[0] :], indexes[5] & 0x1FFFFF).words()


def terms(folder: Path) -> Iterator[str]:
    """What CLDR calls things, languages, scripts and currencies in Burmese."""

    def told(value: object) -> Iterator[str]:
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            for key, part in value.items():
                # the head of a file says which version it is, not what things are called
                if key not in ("identity", "symbol", "symbol-alt-narrow"):
                    yield from told(part)
        elif isinstance(value, list):
            for part in value:
                yield from told(part)

    for name in ("annotations", "languages", "scripts", "currencies"):
        yield from told(json.loads((folder / f"{name}.json").read_text(encoding="utf-8")))


def chosen(words: Iterator[str]) -> set[str]:
    """Words of two to six syllables and nothing else, in normal form."""
    found = set()
    for word in words:
        text = normal_text(word, None).text
        if _BURMESE.fullmatch(text) and 2 <= len(list(syllables(text))) <= _MOST:
            found.add(text)
    return found


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", type=Path, help="folder of the files named above")
    sources = parser.parse_args().sources
    found = chosen(dictionary(sources / "burmesedict.dict")) | chosen(terms(sources))
    with Path(str(files("iimm_pipelines.burmese") / "tables" / "words.txt")).open("w", encoding="utf-8") as file:
        file.write(HEAD.read_text(encoding="utf-8"))
        file.writelines(f"{word}\n" for word in sorted(found))


if __name__ == "__main__":
    main()
