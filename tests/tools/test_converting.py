"""Weights of one course in another course's convention compute the same function there."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.autograder.convert import main

rng = np.random.default_rng(0)
W, B = rng.normal(size=(3, 5)), rng.normal(size=3)
G, C = rng.normal(size=(3, 5)), rng.normal(size=3)
GAMMA = rng.normal(size=(1, 4))
N = 7
MATRICES: dict[str, dict[str, Any]] = {
    "cmu-s19-s20": {"W0": W.T, "b0": B[None], "dW0": G.T / N, "db0": C[None] / N},
    "cmu-f20": {"weight0": W, "bias0": B, "weight.grad0": G, "bias.grad0": C},
    "cmu-s23": {"W0": W, "b0": B[:, None], "dLdW0": G / N, "dLdb0": C[:, None] / N},
    "cmu-s24": {"W0": W, "b0": B[:, None], "dLdW0": G, "dLdb0": C[:, None]},
    "cmu-s24-bonus": {"W0": W, "b0": B[:, None], "dLdW0": G, "dLdb0": C[:, None]},
    "uva-2019": {"weight0": W, "bias0": B, "grads.weight0": G, "grads.bias0": C},
}
NORMS = dict.fromkeys(MATRICES, ("gamma", "running_var"))
NORMS |= dict.fromkeys(("cmu-s23", "cmu-s24", "cmu-s24-bonus"), ("BW", "running_V"))
FORMS = {
    name: {**arrays, **{f"1.{array}": GAMMA for array in NORMS[name]}}
    for name, arrays in MATRICES.items()
}
"""A layer and a batch norm as each course's fact sheet stores them, written down by hand."""


@pytest.mark.parametrize("target", FORMS)
@pytest.mark.parametrize("source", FORMS)
def test_every_course_to_every_other(source: str, target: str, tmp_path: Path) -> None:
    file = tmp_path / "w.npz"
    np.savez(file, **FORMS[source])
    assert main(["--from", source, "--to", target, str(file), "--rows", str(N)]) == 0
    with np.load(tmp_path / f"w-{target}.npz") as found:
        assert set(found) == set(FORMS[target])
        for name, right in FORMS[target].items():
            assert found[name].shape == right.shape
            np.testing.assert_allclose(found[name], right, rtol=1e-15)


def test_gradients_move_the_average_and_batch_norm_is_renamed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, output = tmp_path / "w.npz", tmp_path / "out.npz"
    np.savez(file, **{"layers.0.dLdW": W / 7, "layers.0.dLdb": B[:, None] / 7, "1.BW": B[None]})
    arguments = ["--from", "cmu-s23", "--to", "cmu-s24", str(file), "--output", str(output)]
    assert main(arguments) == 2
    assert "--rows N" in capsys.readouterr().err
    assert not output.exists()
    assert main([*arguments, "--rows", "7"]) == 0
    with np.load(output) as found:
        np.testing.assert_allclose(found["layers.0.dLdW"], W)
        np.testing.assert_allclose(found["layers.0.dLdb"], B[:, None])
    arguments[3] = "cmu-s19-s20"
    assert main(arguments) == 0
    with np.load(output) as found:
        assert set(found) == {"layers.0.dW", "layers.0.db", "1.gamma"}
        np.testing.assert_allclose(found["layers.0.dW"], W.T / 7)


def test_the_paths_of_dictionaries_are_known(tmp_path: Path) -> None:
    file = tmp_path / "w.npz"
    np.savez(file, **{"fc1.params.weight": W, "fc1.grads.weight": G, "fc1.params.bias": B})
    assert main(["--from", "uva-2019", "--to", "cmu-f20", str(file)]) == 0
    with np.load(tmp_path / "w-cmu-f20.npz") as found:
        assert set(found) == {"fc1.weight", "fc1.weight.grad", "fc1.bias"}
        np.testing.assert_array_equal(found["fc1.weight.grad"], G)


@pytest.mark.parametrize(
    ("arrays", "says"),
    [
        ({"kernel": W}, "kernel is none of the names"),
        ({"W0": B}, "W0: expected a matrix (out, in), got the shape (3,)"),
        ({"b0": B[None]}, "b0: expected a bias (out, 1), got the shape (1, 3)"),
        ({"W0": W, "b0": B[:2, None]}, "W0 is of 3 outputs and b0 of 2, if a weight is (out, in)"),
        ({"W0": np.array([["a"]])}, "W0: expected numbers, got an array of <U1"),
        ({"BW": W}, "BW: expected a number for each feature; got the shape (3, 5)"),
        ({"v_W0": W}, "v_W0 is what an optimizer keeps"),
        ({}, "there is no array in it"),
    ],
)
def test_what_is_not_known_is_refused(
    arrays: dict[str, Any], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "w.npz"
    np.savez(file, **arrays)
    assert main(["--from", "cmu-s23", "--to", "cmu-f20", str(file)]) == 2
    assert says in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_that_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "w.npz"
    whole = io.BytesIO()
    np.savez(whole, W0=W)
    half, damaged = whole.getvalue()[:200], whole.getvalue().replace(W.tobytes()[:8], b"damaged!")
    one = io.BytesIO()
    np.save(one, W)
    for content in (None, b"", b"no file of NumPy's", half, damaged, one.getvalue()):
        if content is not None:
            file.write_bytes(content)
        assert main(["--from", "cmu-s23", "--to", "cmu-f20", str(file)]) == 2
        said = capsys.readouterr().err
        assert said.startswith(f"convert: {file}: ")
        assert "pickle" not in said
