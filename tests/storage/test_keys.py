"""Keys are made once, kept to their owner, changed without loss, and shown to nobody."""

import copy
import json
import multiprocessing
import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iimm_pipelines.storage.keys import Keys, KeysOpenToOthers, KeysUnreadable, WrongKey

SHA256 = bytes(range(32))


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys(tmp_path / "keys")


@pytest.fixture(scope="module")
def lasting_keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return Keys(tmp_path_factory.mktemp("holding") / "keys")


def test_the_second_start_finds_the_same_keys(tmp_path: Path, keys: Keys) -> None:
    again = Keys(tmp_path / "keys")
    assert again.name(SHA256) == keys.name(SHA256)
    assert again.salt("A00001-0001-00001", "types", b"r") == keys.salt("A00001-0001-00001", "types", b"r")
    assert again.unwrap(keys.wrap(b"data key", b"aad"), b"aad") == b"data key"


def test_two_holdings_share_nothing(tmp_path: Path, keys: Keys) -> None:
    other = Keys(tmp_path / "other")
    assert other.name(SHA256) != keys.name(SHA256)
    assert other.salt("i", "s", b"r") != keys.salt("i", "s", b"r")
    with pytest.raises(WrongKey):
        other.unwrap(keys.wrap(b"data key", b"aad"), b"aad")


def test_a_folder_open_to_others_is_refused_with_the_command_that_mends_it(tmp_path: Path, keys: Keys) -> None:
    (tmp_path / "keys").chmod(0o750)
    with pytest.raises(KeysOpenToOthers, match=f"chmod 700 {tmp_path}/keys"):
        Keys(tmp_path / "keys")


def test_a_file_open_to_others_is_refused_with_the_command_that_mends_it(tmp_path: Path, keys: Keys) -> None:
    file = tmp_path / "keys" / "holding.json"
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o644)
    with pytest.raises(KeysOpenToOthers, match=f"chmod 600 {file}"):
        Keys(tmp_path / "keys")


@pytest.mark.parametrize("content", [b"", b"{}", b'{"format": 2}', b"[]", b'{"format": 1, "wrapping": "!"}'])
def test_a_damaged_key_file_is_refused_and_never_made_anew(tmp_path: Path, keys: Keys, content: bytes) -> None:
    file = tmp_path / "keys" / "holding.json"
    file.write_bytes(content)
    with pytest.raises(KeysUnreadable):
        Keys(tmp_path / "keys")
    assert file.read_bytes() == content


def test_after_rotation_the_old_opens_and_the_new_key_wraps(tmp_path: Path, keys: Keys) -> None:
    before = keys.wrap(b"data key", b"aad")
    keys.rotate()
    after = keys.wrap(b"data key", b"aad")
    assert before[:5] != after[:5]  # Tink's prefix names the key
    for wrapped in (before, after):
        assert Keys(tmp_path / "keys").unwrap(wrapped, b"aad") == keys.unwrap(wrapped, b"aad") == b"data key"


def test_rotation_leaves_names_and_salts(keys: Keys) -> None:
    before = keys.name(SHA256), keys.salt("i", "s", b"r")
    keys.rotate()
    assert (keys.name(SHA256), keys.salt("i", "s", b"r")) == before


def test_a_process_that_was_running_reads_what_another_wrapped_after_rotating(tmp_path: Path, keys: Keys) -> None:
    other = Keys(tmp_path / "keys")
    other.rotate()
    assert keys.unwrap(other.wrap(b"data key", b"aad"), b"aad") == b"data key"


def test_first_starts_at_once_agree(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    processes = [context.Process(target=lambda: theirs.send(Keys(tmp_path / "k").name(SHA256))) for _ in range(4)]
    for process in processes:
        process.start()
    assert len({ours.recv() for _ in processes}) == 1
    for process in processes:
        process.join()


def test_a_wrapped_key_opens_under_its_own_data_only(keys: Keys) -> None:
    with pytest.raises(WrongKey):
        keys.unwrap(keys.wrap(b"data key", b"one"), b"two")


def test_a_sealed_secret_opens_under_its_own_label_only(keys: Keys) -> None:
    sealed = keys.seal(b"password", "accession A00001")
    assert keys.open_sealed(sealed, "accession A00001") == b"password"
    assert b"password" not in sealed
    with pytest.raises(WrongKey):
        keys.open_sealed(sealed, "accession A00002")


def test_a_sealed_secret_is_not_taken_for_a_wrapped_key(keys: Keys) -> None:
    with pytest.raises(WrongKey):
        keys.unwrap(keys.seal(b"data", "label"), b"label")


def test_nothing_shows_the_keys(tmp_path: Path, keys: Keys) -> None:
    secrets = json.loads((tmp_path / "keys" / "holding.json").read_text())
    assert not any(str(secret) in f"{keys} {keys!r}" for secret in secrets.values())
    assert repr(keys) == "Keys(secret)"


def test_keys_do_not_travel_to_another_process(keys: Keys) -> None:
    for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="do not leave"):
            attempt(keys)


TRIPLE = st.tuples(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8")), st.binary())


@given(one=TRIPLE, two=TRIPLE)
def test_salts_have_16_bytes_and_differ_whenever_what_they_are_for_differs(
    lasting_keys: Keys, one: tuple[str, str, bytes], two: tuple[str, str, bytes]
) -> None:
    salts = lasting_keys.salt(*one), lasting_keys.salt(*two)
    assert [len(salt) for salt in salts] == [16, 16]
    assert (salts[0] == salts[1]) == (one == two)


def test_the_boundary_between_item_and_stage_counts(keys: Keys) -> None:
    assert keys.salt("ab", "c", b"") != keys.salt("a", "bc", b"")
