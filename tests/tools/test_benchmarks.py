"""The benchmark: that its contenders do the same work, and that its figures are what they say."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.benchmarks import growth, pictures, programs, steps
from tests.benchmarks.__main__ import main
from tests.benchmarks.contenders import ours, plain
from tests.benchmarks.timing import interleaved
from tests.benchmarks.workloads import WORKLOADS, Workload, make_data


@pytest.mark.parametrize("workload", WORKLOADS[:4], ids=lambda workload: workload.name)
def test_contenders_take_the_same_steps(workload: Workload) -> None:
    data = make_data(workload, "float64", batches=3)
    contenders = [f(workload, "float64", data) for f in (plain.textbook, ours.classic)]
    if not workload.batch_norm:  # which has another eps there, and averages gamma's gradient
        contenders.append(ours.autograd(workload, "float64", data))
    for start in range(0, 3 * workload.batch, workload.batch):
        rows = data.order[start : start + workload.batch]
        expected, *others = (np.mean(step(rows)) for step in contenders)
        np.testing.assert_allclose(others, expected, rtol=1e-12)


def test_every_workload_stands_in_the_table_of_goals() -> None:
    assert [set(goals) for goals in steps.AT_MOST.values()] == [{w.name for w in WORKLOADS}] * 2


def test_contenders_take_turns() -> None:
    turns: list[str] = []

    def contender(name: str) -> Any:
        def call() -> None:
            if turns[-1:] != [name]:
                turns.append(name)

        return call

    times = interleaved({"a": contender("a"), "b": contender("b")}, 3, 1e-6)
    assert turns == ["a", "b"] * 3
    assert {name: len(values) for name, values in times.items()} == {"a": 3, "b": 3}


def test_the_line_through_points_on_a_line() -> None:
    x = [1.0, 2.0, 5.0]
    assert growth._line(x, [3 + 2 * n for n in x]) == pytest.approx(
        {"start": 3, "slope": 2, "r2": 1}
    )


def test_a_small_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)  # as if it were not installed
    file = tmp_path / "bench.json"
    arguments = "steps --rounds 1 --seconds 0.001 --workloads W3 --dtypes float32 --json"
    assert main([*arguments.split(), str(file), "--contenders", "classic", "torch", "matmul"]) == 0
    output = capsys.readouterr().out
    assert "no figure for torch at some places:\n  not installed; .venv" in output
    assert max(map(len, output.splitlines())) <= 80
    results = json.loads(file.read_text())
    assert results["machine"]["numpy"] == np.__version__
    (row,) = results["steps"]
    assert row["threads"] == 1  # a small step
    assert row["microseconds"].keys() == {"classic", "matmul"}
    assert all(0 < microseconds < np.inf for microseconds in row["microseconds"].values())


def test_the_share_that_is_missed_is_marked() -> None:
    row = {
        "workload": "W1", "dtype": "float32", "threads": 1, "skipped": {}, "at_most": 0.48,
        "microseconds": {"classic": 47.0, "torch": 100.0},
    }  # fmt: skip
    assert steps.table([row]).endswith("0.47     1.00 0.48")
    row["microseconds"] = {"classic": 49.0, "torch": 100.0}
    assert steps.table([row]).endswith("0.49     1.00 0.48 missed")


def test_the_readme_s_table_has_the_shares_and_how_far_pytorch_s_rounds_lie_apart() -> None:
    row = {
        "workload": "W1", "dtype": "float32",
        "microseconds": {"classic": 500.0, "torch": 1000.0},
        "spread": {"classic": [490.0, 510.0], "torch": [900.0, 1600.0]},
    }  # fmt: skip
    *_, line = steps.markdown([row]).splitlines()
    assert line == "| W1 float32 | 1,000 (900 to 1,600) | 0.50 |"


def test_a_part_that_does_not_exist(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["step"])
    assert "no part step; there are steps, programs, pictures" in capsys.readouterr().err


@pytest.mark.slow
def test_a_program_s_figures(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import time\nx = bytearray(100_000_000)\ntime.sleep(0.2)\n"
        "print('epoch 1 0.5 seconds 9.0\\nepoch 2 0.5 seconds 0.25')\n"
    )
    much = np.ones(40_000_000)  # of this process's own memory nothing may be counted
    started = time.perf_counter()
    run = programs._run([sys.executable, str(script)])
    assert 0.2 < run.seconds < time.perf_counter() - started
    assert run.epoch == 0.25
    assert 100 < run.megabytes < 200 < much.nbytes / 1e6


def test_a_program_that_fails(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("raise SystemExit('there is no MNIST')")
    with pytest.raises(subprocess.CalledProcessError) as info:
        programs._run([sys.executable, str(script)])
    assert (info.value.returncode, info.value.stderr) == (1, "there is no MNIST\n")


@pytest.mark.slow
def test_pictures_a_second(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("STEPS", "BATCHES"):
        monkeypatch.setattr(pictures, name, 1)
    started = time.perf_counter()
    pictures.main("classic")
    least = pictures.BATCH / (time.perf_counter() - started)  # as if all else took no time
    assert least < float(capsys.readouterr().out) < np.inf


def test_the_table_of_pictures_says_why_a_contender_is_missing() -> None:
    rows = [
        {"contender": "classic", "pictures": 416.2, "megabytes": 1255.4},
        {"contender": "torch", "skipped": "not installed"},
    ]
    assert pictures.table(rows).splitlines()[-2:] == [
        "classic             416      1255", "torch        not installed",
    ]  # fmt: skip
