"""The training script as its users run it: real runs, options, files, and how it ends."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mytorch.datasets import Dataset
from tests.conftest import ROOT
from tests.layers.test_plotting import NAMES
from tests.support.training import UNDRAWN

SCRIPT = ROOT / "hw1" / "train.py"
FILES = {*NAMES, "stats.json", "weights.npz"}


@pytest.fixture
def train(python: Callable[..., Any], tmp_path: Path) -> Callable[..., Any]:
    """Runs the script with its files going to tmp_path, and nothing to download from."""
    return partial(python, SCRIPT, "--output", tmp_path, MYTORCH_MIRRORS="")


@pytest.fixture
def undrawn(python: Callable[..., Any], tmp_path: Path) -> Callable[..., Any]:
    """The same without its plots."""
    return partial(python, "-c", UNDRAWN, "--output", tmp_path, MYTORCH_MIRRORS="")


def stats(folder: Path) -> Any:
    return json.loads((folder / "stats.json").read_text())


@pytest.mark.slow
def test_the_strong_recipe_learns_the_digits(train: Callable[..., Any], tmp_path: Path) -> None:
    result = train("--recipe", "strong", "--data", "digits")
    assert result.returncode == 0, result.stderr
    assert stats(tmp_path)["test_error"] <= 0.04
    assert {path.name for path in tmp_path.iterdir()} == FILES
    assert result.stderr == ""


def test_the_strong_recipe_learns_mnist(
    mnist: Dataset, undrawn: Callable[..., Any], tmp_path: Path, slow: bool
) -> None:
    """In four of its ten epochs."""
    result = undrawn("--recipe", "strong", "--data", "mnist", *(() if slow else ("--epochs", 4)))
    assert result.returncode == 0, result.stderr
    facts = stats(tmp_path)
    assert facts["epochs"] <= 10
    assert facts["test_error"] <= 0.02


def test_the_2019_recipe_learns_what_the_handout_expects(
    mnist: Dataset, undrawn: Callable[..., Any], tmp_path: Path
) -> None:
    """000 §3.7: loss around 0.3 and error around 0.1, or better, by epoch 30."""
    result = undrawn("--data", "mnist")
    assert result.returncode == 0, result.stderr
    facts = stats(tmp_path)
    assert (facts["recipe"], facts["epochs"], facts["lr"]) == ("2019", 30, 0.008)
    assert facts["validation_losses"][-1] < 0.35
    assert facts["validation_errors"][-1] < 0.12


@pytest.mark.slow
def test_the_table_has_a_line_per_epoch_and_the_test_figures(
    undrawn: Callable[..., Any], tmp_path: Path
) -> None:
    result = undrawn("--data", "digits", "--epochs", 3)
    rows = re.findall(
        r"^ +(\d) +([\d.]+) +([\d.]+) +([\d.]+) +([\d.]+) +[\d.]+$", result.stdout, re.M
    )
    facts = stats(tmp_path)
    names = ("training_losses", "training_errors", "validation_losses", "validation_errors")
    assert [row[0] for row in rows] == ["1", "2", "3"]
    for row, *figures in zip(rows, *(facts[name] for name in names), strict=True):
        assert row[1:] == tuple(f"{figure:.4f}" for figure in figures)
    assert f"test   loss {facts['test_loss']:.4f}, error {facts['test_error']:.4f}" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= max(80, 7 + len(str(tmp_path)))


@pytest.mark.slow
def test_the_weights_give_the_reported_test_error(
    undrawn: Callable[..., Any], tmp_path: Path, digits: Dataset
) -> None:
    """By plain NumPy, from the file."""
    undrawn(
        "--data", "digits", "--epochs", 5, "--activation", "tanh", "--hiddens", 16, "--normalized",
        "--init", "xavier-normal", "--lr", 0.1, "--dtype", "float64",
    )  # fmt: skip
    weights = np.load(tmp_path / "weights.npz", allow_pickle=False)
    x, y = digits[2]
    logits = np.tanh(x @ weights["0.weight"].T + weights["0.bias"]) @ weights["2.weight"].T
    logits += weights["2.bias"]
    error = (logits.argmax(axis=1) != y.argmax(axis=1)).mean()
    assert stats(tmp_path)["test_error"] == pytest.approx(error)
    assert error < 0.1


@pytest.mark.slow
def test_options_take_the_place_of_the_recipes(undrawn: Callable[..., Any], tmp_path: Path) -> None:
    result = undrawn(
        "--recipe", "strong", "--data", "digits", "--epochs", 2, "--hiddens", 7, 6,
        "--batch-norm", 1, "--activation", "leaky-relu", "--lr", 0.02, "--momentum", 0.5,
        "--batch-size", 32, "--dtype", "float64", "--seed", 3, "--lr-decay", 0.9, "--no-normalized",
    )  # fmt: skip
    assert "MLP(64 -> 7 -> 6 -> 10, SoftmaxCrossEntropy(), lr=0.02, momentum=0.5)" in result.stdout
    assert "0: Linear(64, 7) -> BatchNorm(7) -> LeakyReLU(0.01)" in result.stdout
    assert "1: Linear(7, 6) -> LeakyReLU(0.01)" in result.stdout
    facts = stats(tmp_path)
    expected = {
        "hiddens": [7, 6], "batch_norm": 1, "activation": "leaky-relu", "lr": 0.02, "momentum": 0.5,
        "batch_size": 32, "epochs": 2, "dtype": "float64", "seed": 3, "lr_decay": 0.9,
        "normalized": False, "recipe": "strong", "data": "digits",
    }  # fmt: skip
    assert {key: facts[key] for key in expected} == expected
    with np.load(tmp_path / "weights.npz", allow_pickle=False) as file:
        assert file["0.weight"].dtype == np.float64


@pytest.mark.slow
def test_the_linear_recipe_has_no_hidden_layer(undrawn: Callable[..., Any]) -> None:
    result = undrawn("--recipe", "linear", "--data", "digits", "--epochs", 1)
    assert "MLP(64 -> 10, SoftmaxCrossEntropy(), lr=0.008, momentum=0)" in result.stdout


@pytest.mark.slow
def test_a_seed_gives_the_same_run_again(undrawn: Callable[..., Any], tmp_path: Path) -> None:
    runs = []
    for seed in (1, 1, 2):
        undrawn("--data", "digits", "--epochs", 2, "--seed", seed)
        runs.append(stats(tmp_path)["training_losses"])
    assert runs[0] == runs[1] != runs[2]


@pytest.mark.slow
def test_without_mnist_it_says_so_and_takes_the_digits(
    train: Callable[..., Any], tmp_path: Path
) -> None:
    nowhere = {name: str(tmp_path / "nowhere") for name in ("MYTORCH_DATA", "XDG_CACHE_HOME")}
    if (ROOT / "data" / "mnist").exists():
        pytest.skip("MNIST was downloaded into this checkout")
    result = train("--epochs", 1, **nowhere)
    assert result.returncode == 0, result.stderr
    assert "MNIST's train-images-idx3-ubyte is not on this machine" in result.stdout
    assert "Training on the digits that come with the library." in result.stdout
    assert stats(tmp_path)["data"] == "digits"
    asked_for = train("--epochs", 1, "--data", "mnist", **nowhere)
    assert asked_for.returncode == 1
    assert "is not on this machine" in asked_for.stderr


def test_a_damaged_file_is_an_error_and_not_the_digits(
    train: Callable[..., Any], tmp_path: Path
) -> None:
    folder = tmp_path / "data" / "mnist"
    folder.mkdir(parents=True)
    (folder / "train-images-idx3-ubyte.gz").write_bytes(b"broken")
    result = train(MYTORCH_DATA=str(tmp_path / "data"))
    assert result.returncode == 1
    assert "train-images-idx3-ubyte.gz: this is not train-images-idx3-ubyte" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--epochs", "0"], "argument --epochs: expected a whole number from 1, got '0'"),
        (["--hiddens", "64,64"], "argument --hiddens: expected a whole number from 1, got '64,64'"),
        (["--lr", "fast"], "argument --lr: expected a number from 0, got 'fast'"),
        (["--lr", "nan"], "argument --lr: expected a number from 0, got 'nan'"),
        (["--recipe", "2020"], "argument --recipe: invalid choice: '2020'"),
        (["--epoch", "3"], "unrecognized arguments: --epoch 3; did you mean --epochs?"),
        (["--epoch-count", "3"], "unrecognized arguments: --epoch-count 3"),
    ],
)
def test_mistyped_options_are_named(
    options: list[str], message: str, train: Callable[..., Any]
) -> None:
    result = train(*options)
    assert result.returncode == 2
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 2
    assert "Traceback" not in result.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--batch-norm", "9"], "expected num_bn_layers from 0 to the 4 layers"),
        (["--seed", str(2**40)], "Seed must be between 0 and 2"),
        (["--activation", "relu", "--lr", "1e30"], "the loss is (nan|inf) in epoch 1, batch"),
        (["--recipe", "strong", "--lr-decay", "1e12"], r"loss is (nan|inf) (in|after) epoch \d"),
        (["--output", "/proc"], "/proc: "),
        (["--optimizer", "adam", "--momentum", "0.9"], "--momentum is for --optimizer sgd and"),
        (["--lr-schedule", "step", "--lr-decay", "0.5"], "both change the learning rate; give one"),
    ],
)
def test_what_cannot_work_ends_in_a_sentence(
    options: list[str], message: str, train: Callable[..., Any], tmp_path: Path
) -> None:
    result = train("--data", "digits", *options)
    assert result.returncode == 1
    assert re.search(message, result.stderr)
    assert len(result.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made(train: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = train("--data", "digits", "--output", tmp_path / "file")
    assert result.returncode == 1
    assert re.fullmatch(r"train.py: .*/file: File exists\n", result.stderr)


def test_help_names_every_option_in_80_columns(train: Callable[..., Any]) -> None:
    result = train("--help", COLUMNS="80")
    assert result.returncode == 0
    for option in [
        "recipe",
        "hiddens",
        "activation",
        "init",
        "batch-norm",
        "lr",
        "lr-decay",
        "momentum",
        "optimizer",
        "weight-decay",
        "dropout",
        "lr-schedule",
        "epochs",
        "batch-size",
        "normalized",
        "data",
        "dtype",
        "seed",
        "output",
        "checkpoint",
        "every",
        "resume",
    ]:
        assert f"--{option}" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80


@pytest.mark.slow
@pytest.mark.parametrize("after", [0, 3])
def test_an_interrupt_keeps_what_was_reached(after: int, tmp_path: Path) -> None:
    slowly = [] if after else ["--batch-size", "1", "--hiddens", "1000", "1000"]
    with subprocess.Popen(
        [
            sys.executable,
            SCRIPT,
            "--data=digits",
            "--epochs=100000",
            f"--output={tmp_path}",
            *slowly,
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        # a shell's background job ignores interrupts, and would hand that on
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        for line in process.stdout:
            if line.startswith(f"{after:5} " if after else "data"):
                process.send_signal(signal.SIGINT)
                break
        process.stdout.read()
        errors = process.stderr.read()
    assert process.returncode == 130
    assert "Traceback" not in errors
    if after:
        assert "train.py: interrupted; the weights are of the middle of an epoch" in errors
        assert {path.name for path in tmp_path.iterdir()} == FILES
        assert len(stats(tmp_path)["training_losses"]) >= 3
    else:
        assert "train.py: interrupted" in errors
        assert list(tmp_path.iterdir()) == []
