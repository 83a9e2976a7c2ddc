"""HEIC and HEIF, which telephones write, for everything that opens pictures with Pillow.

Here: teaching Pillow the format, and which types it is. AVIF Pillow knows by itself.
Not here: what is read of a picture (image), fingerprints (duplicates/pictures), recognition (ocr).
"""

from __future__ import annotations

TYPES = frozenset({"image/heic", "image/heif", "image/heic-sequence", "image/heif-sequence"})


def register() -> None:
    """Let Pillow open HEIF; doing it again does nothing. One thread: workers are the parallelism."""
    import pi_heif

    pi_heif.register_heif_opener(thumbnails=False, decode_threads=1)
