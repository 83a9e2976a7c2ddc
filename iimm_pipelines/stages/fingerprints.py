"""Fingerprints: the perceptual hash of each picture.

Here: which items are pictures made of pixels, and what becomes of those that cannot be hashed.
Not here: the hash (duplicates/pictures), comparing (stages/near_pairs), films and sounds.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from iimm_pipelines.duplicates import pictures
from iimm_pipelines.duplicates.pictures import Recipe
from iimm_pipelines.engine.outcome import Kind, Outcome, Reason, ended, produced
from iimm_pipelines.engine.stage import Ingredient, Limits, Source, Stage, Task
from iimm_pipelines.formats import heif
from iimm_pipelines.formats.raw import PREVIEW
from iimm_pipelines.schema import FINGERPRINTS

_DRAWINGS = frozenset({"image/svg+xml", "image/emf", "image/wmf", "image/x-emf", "image/x-wmf", "image/vnd.dwg"})


def load(ingredients: Mapping[str, Ingredient], models: Path) -> Recipe:
    """How hashes are made; loads the libraries once, so that they do not count as an item's memory."""
    import imagehash  # noqa: F401

    return Recipe(**ingredients["phash"].parameters)


def without_pixels(task: Task) -> Outcome | None:
    """Triage: what is no picture, or one of lines; where `contents` could not say what it is, nothing is to be done."""
    contents = task.upstream.get("contents")
    document = next(iter(contents.tables.get("document", ())), None) if contents else None
    if document is not None and document["kind"] == "picture":
        if any(fact["name"] == PREVIEW for fact in document.get("metadata") or ()):
            return ended(Reason.NO_NEED, frozenset())  # its preview is an item of its own
        return ended(Reason.WRONG_KIND, frozenset()) if document["media_type"] in _DRAWINGS else None
    unknown = contents is None or contents.kind is Kind.FAILED
    return ended(Reason.NO_INPUT if unknown else Reason.WRONG_KIND, frozenset())


def apply(recipe: Recipe, task: Task) -> Outcome:
    """The fingerprint of a picture.

    A flat picture is `empty: nothing inside`: it was looked at, and there is no structure that could be found again.
    """
    assert task.file is not None
    media_type = str(task.upstream["contents"].tables["document"][0]["media_type"])
    used = frozenset({"phash", "heif"} if media_type in heif.TYPES else {"phash"})
    try:
        found = pictures.fingerprint(task.file, recipe)
    except pictures.NotAPicture:
        return ended(_unread(media_type), used)
    except pictures.PictureProblem as problem:
        return ended(_REASONS[type(problem)], used)
    row = {"method": pictures.PHASH, "value": found.value, "width": found.width, "height": found.height}
    return produced({"fingerprints": [row]}, used)


_REASONS = {
    pictures.PictureFlat: Reason.NOTHING_INSIDE,
    pictures.PictureTooLarge: Reason.LIMIT_REACHED,
    pictures.PictureTruncated: Reason.TRUNCATED,
    pictures.PictureDamaged: Reason.DAMAGED,
}


def _unread(media_type: str) -> Reason:
    """Damaged where such pictures can be read but not this one; else there is no reader for them."""
    from PIL import Image

    Image.init()
    readable = heif.TYPES | {Image.MIME.get(f) for f in pictures.FORMATS}
    return Reason.DAMAGED if media_type in readable else Reason.UNSUPPORTED


STAGE = Stage(
    name="fingerprints",
    version=1,
    tables=(FINGERPRINTS,),
    reads=("contents",),
    source=Source.BYTES,
    ingredients={
        "heif": Ingredient(),
        "phash": Ingredient(parameters={
            "hash_size": 8,
            "highfreq_factor": 4,
            # at 1 level, a copy at half the size and quality 35 lay up to 22 bits from its original, at 2 up to 12
            "least_contrast": 2,
            # the largest telephone cameras have 200 million; 0.84 GB decoded
            "most_pixels": 210_000_000,
        }),
    },
    load=load,
    apply=apply,
    triage=without_pixels,
    slice_items=500,
    slice_bytes=1 << 30,
    limits=Limits(seconds=60, seconds_per_mb=4),
)  # fmt: skip
