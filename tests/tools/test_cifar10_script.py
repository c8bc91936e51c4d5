"""The script for CIFAR-10: recipes, real runs, options, pictures, and how it ends and goes on."""

import dataclasses
import json
import math
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mytorch import BatchNorm2d, Conv2d, Linear, ReLU
from mytorch.datasets import Dataset
from mytorch.optim import SGD, Adam
from tests.conftest import ROOT
from tests.support import cifar10 as standin
from tests.support.waiting import LIMIT

SCRIPT = ROOT / "hw1" / "cifar10.py"
FILES = {"curves.png", "confusion.png", "mistakes.png", "stats.json", "weights.npz"}


def stats(folder: Path) -> Any:
    return json.loads((folder / "stats.json").read_text())


@pytest.mark.parametrize(
    ("recipe", "parameters", "norms", "convolutions"),
    [
        ("mlp", 308_310, 0, 0),  # 3072 * 100 + 100 + 100 * 10 + 10
        ("mlp-tuned", 4_084_010, 0, 0),
        ("convnet", 9_231_114, 8, 8),  # as PyTorch counts (uva-2019 §7)
        ("convnet-report", 9_231_114 - 2 * (256 + 512 + 512), 5, 8),
        ("digits", 6_186, 2, 2),
    ],
)
def test_recipes_are_those_of_the_report(
    recipe: str, parameters: int, norms: int, convolutions: int, cifar10_script: Any
) -> None:
    network = cifar10_script.build(recipe)
    kinds = [type(layer) for layer in network.layers]
    assert sum(p.data.size for p in network.parameters()) == parameters
    assert (kinds.count(BatchNorm2d), kinds.count(Conv2d)) == (norms, convolutions)
    for i, kind in enumerate(kinds):
        if kind is BatchNorm2d:
            assert (kinds[i - 1], kinds[i + 1]) == (Conv2d, ReLU)
    shape = (2, 1, 8, 8) if recipe == "digits" else (2, 3, 32, 32)
    assert network.forward(np.ones(shape, np.float32)).shape == (2, 10)
    assert network.dtype == np.float32
    assert all(p.data.dtype == np.float32 for p in network.parameters())


def test_settings_are_those_of_the_report(cifar10_script: Any) -> None:
    settings = {
        name: (r.optimizer, r.lr, r.weight_decay, r.batch_size, r.steps)
        for name, r in cifar10_script.RECIPES.items()
    }
    assert settings["mlp"] == ("sgd", 2e-3, 0, 200, 1500)
    assert settings["mlp-tuned"] == ("sgd", 2e-3, 0.1, 400, 10_000)
    assert settings["convnet"] == settings["convnet-report"] == ("adam", 1e-4, 0, 32, 5000)
    assert isinstance(cifar10_script.build("mlp-tuned").optimizer, SGD)
    assert cifar10_script.build("mlp-tuned").optimizer.weight_decay == 0.1
    assert isinstance(cifar10_script.build("convnet").optimizer, Adam)


@pytest.mark.slow
def test_initial_weights(cifar10_script: Any) -> None:
    """N(0, 1e-4) as a deviation; He: deviation sqrt(2 / n); PyTorch: uniform in 1 / sqrt(n)."""
    first, second = (x for x in cifar10_script.build("mlp").layers if isinstance(x, Linear))
    assert first.W.std() == pytest.approx(1e-4, rel=0.01)
    assert not first.b.any()
    assert not second.b.any()
    tuned = next(x for x in cifar10_script.build("mlp-tuned").layers if isinstance(x, Linear))
    assert tuned.W.std() == pytest.approx(math.sqrt(2 / 3072), rel=0.01)
    for layer in cifar10_script.build("convnet").layers:
        if isinstance(layer, Conv2d | Linear):
            bound = 1 / math.sqrt(layer.W[0].size if isinstance(layer, Conv2d) else 512)
            assert 0.95 * bound < abs(layer.W).max() <= bound * 1.0001
            assert 0 < abs(layer.b).max() <= bound * 1.0001


def test_a_seed_gives_the_same_network_again(cifar10_script: Any) -> None:
    def state(rng: Any) -> list[bytes]:
        net = cifar10_script.build("digits", "float64", rng)
        assert net.dtype == np.float64
        return [array.tobytes() for array in net.state_dict().values()]

    assert state(0) == state(0) == state(np.random.default_rng(0)) != state(1)
    with pytest.raises(ValueError, match=r"expected one of mlp, mlp-tuned, convnet, .*'vgg'"):
        cifar10_script.build("vgg")


