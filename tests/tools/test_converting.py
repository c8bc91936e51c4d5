"""Weights of one course in another course's convention compute the same function there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.autograder.convert import main

rng = np.random.default_rng(0)
X = rng.normal(size=(7, 5))
W, B = rng.normal(size=(3, 5)), rng.normal(size=3)
OUT = X @ W.T + B
FORMS: dict[str, dict[str, Any]] = {
    "cmu-s19-s20": {"W0": W.T, "b0": B[None]},
    "cmu-f20": {"weight0": W, "bias0": B},
    "cmu-s23": {"W0": W, "b0": B[:, None]},
    "cmu-s24": {"W0": W, "b0": B[:, None]},
    "uva-2019": {"weight0": W, "bias0": B},
}
"""One layer as each course's fact sheet stores it, written down by hand."""


@pytest.mark.parametrize("target", FORMS)
@pytest.mark.parametrize("source", FORMS)
def test_every_course_to_every_other(source: str, target: str, tmp_path: Path) -> None:
    file = tmp_path / "w.npz"
    np.savez(file, **FORMS[source])
    assert main(["--from", source, "--to", target, str(file)]) == 0
    with np.load(tmp_path / f"w-{target}.npz") as found:
        assert set(found) == set(FORMS[target])
        for name, right in FORMS[target].items():
            assert found[name].shape == right.shape
            np.testing.assert_array_equal(found[name], right)


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


@pytest.mark.parametrize(
    ("arrays", "says"),
    [
        ({"kernel": W}, "kernel is none of the names"),
        ({"W0": B}, "W0: expected a matrix, out, in; got the shape (3,)"),
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
    for content in (None, b"", b"no file of NumPy's"):
        if content is not None:
            file.write_bytes(content)
        assert main(["--from", "cmu-s23", "--to", "cmu-f20", str(file)]) == 2
        assert str(file) in capsys.readouterr().err
