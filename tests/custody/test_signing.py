"""Keys are made once, kept from others, and verify only what they signed."""

import stat
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from iimm_pipelines.custody.signing import KeyUnusable, SignatureInvalid, Signer, Verifier


def test_a_key_is_made_at_first_use_and_opened_afterwards(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "signing.pem"
    first, again = Signer.open(path), Signer.open(path)
    assert first.key_id == again.key_id
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes().startswith(b"-----BEGIN PRIVATE KEY-----")
    assert sorted(file.name for file in path.parent.iterdir()) == ["signing.pem", "signing.pem.pub"]


def test_the_public_half_lies_beside_and_verifies(tmp_path: Path) -> None:
    signer = Signer.open(tmp_path / "key")
    public = tmp_path / "key.pub"
    load_pem_public_key(public.read_bytes()).verify(signer.sign(b"data"), b"data")  # type: ignore[union-attr,call-arg]
    Verifier.open(public).verify(b"data", signer.sign(b"data"))


def test_the_key_id_is_what_openssl_and_sha256sum_say(tmp_path: Path) -> None:
    signer = Signer.open(tmp_path / "key")
    command = f"openssl pkey -pubin -in {tmp_path / 'key.pub'} -outform DER | sha256sum"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True)
    if not done.stdout.startswith(signer.key_id):
        pytest.skip("no openssl command here") if done.stderr else pytest.fail("another key id")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620])
def test_a_key_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "key"
    Signer.open(path)
    path.chmod(mode)
    with pytest.raises(KeyUnusable, match="chmod 600"):
        Signer.open(path)


def test_a_file_that_is_no_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.touch(mode=0o600)
    with pytest.raises(KeyUnusable, match="no Ed25519 key"):
        Signer.open(path)


def test_a_replaced_public_half_is_noticed_and_a_lost_one_written_again(tmp_path: Path) -> None:
    Signer.open(tmp_path / "key")
    Signer.open(tmp_path / "other")
    (tmp_path / "key.pub").unlink()
    Signer.open(tmp_path / "key")
    (tmp_path / "key.pub").write_bytes((tmp_path / "other.pub").read_bytes())
    with pytest.raises(KeyUnusable, match="not the public half"):
        Signer.open(tmp_path / "key")


def test_other_bytes_another_key_and_a_cut_signature_are_refused(tmp_path: Path) -> None:
    signer, other = Signer.open(tmp_path / "key"), Signer.open(tmp_path / "other")
    signature = signer.sign(b"data")
    signer.verifier.verify(b"data", signature)
    for verifier, data, given in [
        (signer.verifier, b"Data", signature),
        (other.verifier, b"data", signature),
        (signer.verifier, b"data", signature[:-1]),
    ]:
        with pytest.raises(SignatureInvalid):
            verifier.verify(data, given)
