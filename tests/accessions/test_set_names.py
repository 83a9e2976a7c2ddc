"""Sets by their names: which files are pieces of one container, in which order, and what is lacking."""

from __future__ import annotations

import pytest

from iimm_pipelines.accessions.sets import Form, sets_among, stem_of

MIB = 1 << 20


def seen(*names: str, sizes: tuple[int, ...] = ()) -> list[tuple[Form, list[str], str | None, str]]:
    """Form, pieces in order, head and what is lacking, of each set."""
    files = [(n.encode(), sizes[i] if sizes else 0) for i, n in enumerate(names)]
    return [(s.form, [names[i] for i in s.pieces], None if s.head is None else names[s.head], " ".join(s.lacking))
            for s in sets_among(files)]  # fmt: skip


@pytest.mark.parametrize(
    ("form", "pieces"),
    [
        (Form.EWF, ["x.E01", "x.e02", "x.E03"]),
        (Form.EWF, ["x.Ex01", "x.Ex02"]),
        (Form.EWF, [*(f"x.E{n:02}" for n in range(1, 100)), "x.EAA", "x.EAB"]),
        (Form.CUT, ["x.7z.001", "x.7z.002"]),
        (Form.CUT, ["a b/x.zip.0001", "a b/x.zip.0002"]),
        (Form.RAR, ["x.part1.rar", "x.part2.rar"]),
        (Form.RAR, ["x.rar", "x.r00", "x.r01"]),
        (Form.RAR, ["x.rar", *(f"x.r{n:02}" for n in range(100)), "x.s00"]),
        (Form.VMDK, ["x.vmdk", "x-s001.vmdk", "x-s002.vmdk"]),
        (Form.VMDK, ["x.vmdk", "x-flat.vmdk"]),
    ],
)
def test_the_pieces_of_every_form_stand_in_their_order_behind_the_head(form: Form, pieces: list[str]) -> None:
    assert seen(*sorted(pieces), "other.txt", "x.txt", "x.eml", "x.exe") == [(form, pieces, pieces[0], "")]


def test_the_directory_of_a_zip_in_pieces_stands_last_and_is_its_head() -> None:
    assert seen("x.z01", "x.z02", "x.zip") == [(Form.ZIP, ["x.z01", "x.z02", "x.zip"], "x.zip", "")]


@pytest.mark.parametrize(
    ("there", "head", "lacking"),
    [
        (["x.E01", "x.E04"], "x.E01", ".E02 .E03"),
        (["x.E02", "x.E03"], None, ".E01"),
        (["x.7z.003"], None, ".001 .002"),
        (["x.part01.rar", "x.part03.rar"], "x.part01.rar", ".part02.rar"),
        (["x.r00", "x.r02"], None, ".rar .r01"),
        (["x.z01", "x.z03"], None, ".zip .z02"),
        (["x-s001.vmdk", "x-s003.vmdk"], None, ".vmdk -s002.vmdk"),
    ],
)
def test_what_is_lacking_is_named_as_it_would_be_called(there: list[str], head: str | None, lacking: str) -> None:
    assert [(h, lack) for _, _, h, lack in seen(*there)] == [(head, lacking)]


def test_thousands_that_are_lacking_are_counted() -> None:
    ((*_, lacking),) = seen("x.tar.001", "x.tar.5000")
    assert lacking.endswith(".0021 4978 more")


def test_a_head_without_pieces_is_a_file_like_any_other() -> None:
    assert seen("x.E01", "x.zip", "x.rar", "x.vmdk", "x.7z.001", "x.part1.rar", "y/x.E01") == []


def test_pieces_of_other_folders_and_stems_are_of_other_sets() -> None:
    found = seen("a/x.E01", "a/x.E02", "b/x.E01", "b/x.E02", "a/y.E01", "a/x.L01", "a/x.L02")
    assert [pieces for _, pieces, _, _ in found] == [
        ["a/x.E01", "a/x.E02"],
        ["a/x.L01", "a/x.L02"],
        ["b/x.E01", "b/x.E02"],
    ]


def test_two_files_for_one_number_make_no_set() -> None:
    assert seen("x.E01", "x.e01", "x.E02") == []


@pytest.mark.parametrize(
    ("sizes", "cut"),
    [((MIB, MIB, 17), True), ((MIB, MIB, MIB), True), ((MIB, MIB, MIB + 1), False), ((MIB, MIB - 512, 17), False),
     ((4096, 4096, 17), False), ((MIB + 1, MIB + 1, 17), False)],
)  # fmt: skip
def test_numbers_alone_make_a_set_only_where_the_sizes_are_those_of_a_cut_file(
    sizes: tuple[int, ...], cut: bool
) -> None:
    assert bool(seen("log.001", "log.002", "log.003", sizes=sizes)) is cut


def test_names_that_say_nothing_of_a_set_start_no_search() -> None:
    names = (b"IMG_0001.jpg", b"a/b.pdf", b"E01", b".E01", b"a/.001", b"x.z5", b"movie.s01e02.mkv", b"\xff\xfe")
    assert [stem_of(n) for n in names] == [None] * len(names)


@pytest.mark.parametrize("name", [b"a/x.part12.rar", b"a/x.zip", b"a/x.E01", b"a/x-flat.vmdk", b"a/x.001", b"a/x.r00"])
def test_all_names_of_a_set_begin_with_its_stem(name: bytes) -> None:
    assert stem_of(name) == b"a/x"
