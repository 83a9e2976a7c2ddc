"""Fingerprints: which items have one, and what becomes of the others."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from iimm_pipelines.accessions.register import Basis, Receipt, register
from iimm_pipelines.engine.outcome import Kind, Reason
from iimm_pipelines.engine.run import run_stage
from iimm_pipelines.engine.stage import Task, Upstream
from iimm_pipelines.holding import Holding
from iimm_pipelines.sample import pictures
from iimm_pipelines.settings import load_settings
from iimm_pipelines.stages import contents, inventory
from iimm_pipelines.stages.fingerprints import STAGE, apply, load, without_pixels


def task(kind="picture", media_type="image/jpeg", outcome=Kind.PRODUCED, reason=None, file=None):
    rows = {"document": [{"kind": kind, "media_type": media_type}]} if kind else {}
    return Task(item="A00001-0000-00000", place=0, object=b"o" * 32, size=1, file=file,
                upstream={"contents": Upstream(outcome, reason, rows)})  # fmt: skip


def outcome_of(path: Path, content: bytes, media_type="image/jpeg"):
    path.write_bytes(content)
    return apply(load(STAGE.ingredients, path), task(file=path, media_type=media_type))


def test_a_picture_has_one_row_with_its_hash_and_size(tmp_path):
    (row,) = outcome_of(tmp_path / "a", pictures.held_upright("house")).tables["fingerprints"]
    assert (row["method"], len(row["value"]), row["width"], row["height"]) == ("phash", 8, 640, 480)


HEIC = next(
    (Path(__file__).resolve().parents[2] / ".." / "shared" / "evidence-pack" / "tika_formats").rglob("testHEIF.heic"),
    None,
)


@pytest.mark.skipif(HEIC is None, reason="the evidence pack is not here")
def test_a_telephones_heic_has_one_too(tmp_path):
    outcome = outcome_of(tmp_path / "a", HEIC.read_bytes(), "image/heic")
    (row,) = outcome.tables["fingerprints"]
    assert (row["width"], row["height"], outcome.used) == (800, 544, {"phash", "heif"})


def test_a_flat_picture_has_nothing_inside(tmp_path):
    Image.new("L", (64, 64), 90).save(tmp_path / "flat", "PNG")
    outcome = outcome_of(tmp_path / "a", (tmp_path / "flat").read_bytes())
    assert (outcome.kind, outcome.reason) == (Kind.EMPTY, Reason.NOTHING_INSIDE)


def test_a_picture_of_too_many_pixels_reaches_the_limit(tmp_path):
    Image.new("1", (60_000, 4_000)).save(tmp_path / "bomb", "PNG")
    assert outcome_of(tmp_path / "a", (tmp_path / "bomb").read_bytes()).reason is Reason.LIMIT_REACHED


def test_a_picture_cut_short_is_truncated(tmp_path):
    whole = pictures.scenes()["market"]
    assert outcome_of(tmp_path / "a", whole[: len(whole) // 3]).reason is Reason.TRUNCATED


@pytest.mark.parametrize(("media_type", "reason"), [
    ("image/jpeg", Reason.DAMAGED), ("image/heic", Reason.DAMAGED), ("image/jxl", Reason.UNSUPPORTED),
])  # fmt: skip
def test_what_cannot_be_opened_is_damaged_or_has_no_reader(tmp_path, media_type, reason):
    assert outcome_of(tmp_path / "a", b"nothing that opens", media_type).reason is reason


@pytest.mark.parametrize(("given", "reason"), [
    (task("document", "application/pdf"), Reason.WRONG_KIND),
    (task("picture", "image/svg+xml"), Reason.WRONG_KIND),
    (task("container", "application/zip", Kind.FAILED, Reason.ENCRYPTED), Reason.NO_INPUT),
    (task("", "", Kind.FAILED, Reason.TIMED_OUT), Reason.NO_INPUT),
])  # fmt: skip
def test_what_is_no_picture_is_excluded_whatever_the_recipe(given, reason):
    outcome = without_pixels(given)
    assert outcome is not None
    assert (outcome.reason, outcome.used) == (reason, frozenset())


def test_a_picture_is_wanted_even_where_reading_its_metadata_failed():
    assert without_pixels(task(outcome=Kind.FAILED, reason=Reason.DAMAGED)) is None


def test_a_shard_of_pictures_runs_in_workers(tmp_path):
    received = tmp_path / "received"
    received.mkdir()
    (received / "a.jpg").write_bytes(pictures.scenes()["river"])
    (received / "b.txt").write_text("no picture")
    holding = Holding(load_settings(tmp_path / "data", workers=1))
    row = register(holding, received, Receipt("S-1", Basis.CONSENT, ("restricted",)))
    inventory.take_in(holding, row.number)
    (shard,) = holding.catalogue.shards()
    for stage in (contents.STAGE, STAGE):
        report = run_stage(holding, stage, shard.number)
    holding.close()
    assert dict(report.kinds) == {"produced": 1, "excluded": 1}
