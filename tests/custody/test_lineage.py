"""Lineage needs no catalogue: every step back to the receipt is found in files and proven."""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from collections.abc import Iterator
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path

import pytest
import stages_for_tests as small
from small_holding import open_holding, process, receive

from iimm_pipelines.accessions.items import read_items
from iimm_pipelines.accessions.numbers import Number, Shard
from iimm_pipelines.accessions.register import change_marks
from iimm_pipelines.custody.lineage import ItemUnknown, Lineage, lineage
from iimm_pipelines.custody.merkle import ProofInvalid
from iimm_pipelines.engine.stage import Stage
from iimm_pipelines.holding import Holding
from iimm_pipelines.stages import contents

SHARD = Shard("A00001-0000")


@pytest.fixture
def holding(tmp_path: Path) -> Iterator[Holding]:
    opened = open_holding(tmp_path / "data")
    yield opened
    opened.close()


def without_catalogue(holding: Holding) -> Holding:
    """The same holding in another place, and no catalogue in it."""
    holding.close()
    data = holding.settings.data
    copy = shutil.copytree(data, data.parent / "copy", ignore=shutil.ignore_patterns("catalogue.sqlite*"))
    return open_holding(copy)


def number_of(holding: Holding, path: bytes) -> Number:
    (found,) = (i.number for i in read_items(holding.parts, SHARD) if i.path == path)
    return found


def connected(found: Lineage) -> bool:
    """Whether every input of a step is a step, save the lines of the listing."""
    leaves = {s.leaf for s in found.steps}
    return all(leaves.issuperset(s.inputs) for s in found.steps if s.stage != "inventory")


def test_a_member_leads_back_to_the_file_that_was_received(holding: Holding, tmp_path: Path) -> None:
    inner = small.pack(("letter", b"deep inside"))
    receive(holding, tmp_path / "in", {"other": b"another", "mail": small.pack(("zip", inner), relation="attachment")})
    process(holding)
    letter, archive, mail = (number_of(holding, p) for p in (b"letter", b"zip", b"mail"))
    found = lineage(without_catalogue(holding), letter)
    assert [(s.stage, s.item) for s in found.steps] == [
        ("languages", letter), ("contents", letter), ("contents", archive), ("contents", mail), ("inventory", mail),
    ]  # fmt: skip
    assert connected(found)
    assert all(s.log_index is not None for s in found.steps)
    assert [e.kind for e in found.events] == ["registered", "sealed"]


def test_the_real_reader_s_members_lead_back_too(holding: Holding, tmp_path: Path) -> None:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("letter.txt", "a letter inside a ZIP inside a mail")
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "a@example.org", "the file"
    mail.set_content("please find it attached")
    mail.add_attachment(packed.getvalue(), maintype="application", subtype="zip", filename="papers.zip")
    stages: tuple[Stage, ...] = (contents.STAGE, small.SHOUT)
    receive(holding, tmp_path / "in", {"mail.eml": bytes(mail)})
    process(holding, stages)
    number = number_of(holding, b"letter.txt")
    found = lineage(without_catalogue(holding), number)
    assert [s.stage for s in found.steps] == ["languages", "contents", "contents", "contents", "inventory"]
    assert found.steps[-1].object == hashlib.sha256(bytes(mail)).digest()
    assert connected(found)


def test_an_item_that_nobody_knows(holding: Holding, tmp_path: Path) -> None:
    receive(holding, tmp_path / "in", {"a": b"a"})
    for number in ("A00001-0000-00009", "A00009-0000-00000"):
        with pytest.raises(ItemUnknown):
            lineage(holding, Number(number))


def test_lineage_shows_the_latest_and_the_events(holding: Holding, tmp_path: Path) -> None:
    receive(holding, tmp_path / "in", {"box": small.pack(("m", b"secret"), locks={"m": "sesame"})})
    process(holding)
    holding.add_passwords("A00001", ["sesame"])
    process(holding)
    change_marks(holding, "A00001", ["other"])
    found = lineage(holding, Number("A00001-0000-00000"))
    assert [(s.stage, s.kind) for s in found.steps if s.stage == "contents"] == [("contents", "produced")]
    assert [e.kind for e in found.events] == ["registered", "sealed", "marks changed"]


def test_a_forged_leaf_does_not_pass(holding: Holding, tmp_path: Path) -> None:
    receive(holding, tmp_path / "one", {"a": b"a"})
    process(holding)
    receive(holding, tmp_path / "two", {"a": b"b", "c": b"c"}, source="S-2")
    process(holding)
    parts = tmp_path / "data" / "parts" / "languages"
    (target,), (other,) = ((p for p in (parts / s).glob("*.parquet")) for s in ("A00001-0000", "A00002-0000"))
    import pyarrow as pa
    import pyarrow.parquet as pq

    mine, theirs = pq.read_table(target), pq.read_table(other).slice(0, 1)
    forged = theirs.set_column(
        theirs.column_names.index("item"), mine.schema.field("item"), pa.chunked_array([mine["item"].chunk(0)])
    )
    pq.write_table(forged, target, write_page_checksum=True)
    with pytest.raises(ProofInvalid):
        lineage(holding, Number("A00001-0000-00000"))