@pytest.mark.slow
def test_without_cifar10_a_small_convnet_learns_the_digits(
    train_cifar10: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With every figure that is printed in `stats.json`, and every file there."""
    if (ROOT / "data" / "cifar10").exists():
        pytest.skip("CIFAR-10 was downloaded into this checkout")
    for name in ("MYTORCH_DATA", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "nowhere"))
    code, out, errors = train_cifar10()
    assert (code, errors) == (0, "")
    assert "CIFAR-10 is not on this machine" in out
    assert "Training a small ConvNet on the digits that come with the library." in out
    facts = stats(tmp_path)
    assert (facts["data"], facts["recipe"], facts["steps"]) == ("digits", "digits", 600)
    assert facts["test_accuracy"] >= 0.97
    assert {path.name for path in tmp_path.iterdir() if path.is_file()} == FILES
    rows = re.findall(r"^ +(\d+) +([\d.]+) +([\d.]+) +([\d.]+) +([\d.]+) +[\d.]+$", out, re.M)
    assert [int(row[0]) for row in rows] == facts["test_steps"] == list(range(100, 601, 100))
    for i, row in enumerate(rows):
        part = slice(100 * i, 100 * (i + 1))
        assert row[1] == f"{np.mean(facts['training_losses'][part]):.4f}"
        assert row[2] == f"{np.mean(facts['training_accuracies'][part]):.4f}"
        assert row[3:] == (f"{facts['test_losses'][i]:.4f}", f"{facts['test_accuracies'][i]:.4f}")
    assert f"test   accuracy {facts['test_accuracy']:.4f} after step 600; best " in out
    confusion = np.array(facts["confusion"])
    assert confusion.sum() == 300
    assert np.trace(confusion) / 300 == pytest.approx(facts["test_accuracy"])
    here = [line for line in out.splitlines() if str(tmp_path) not in line]
    assert max(map(len, here[12:])) <= 100
    code, out, errors = train_cifar10("--data", "cifar10")
    assert code == 1
    assert "is not on this machine" in errors


def test_the_weights_give_the_reported_accuracy(
    train_cifar10: Callable[..., Any], tmp_path: Path, digits: Dataset
) -> None:
    """By plain NumPy, from the file; with options in place of the recipe's."""
    options = {
        "--hiddens": "16", "--slope": "0.1", "--init": "he", "--optimizer": "sgd", "--lr": "0.05",
        "--momentum": "0.9", "--steps": "250", "--dtype": "float64", "--batch-size": "50",
        "--weight-decay": "0.001", "--eval-every": "200", "--lr-schedule": "cosine", "--seed": "3",
        "--dropout": "0.1",
    }  # fmt: skip
    words = [word for pair in options.items() for word in pair]
    code, out, errors = train_cifar10("--data", "digits", "--channels", "--standardized", *words)
    assert (code, errors) == (0, "")
    assert "2: LeakyReLU(0.1)" in out
    assert "3: Dropout(0.1)" in out
    facts = stats(tmp_path)
    for option, word in options.items():
        value = facts[option[2:].replace("-", "_")]
        assert value == (
            [16] if option == "--hiddens" else type(value)(word) if value != word else word
        )
    weights = np.load(tmp_path / "weights.npz", allow_pickle=False)
    x, y = digits[2]
    z = x @ weights["1.weight"].T + weights["1.bias"]
    logits = np.where(z > 0, z, 0.1 * z) @ weights["4.weight"].T + weights["4.bias"]
    accuracy = (logits.argmax(axis=1) == y.argmax(axis=1)).mean()
    assert facts["test_accuracy"] == pytest.approx(accuracy)
    assert accuracy > 0.9
    assert facts["test_steps"] == [200, 250]


def test_a_part_of_cifar10_in_class_folders(
    train_cifar10: Callable[..., Any], tmp_path: Path, folders: dict[str, Path]
) -> None:
    standin.pictures(tmp_path / "some", 4, 2)
    code, out, errors = train_cifar10("--data", tmp_path / "some", "--steps", 3, "--batch-size", 16)
    assert (code, errors) == (0, "")
    assert "This is a part of CIFAR-10: 40 of 50,000 training pictures and 20 of 10,000" in out
    assert "data   a part of cifar10: 40 training, 20 test pictures" in out
    assert stats(tmp_path)["data"] == "a part of cifar10"
    assert np.load(tmp_path / "weights.npz")["1.weight"].shape == (100, 3072)


ENDS = [
    (["--recipe", "vgg"], 2, "argument --recipe: invalid choice: 'vgg'"),
    (["--steps", "0"], 2, "argument --steps: expected a whole number from 1, got '0'"),
    (["--dropout", "1.5"], 2, "argument --dropout: expected a number from 0 to 1, got '1.5'"),
    (["--channels", "64,x"], 2, "argument --channels: expected a whole number from 1, got 'x'"),
    (["--resume"], 2, "--every and --resume need --checkpoint FILE"),
    (["--step", "3"], 2, "unrecognized arguments: --step 3"),  # no abbreviations
    (["--momentum", "0.5"], 1, "--momentum is for --optimizer sgd and rmsprop, and this is adam"),
    (["--lr", "1e30"], 1, r"the loss is (nan|inf) in step \d+; a smaller learning rate"),
    (["--data", "nothing"], 1, r"nothing: neither CIFAR-10's archive nor folders of its classes"),
]


@pytest.mark.parametrize(("options", "code", "message"), ENDS)
def test_what_cannot_work_ends_in_a_sentence(
    options: list[str], code: int, message: str, train_cifar10: Callable[..., Any], tmp_path: Path
) -> None:
    ended, _, errors = train_cifar10("--data", "digits", *options)
    assert ended == code
    assert re.search(message, errors)
    assert list(tmp_path.iterdir()) == []


def test_help_names_every_option_in_80_columns(
    train_cifar10: Callable[..., Any], cifar10_script: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    code, out, _ = train_cifar10("--help")
    assert code == 0
    options = [f.name for f in dataclasses.fields(cifar10_script.Recipe)]
    options += ["recipe", "data", "dtype", "threads", "seed", "output", "checkpoint", "every"]
    for option in (*options, "resume"):
        assert f"--{option.replace('_', '-')} " in out or f"--{option}," in out
    assert max(map(len, out.splitlines())) <= 80


RUN = (
    "--data", "digits", "--steps", "90", "--eval-every", "40", "--every", "7", "--dropout", "0.2",
    "--lr-schedule", "cosine", "--weight-decay", "0.01",
)  # fmt: skip


def results(folder: Path) -> dict[str, Any]:
    facts = stats(folder)
    facts.pop("seconds", None)
    files = {name: (folder / name).read_bytes() for name in ("weights.npz", "run.npz")}
    return {**files, "stats": facts}


@pytest.mark.slow
def test_a_run_that_is_killed_or_stopped_goes_on_bit_for_bit(
    train_cifar10: Callable[..., Any], tmp_path: Path
) -> None:
    """Processes of their own: one is killed after the 31st step, one is told to end."""
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    assert train_cifar10(*RUN, "--output", whole, "--checkpoint", whole / "run.npz")[0] == 0
    head = f"import sys, os, signal; sys.path[:0] = [{str(ROOT / 'hw1')!r}]; import cifar10\n"
    after = (
        "from mytorch.training import StepTraining as T\n"
        "step = T._step\n"
        "def _step(self):\n"
        "    step(self)\n"
        "    if self.begun == {0}: os.kill(os.getpid(), signal.{1})\n"
        "T._step = _step\n"
    )
    options = [*RUN, "--output", str(broken), "--checkpoint", str(broken / "run.npz"), "--resume"]
    for count, name, code, said in (
        (31, "SIGKILL", -signal.SIGKILL, ""),
        (33, "SIGTERM", 143, "cifar10.py: stopped after step 33; to go on, add --resume to the"),
        (34, "SIGTERM", 143, "cifar10.py: stopped after step 34; to go on, add --resume to the"),
    ):
        program = head + after.format(count, name) + f"sys.exit(cifar10.main({options!r}))"
        ended = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, timeout=LIMIT
        )
        assert ended.returncode == code, ended.stderr
        assert ended.stderr.startswith(said)
    code, out, errors = train_cifar10(*options)
    assert (code, errors) == (0, "")
    assert f"going on after step 34, from {broken / 'run.npz'}" in out
    assert results(broken) == results(whole)
    code, _, errors = train_cifar10(*options, "--steps", 50)
    assert code == 1
    assert "with steps 90, not 50" in errors  # on which the cosine depends
