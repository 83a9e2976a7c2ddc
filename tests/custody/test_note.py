"""Checkpoints are signed notes that other tools read, and only well-formed, rightly signed ones are accepted."""

import base64
from pathlib import Path

import pytest

from iimm_pipelines.custody.note import (
    Checkpoint,
    CheckpointInvalid,
    checkpoint_text,
    note_key_id,
    read_checkpoint,
    verifier_key,
)
from iimm_pipelines.custody.signing import Signer

NAME = "log of a holding".replace(" ", "-")
CHECKPOINT = Checkpoint(NAME, 1234, bytes(range(32)))


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    return Signer.open(tmp_path / "key")


def signed(body: str, signer: Signer, name: str = NAME) -> str:
    signature = note_key_id(name, signer.public) + signer.sign(body.encode())
    return f"{body}\n— {name} {base64.b64encode(signature).decode()}\n"


@pytest.mark.parametrize(
    "key",
    [
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
    ],
)
def test_key_ids_are_those_of_published_keys(key: str) -> None:
    name, _, encoded = key.split("+", 2)
    assert verifier_key(name, base64.b64decode(encoded)[1:]) == key


def test_a_checkpoint_is_five_lines_and_reads_back(signer: Signer) -> None:
    text = checkpoint_text(CHECKPOINT, signer, NAME)
    assert text.split("\n")[:4] == [NAME, "1234", base64.b64encode(bytes(range(32))).decode(), ""]
    assert text.count("\n") == 5
    assert read_checkpoint(text, signer.verifier, NAME) == CHECKPOINT


def test_signatures_of_witnesses_and_extension_lines_are_passed_over(signer: Signer, tmp_path: Path) -> None:
    body = checkpoint_text(CHECKPOINT, signer, NAME).partition("\n\n")[0] + "\nan extension\n"
    witness = signed(body, Signer.open(tmp_path / "witness"), "witness").partition("\n\n")[2]
    assert read_checkpoint(signed(body, signer) + witness, signer.verifier, NAME) == CHECKPOINT


@pytest.mark.parametrize(("old", "new"), [("1234", "1235"), (NAME, "other"), ("AAECAw", "AAECBA"), ("— ", "- ")])
def test_a_changed_checkpoint_is_refused(signer: Signer, old: str, new: str) -> None:
    text = checkpoint_text(CHECKPOINT, signer, NAME)
    assert old in text
    with pytest.raises(CheckpointInvalid):
        read_checkpoint(text.replace(old, new, 1), signer.verifier, NAME)


def test_a_checkpoint_of_another_key_or_name_is_refused(signer: Signer, tmp_path: Path) -> None:
    text = checkpoint_text(CHECKPOINT, signer, NAME)
    with pytest.raises(CheckpointInvalid, match="expected key"):
        read_checkpoint(text, Signer.open(tmp_path / "other").verifier, NAME)
    with pytest.raises(CheckpointInvalid, match="expected key"):
        read_checkpoint(text, signer.verifier, "other")


ROOT = base64.b64encode(bytes(32)).decode()


@pytest.mark.parametrize(
    "body",
    [f"{NAME}\n01\n{ROOT}\n", f"{NAME}\n-1\n{ROOT}\n", f"\n1\n{ROOT}\n", f"{NAME}\n1\n", f"{NAME}\n1\nAAAA\n", "\n"],
)
def test_signed_but_malformed_is_refused(signer: Signer, body: str) -> None:
    with pytest.raises(CheckpointInvalid):
        read_checkpoint(signed(body, signer), signer.verifier, NAME)


@pytest.mark.parametrize("text", ["", "\n\n", "a\n\nb", "a\n1\n\n— x y\n", "\ud800\n\n— x AAAA\n"])
def test_what_is_no_note_is_refused(signer: Signer, text: str) -> None:
    with pytest.raises(CheckpointInvalid):
        read_checkpoint(text, signer.verifier, NAME)


def test_names_and_origins_that_would_break_the_format_are_refused(signer: Signer) -> None:
    for name in ("", "a b", "a+b", "a\nb"):
        with pytest.raises(ValueError, match="name"):
            checkpoint_text(CHECKPOINT, signer, name)
    with pytest.raises(ValueError, match="origin"):
        checkpoint_text(Checkpoint("a\nb", 0, bytes(32)), signer, NAME)
