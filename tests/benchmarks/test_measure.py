"""What benchmarks say about their aims."""

from __future__ import annotations

import json
import math

import pytest

from benchmarks.measure import Figure, aims_met, alternately, compared, in_own_process, run_benchmark


@pytest.mark.parametrize(("value", "code"), [(9.0, 0), (10.0, 0), (11.0, 1), (math.nan, 1)])
def test_a_missed_aim_ends_with_1(tmp_path, value, code):
    assert run_benchmark("made-up", [Figure("memory", value, "MB", at_most=10)], folder=tmp_path) == code


def test_an_aim_beside_a_ratio_is_one_for_the_ratio():
    assert compared("speed", [2.0, 3.0], [4.0, 4.0], unit="s", against="loop", at_most=0.7).met
    assert not compared("speed", [2.0, 3.0], [4.0, 4.0], unit="s", against="loop", at_most=0.6).met


def test_the_result_names_machine_versions_and_inputs(tmp_path, capsys):
    run_benchmark("made-up", [Figure("items", 12, "")], inputs={"x": "00"}, packages=["numpy"], folder=tmp_path)
    result = json.loads((tmp_path / "made-up.json").read_text(encoding="utf-8"))
    assert (result["inputs"], result["figures"][0]["value"], result["met"]) == ({"x": "00"}, 12, True)
    assert {"python", "numpy"} <= result["versions"].keys()
    assert capsys.readouterr().out.splitlines()[-1].startswith("items: 12")


def test_ways_take_turns_at_being_first():
    order: list[str] = []
    alternately(lambda: order.append("a"), lambda: order.append("b"), rounds=2)
    assert "".join(order[2:]) == "abba"


def test_memory_is_that_of_the_work_alone():
    held = b"x" * (200 << 20)
    _, peak = in_own_process(len, b"small")
    assert peak < len(held)


def test_the_last_line_of_many_figures_counts_the_aims_and_names_the_worst(tmp_path, capsys):
    figures = [
        Figure("share", 0.99, "share", at_least=0.9),
        Figure("speed", 5.0, "MB/s", "other", 1.0, 5.0, at_least=2),
        Figure("damaged", 0, "lines", at_most=0),
        Figure("errors", 0.04, "share", at_most=0.02),
        Figure("no aim", 1.0, "s"),
    ]
    code = run_benchmark("all", figures, folder=tmp_path, last=aims_met(figures), skipped=["pictures: no font"])
    assert code == 1
    assert capsys.readouterr().out.splitlines()[-1] == "aims met: 3 of 4; worst ratio to its aim 0.5 (errors)"
    assert json.loads((tmp_path / "all.json").read_text())["skipped"] == ["pictures: no font"]
