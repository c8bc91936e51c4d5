"""What is asked of Adam, AdamW and dropout, by a course's conventions."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.autograder.sheet import Plain, Sheet, copies
from tests.submission.importing import ROOT_PACKAGE

if TYPE_CHECKING:
    from tests.autograder.shared.exam import Exam

Classes = Any
Case = dict[str, Any]
STEPS = 4
HOMES = ("mytorch.nn.linear", "mytorch.nn.modules.linear", "mytorch.nn")
"""The modules of a submission that may have its linear layer."""


def _steps(exam: Exam, c: Classes, case: Case, q: Sheet, name: str) -> None:
    """Steps of two layers with other gradients each time; nothing but layers has weights."""
    cv = exam.cv
    layers: list[Any] = []
    for i in range(len(case["sizes"]) - 1):
        layers.append(layer_for(c[cv.name(name)], cv.name("Linear"), case[f"W{i}"].shape))
        cv.put(layers[i], "W", cv.weights(case[f"W{i}"]).copy())
        cv.put(layers[i], "b", cv.biases(case[f"b{i}"]).copy())
        _put_gradients(exam, layers[i], case, i, 0)
    model = Plain()
    between = [Plain()] if cv.layers == "alternating" else []
    cv.put(model, "layers", [one for layer in layers for one in (layer, *between)])
    options = {
        n: float(case[n]) for n in ("lr", "beta1", "beta2", "eps", "weight_decay") if n in case
    }
    with q.part("step"):
        optimizer = c[cv.name(name)](model, **options)
        for step in range(STEPS):
            for i, layer in enumerate(layers):
                _put_gradients(exam, layer, case, i, step)
            optimizer.step()
            for i, layer in enumerate(layers):
                q.give(f"W{i} after step {step + 1}", np.asarray(cv.get(layer, "W"), float))
                q.give(f"b{i} after step {step + 1}", np.asarray(cv.get(layer, "b"), float))


def layer_for(optimizer: Any, name: str, shape: tuple[int, ...]) -> Any:
    """A layer of the submission's own class `name`, which an optimizer may ask for.

    It is the one that the optimizer's own file knows, or that of the files in `HOMES` that were
    imported with it. Where there is none, it is an object of a class with that name.
    """
    for module in _modules_with_layers(optimizer):
        with suppress(Exception):
            return getattr(module, name)(*shape[::-1])
    return type(name, (Plain,), {})()


def _modules_with_layers(optimizer: Any) -> Iterator[Any]:
    """The optimizer's own modules and, for one of a submission, those that may have layers."""
    names = [kind.__module__ for kind in getattr(optimizer, "__mro__", ())]
    if any("mytorch" in name.split(".") for name in names):
        names += [f"{package}{home}" for home in HOMES for package in ("", f"{ROOT_PACKAGE}.")]
    return (sys.modules[name] for name in names if name in sys.modules)


def _put_gradients(exam: Exam, layer: Any, case: Case, i: int, step: int) -> None:
    cv = exam.cv
    cv.put(layer, "dW", cv.weights(case[f"dW{i}.{step}"]).copy())
    cv.put(layer, "db", cv.biases(case[f"db{i}.{step}"]).copy())


def dropout(exam: Exam, c: Classes, case: Case, q: Sheet) -> None:
    """What holds for any mask: how many numbers are dropped, and what becomes of the others."""
    x, delta = copies(case, "x", "delta")
    p = float(case["p"])
    layer = c[exam.cv.name("Dropout")](p)
    out: Any = None
    with q.part("forward"):
        out = np.asarray(layer.forward(x.copy()), float)
        q.give(
            "as many numbers are dropped as p says",
            np.array(float(abs(np.mean(out == 0) - p) < 0.04)),
        )
        q.give("kept numbers over the inputs", _ratios(out, x, out != 0))
        q.give("each row and each column by itself", np.array(float(differ(out == 0))))
    with q.part("backward"):
        back = np.asarray(layer.backward(delta.copy()), float)
        q.give("gradient over the incoming one, kept", _ratios(back, delta, out != 0))
        q.give("gradient over the incoming one, dropped", _ratios(back, delta, out == 0))


def dropout_more(exam: Exam, c: Classes, case: Case, q: Sheet) -> None:
    (x,) = copies(case, "x")
    layer = c[exam.cv.name("Dropout")](float(case["p"]))
    with q.part("eval"):
        out = np.asarray(layer.forward(x.copy(), train=False), float)
        q.give("numbers stay as they are", np.array(1.0 if np.array_equal(out, x) else -1.0))


def differ(dropped: Any) -> bool:
    """Whether no two rows have the same mask, nor two columns."""
    return all(len(np.unique(mask, axis=0)) == len(mask) for mask in (dropped, dropped.T))


def _ratios(values: Any, over: Any, where: Any) -> Any:
    """The different quotients of some entries, in order."""
    return np.unique(np.round(values[where] / over[where], 6))


EXERCISES: dict[str, Callable[..., None]] = {
    "adam": partial(_steps, name="Adam"),
    "adamw": partial(_steps, name="AdamW"),
    "dropout": dropout,
    "dropout_more": dropout_more,
}
