"""`train.py --data my.csv --label COLUMN` and `predict.py`, as their users run them."""

import csv
import io
import json
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from mytorch.datasets import split
from tests.conftest import ROOT
from tests.support.training import UNDRAWN
from tests.support.waiting import LIMIT

TRAIN, PREDICT = ROOT / "hw1" / "train.py", ROOT / "hw1" / "predict.py"
Run = Callable[..., "subprocess.CompletedProcess[str]"]
RNG = np.random.default_rng(5)
AREAS, CITIES = RNG.uniform(20, 200, 300), RNG.choice(["Rome", "Oslo", "New York"], 300)
PRICES = 3000 * AREAS + 2e5 * (CITIES == "Oslo") + RNG.normal(0, 1e4, 300)


@pytest.fixture
def houses(tmp_path: Path) -> Path:
    """A table whose price follows from area and city, and a class that follows from the price."""
    path = tmp_path / "houses.csv"
    with path.open("w", newline="") as file:
        rows = csv.writer(file, delimiter=";")
        rows.writerow(["area", "city", "price", "kind"])
        for area, city, price in zip(AREAS, CITIES, PRICES, strict=True):
            kind = "dear" if price > 5e5 else "cheap"
            rows.writerow([f"{area:.3f}".replace(".", ","), city, f"{price:.2f}", kind])
    return path


@pytest.fixture
def train(python: Run, tmp_path: Path) -> Run:
    return partial(python, TRAIN, "--output", tmp_path / "out")


@pytest.fixture
def undrawn(python: Run, tmp_path: Path) -> Run:
    """The same without its plots."""
    return partial(python, "-c", UNDRAWN, "--output", tmp_path / "out")


@pytest.mark.slow
def test_a_number_is_fitted_and_predicted_in_its_own_unit(
    houses: Path, train: Run, python: Run, tmp_path: Path
) -> None:
    result = train("--data", houses, "--label", "price", "--ignore", "kind")
    assert result.returncode == 0, result.stderr
    assert "4 inputs from 2 columns, 1 of them texts; price is a number" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80
    facts = json.loads((tmp_path / "out" / "stats.json").read_text())
    assert facts["test_r2"] > 0.97
    assert "test_error" not in facts
    assert not (tmp_path / "out" / "val_error.png").exists()

    other = tmp_path / "other.csv"
    other.write_text("city,area\nOslo,100\nRome,50\n")
    said = python(PREDICT, tmp_path / "out" / "model.npz", other)
    assert said.returncode == 0, said.stderr
    head, *values = said.stdout.split()
    assert head == "price"
    assert np.allclose(list(map(float, values)), [5e5, 1.5e5], atol=4e4)


@pytest.mark.slow
def test_classes_are_predicted_with_their_probabilities(
    houses: Path, train: Run, python: Run, tmp_path: Path
) -> None:
    result = train(
        "--data", houses, "--label", "kind", "--ignore", "price", "--class-weights", "balanced"
    )
    assert result.returncode == 0, result.stderr
    assert json.loads((tmp_path / "out" / "stats.json").read_text())["test_error"] <= 0.1
    head = next(i for i, line in enumerate(result.stdout.splitlines()) if "predicted" in line)
    names, first, second = (line.split() for line in result.stdout.splitlines()[head + 1 :][:3])
    assert names == ["actual", "cheap", "dear"]
    assert sum(int(cell) for cell in [*first[1:], *second[1:]]) == 45

    model = tmp_path / "out" / "model.npz"
    said = python(PREDICT, model, houses, "--probabilities")
    assert said.returncode == 0, said.stderr
    rows = list(csv.DictReader(io.StringIO(said.stdout)))
    right = ["dear" if price > 5e5 else "cheap" for price in PRICES]
    wrong = sum(row["kind"] != kind for row, kind in zip(rows, right, strict=True))
    assert wrong <= 20
    shares = [
        float(row["probability of dear"]) + float(row["probability of cheap"]) for row in rows
    ]
    assert np.allclose(shares, 1, atol=1e-4)

    unknown = tmp_path / "unknown.csv"
    unknown.write_text("area,city\n100,Bern\n")
    said = python(PREDICT, model, unknown)
    assert said.returncode == 0
    assert "'Bern'" in said.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    "more",
    [
        ("--optimizer", "adam", "--lr-schedule", "cosine", "--epochs", 5),
        ("--dropout", 0.2, "--weight-decay", 0.01, "--lr-schedule", "step", "--epochs", 4),
        ("--batch-norm", 2, "--hiddens", 8, 8, "--dtype", "float64", "--epochs", 2),
        ("--hiddens", "--class-weights", "dear=2", "--epochs", 2),
    ],
    ids=str,
)
def test_whatever_was_trained_predicts(
    more: tuple[object, ...], houses: Path, undrawn: Run, python: Run, tmp_path: Path
) -> None:
    """And says what the training said of the test rows."""
    result = undrawn("--data", houses, "--label", "kind", "--patience", 0, *more)
    assert result.returncode == 0, result.stderr
    said = python(PREDICT, tmp_path / "out" / "model.npz", houses)
    assert said.returncode == 0, said.stderr
    kinds = np.where(PRICES > 5e5, "dear", "cheap")
    predicted = np.array(said.stdout.split()[1:])
    test = split(kinds, 0)[2]
    facts = json.loads((tmp_path / "out" / "stats.json").read_text())
    assert (predicted != kinds)[test].mean() == pytest.approx(facts["test_error"])


