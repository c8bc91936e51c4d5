"""Names that PyTorch has, too: each means the same here, or is not there.

`torch_names.json` has PyTorch's names, nothing else. `torch_meanings.py` says of each that is
public here what is tested.
"""

import copy
import inspect
import json
import pickle
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from mytorch import autograd_engine, nn, optim
from mytorch.checks.torch_names import INSTEAD
from mytorch.nn import functional as F
from mytorch.tensor import Tensor
from tests.autograd.torch_meanings import MEANINGS

TORCH: dict[str, list[str]] = json.loads(
    (Path(__file__).parent / "torch_names.json").read_text(encoding="utf-8")
)
SIGNATURES: dict[str, list[str]] = json.loads(
    (Path(__file__).parent / "torch_signatures.json").read_text(encoding="utf-8")
)
DATA = {"a": "input", "x": "input", "predicted": "input", "state": "state_dict"}
"""Arguments that everybody gives by position, and PyTorch's word for each."""

FOR_SUBCLASSES = {
    "torch.optim.Optimizer",  # its `defaults` is a dictionary there
    "torch.optim.lr_scheduler.Optimizer",
    "torch.autograd.Function.forward",  # any arguments
    "torch.autograd.Function.backward",
}
HERE: dict[str, Any] = {
    "torch.Tensor": Tensor,
    "torch.nn": nn,
    "torch.nn.functional": F,
    "torch.nn.Module": nn.Module,
    "torch.nn.Sequential": nn.Sequential,
    "torch.nn.ModuleList": nn.ModuleList,
    "torch.optim": optim,
    "torch.optim.Optimizer": optim.Optimizer,
    "torch.optim.lr_scheduler": optim.schedule,
    "torch.autograd.Function": autograd_engine.Function,
}


def public(thing: Any) -> set[str]:
    """Names without an underscore: of a module what it gives away, of a class all it has."""
    names = thing.__all__ if isinstance(thing, ModuleType) else dir(thing)
    return {name for name in names if not name.startswith("_") and hasattr(thing, name)}


def shared() -> Iterator[tuple[str, str]]:
    for place, thing in HERE.items():
        # what an object of PyTorch's is only given by its __init__
        given = {"training"} if place == "torch.nn.Module" else set()
        inherited = set(MEANINGS["torch.nn.Module"])
        own = place in ("torch.nn.Sequential", "torch.nn.ModuleList")
        for name in sorted(public(thing) & (set(TORCH[place]) | given)):
            if not (own and name in inherited):
                yield place, name


@pytest.mark.parametrize(("place", "name"), sorted(shared()))
def test_a_name_of_pytorch_means_the_same(place: str, name: str) -> None:
    assert name in MEANINGS[place], f"{place}.{name} is public here: say what it means"
    assert MEANINGS[place][name]()


@pytest.mark.parametrize("name", sorted(set(SIGNATURES) - FOR_SUBCLASSES))
def test_arguments_by_position_are_those_of_pytorch(name: str) -> None:
    """What PyTorch has no argument for at that position must be named by whoever calls."""
    place, last = name.rsplit(".", 1)
    parameters = inspect.signature(getattr(HERE[place], last)).parameters.values()
    positional = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
    ours = [DATA.get(given, given) for given in positional if given != "self"]
    assert ours == SIGNATURES[name][: len(ours)]


def test_the_table_has_no_name_that_is_gone() -> None:
    known = {(place, name) for place, names in MEANINGS.items() for name in names}
    assert known == set(shared())


@pytest.mark.parametrize("name", INSTEAD)
def test_what_is_advised_in_place_of_a_name_of_pytorch_works(name: str) -> None:
    data = np.arange(1.0, 5.0).reshape(2, 2)
    t, u = Tensor(data, requires_grad=True), Tensor(data)
    with pytest.raises(AttributeError, match=f"no attribute '{name}'; write ") as caught:
        getattr(t, name)
    advice = str(caught.value).partition("; write ")[2]
    for line in re.split(r", or |, for a gradient |, which .*", advice):
        code = re.sub(r"\.\.\.", "-1", line.partition(" for the numbers")[0])
        if code and not code.startswith("nothing: "):
            exec(code, {"t": t, "u": u, "nn": nn, "np": np, "Tensor": Tensor})


def test_these_names_are_not_there() -> None:
    t = Tensor([1.0])
    assert not any(hasattr(thing, name) for thing in (t, Tensor) for name in INSTEAD)
    assert not {*dir(t)} & {*INSTEAD}
    assert copy.copy(t) == pickle.loads(pickle.dumps(t)) == t
