"""Tags of sound and film."""

from __future__ import annotations

from pathlib import Path

import av
import pytest

from iimm_pipelines.formats import media
from iimm_pipelines.formats.parsed import FileKind, Limits, Parsed

PACK = Path(__file__).resolve().parents[2] / ".." / "shared" / "evidence-pack" / "tika_formats"
needs_pack = pytest.mark.skipif(not PACK.is_dir(), reason="the evidence pack is not here")


def recording(path: Path, **tags: str) -> Path:
    """A tenth of a second of silence with tags."""
    with av.open(str(path), "w", format="mov") as made:
        made.metadata.update(tags)
        stream = made.add_stream("pcm_s16le", rate=8000)
        frame = av.AudioFrame(format="s16", layout="mono", samples=800)
        frame.sample_rate = 8000
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            made.mux(packet)
    return path


def read(path: Path, tmp_path: Path) -> Parsed:
    return media.read(path, FileKind.SOUND, tmp_path, Limits())


def sample(name: str) -> Path:
    return next(PACK.rglob(name))


def test_title_and_making_of_a_container_are_read(tmp_path: Path) -> None:
    found = read(recording(tmp_path / "made.mov", title="ရေတွင်း", creation_time="2024-01-02T03:04:05Z"), tmp_path)
    assert [(s.field, s.text) for s in found.segments] == [("title", "ရေတွင်း")]
    assert [(t.meaning, t.at.iso, t.at.offset_minutes) for t in found.times] == [("created", "2024-01-02T03:04:05", 0)]
    assert {n for n, _ in found.metadata} >= {"container", "length ms", "stream 1"}


@needs_pack
@pytest.mark.parametrize("name", ["testMP4_QuickTimeMetadata.mov", "testMP4_udtaLocation.mp4"])
def test_where_a_film_was_taken_is_read(name: str, tmp_path: Path) -> None:
    (place,) = read(sample(name), tmp_path).positions
    assert (place.of, place.latitude, place.longitude, place.altitude_mm) == (
        "recorder",
        12_345_600,
        -98_765_400,
        10_500,
    )


@needs_pack
@pytest.mark.parametrize("name", ["testMP3_twoCovers.mp3", "testFLAC_twoCovers.flac", "testVORBIS_twoCovers.ogg"])
def test_covers_become_members(name: str, tmp_path: Path) -> None:
    found = read(sample(name), tmp_path)
    assert [(m.path, m.relation, m.size) for m in found.members] == [
        (b"picture-01.png", "embedded", 158), (b"picture-02.png", "embedded", 115),
    ]  # fmt: skip


def test_what_is_no_recording_has_no_tags(tmp_path: Path) -> None:
    (tmp_path / "blob").write_bytes(b"RIFF" + bytes(100))
    found = read(tmp_path / "blob", tmp_path)
    assert (found.kind, found.problem, found.metadata) == ("sound", None, ())


def test_a_playlist_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "secret.wav").write_bytes(b"RIFF")
    (tmp_path / "blob").write_text("#EXTM3U\n#EXTINF:1,\nsecret.wav\n#EXT-X-ENDLIST\n")
    assert read(tmp_path / "blob", tmp_path).members == ()