@pytest.mark.slow
def test_the_seed_draws_the_rows_and_a_run_repeats(
    houses: Path, undrawn: Run, tmp_path: Path
) -> None:
    options = ("--data", houses, "--label", "kind", "--epochs", 2)
    facts = []
    for seed in (1, 1, 2):
        assert undrawn(*options, "--seed", seed).returncode == 0
        facts.append(json.loads((tmp_path / "out" / "stats.json").read_text()))
    assert facts[0]["training_losses"] == facts[1]["training_losses"]
    assert facts[0]["columns"]["mean"] == facts[1]["columns"]["mean"]
    assert facts[0]["columns"]["mean"] != facts[2]["columns"]["mean"]


@pytest.mark.slow
def test_a_run_that_stops_early_goes_on_to_the_same_end(
    houses: Path, undrawn: Run, tmp_path: Path
) -> None:
    """In two parts, with the checkpoint of the first, and in one."""
    options = ("--data", houses, "--label", "price", "--lr", 0.05, "--patience", 5)
    whole = undrawn(*options)
    assert whole.returncode == 0, whole.stderr
    finished = json.loads((tmp_path / "out" / "stats.json").read_text())
    assert finished["epochs"] < 200, "it never stopped"
    weights = (tmp_path / "out" / "weights.npz").read_bytes()

    run = tmp_path / "run.npz"
    command = [
        sys.executable,
        "-c",
        UNDRAWN,
        "--output",
        str(tmp_path / "part"),
        *map(str, options),
    ]
    command += ["--checkpoint", str(run), "--every", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("    6 "):
                process.send_signal(signal.SIGTERM)
                break
        process.stdout.read()
        code = process.wait(LIMIT)
    assert code in (0, 143)
    again = subprocess.run([*command, "--resume"], capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    assert (tmp_path / "part" / "weights.npz").read_bytes() == weights
    assert (
        json.loads((tmp_path / "part" / "stats.json").read_text())["epochs"] == finished["epochs"]
    )


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--data", "{table}"), "needs --label COLUMN"),
        (("--data", "digits", "--label", "x"), "--label needs the file of a table"),
        (("--data", "minst"), "expected auto, "),
        (("--data", "none.csv", "--label", "x"), "none.csv: No such file"),
        (("--data", "{table}", "--label", "prize"), "one of area, city, price, kind, got 'prize'"),
        (("--data", "{table}", "--label", "city", "--task", "regression"), "regression needs numb"),
        (("--data", "{table}", "--label", "price", "--class-weights", "balanced"), "no classes"),
        (("--data", "{table}", "--label", "kind", "--class-weights", "big=2"), "a class of cheap"),
        (("--data", "{table}", "--label", "kind", "--class-weights", "dear=x"), "number as weight"),
        (("--data", "{table}", "--label", "price", "--task", "classification"), "too few rows"),
    ],
)
def test_what_does_not_go_together_is_refused(
    options: tuple[str, ...], words: str, houses: Path, train: Run
) -> None:
    result = train(*(option.format(table=houses) for option in options))
    assert result.returncode in (1, 2)
    assert words in " ".join(result.stderr.split())
    assert "Traceback" not in result.stderr


@pytest.mark.slow
def test_missing_values_are_filled_as_the_message_says(undrawn: Run, tmp_path: Path) -> None:
    path = tmp_path / "gaps.csv"
    path.write_text("x,y\n" + "\n".join(f"{i if i % 7 else ''},{i % 2}" for i in range(60)) + "\n")
    refused = undrawn("--data", path, "--label", "y", "--epochs", 1)
    assert refused.returncode == 1
    assert "--fill" in refused.stderr
    assert undrawn("--data", path, "--label", "y", "--epochs", 1, "--fill").returncode == 0


def test_a_file_of_something_else_is_no_model(python: Run, houses: Path, tmp_path: Path) -> None:
    for content in (b"", b"text"):
        (tmp_path / "model.npz").write_bytes(content)
        result = python(PREDICT, tmp_path / "model.npz", houses)
        assert result.returncode == 1
        assert str(tmp_path / "model.npz") in result.stderr
        assert "Traceback" not in result.stderr
