"""Layers of pictures, dropout and the newer activations, in both faces."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from mytorch import AvgPool2d, BatchNorm2d, Conv2d, Dropout, Flatten, MaxPool2d, activation, nn
from tests.fuzz.choices import Choices
from tests.fuzz.judge import Entry
from tests.fuzz.kinds import ROWS, Flag, Numbers, Real, Whole, either, exactly
from tests.fuzz.table_classic import dtype, dtype_or_none
from tests.fuzz.values import REFUSED

PICTURES = np.random.default_rng(2).normal(size=(ROWS, 2, 4, 5))

SIZE = Choices(
    [2, (2, 1), [1, 2], np.int64(2)],
    [0, -1, (2,), (2, 2, 2), (0, 1), "2", 2.0, (2, None), None, (), {}, 10**30],
)
STRIDE = Choices(
    [1, 2, (2, 1), None], [0, -1, (2,), (2, 2, 2), (0, 1), "2", 2.0, (2, 1.5), (), {}, 10**30]
)
PADDING = Choices([0, 1, (1, 0)], [-1, (1,), (0, -1), "1", 1.0, (), {}, None, 10**30])

LAYERS: dict[str, Callable[[], Any]] = {
    "convolution.Conv2d": lambda: Conv2d(2, 3, 2, rng=0),
    "pooling.MaxPool2d": lambda: MaxPool2d(2),
    "pooling.AvgPool2d": lambda: AvgPool2d(2),
    "batchnorm.BatchNorm2d": lambda: BatchNorm2d(2),
    "shape.Flatten": Flatten,
    "dropout.Dropout": lambda: Dropout(0.5, rng=0),
    "activation.ELU": activation.ELU,
    "activation.GELU": activation.GELU,
}


def images() -> Iterator[Entry]:
    """Every layer's forward and backward, then what they are made with."""
    for name, make in LAYERS.items():
        out = make().forward(PICTURES).shape
        any_channels = "pooling" in name
        x = Numbers(takes=_at_least(2, 1) if "Flatten" in name else lambda plain: True)
        if "2d" in name:
            takes = _at_least(4, 1 if "Batch" in name else 2, None if any_channels else 2)
            float64 = "input" if any_channels else "float64"
            x = Numbers(usual=PICTURES.shape, takes=takes, dtype=float64)
        for method in ("forward", "infer") if name.split(".")[1][:2] in "BaDr" else ("forward",):
            yield Entry(
                f"{name}.{method}",
                lambda x, make=make, method=method: getattr(make(), method)(x),
                {"x": x},
                None,
                ("input",),
                domain=name.endswith(("2d", "LU")),
            )
        others = ("parameter_gradients",) * ("Conv" in name) + ("derivative",) * ("LU" in name)
        for method in ("backward", *others):
            yield Entry(
                f"{name}.{method}",
                partial(_backward, make, method),
                {"delta" if "Conv" in name or "Batch" in name else "grad": exactly(
                    *out, dtype="float64", none=method == "derivative")},
                None,
                ("gradient",),
            )  # fmt: skip
    yield from made()


def _backward(make: Callable[[], Any], method: str, **grad: Any) -> Any:
    layer = make()
    layer.forward(PICTURES)
    return getattr(layer, method)(*grad.values())


def _at_least(axes: int, side: int, channels: int | None = None) -> Callable[[Any], Any]:
    """Whether an array has so many axes (pictures: exactly 4), pixels and channels."""

    def takes(plain: Any) -> Any:
        if axes == 4:
            fits = plain.ndim == 4 and min(plain.shape[2:], default=0) >= side and plain.size > 0
            return True if fits and channels in (None, plain.shape[1]) else REFUSED
        return True if plain.ndim >= axes and len(plain) >= side else REFUSED

    return takes


def made() -> Iterator[Entry]:
    """The constructors of both faces."""
    convolution = {
        "in_channels": Whole(2),
        "out_channels": Whole(3),
        "kernel_size": SIZE,
        "stride": Choices(STRIDE.fine[:3], [*STRIDE.choices[REFUSED], None]),
        "padding": PADDING,
        "bias": Flag(),
    }
    for name, cls, kind in (
        ("convolution.Conv2d", Conv2d, dtype_or_none()),
        ("nn.convolution.Conv2d", nn.Conv2d, dtype()),
    ):
        yield Entry(
            name,
            lambda cls=cls, **settings: repr(cls(**settings)),
            {**convolution, "dtype": kind},
            None,
            ("channels", "size"),
        )
    for name, pool in (
        ("pooling.MaxPool2d", MaxPool2d),
        ("pooling.AvgPool2d", AvgPool2d),
        ("nn.pooling.MaxPool2d", nn.MaxPool2d),
        ("nn.pooling.AvgPool2d", nn.AvgPool2d),
    ):
        yield Entry(
            name,
            lambda kernel_size, stride, padding, pool=pool: repr(
                pool(kernel_size, stride, padding)
            ),
            {
                "kernel_size": SIZE,
                "stride": STRIDE,
                "padding": Choices([0], PADDING.choices[REFUSED]),
            },
            None,
            ("size",),
        )
    for face, module in (("", activation), ("nn.activations.", nn)):
        yield Entry(
            f"{face or 'activation.'}ELU",
            lambda alpha, module=module: repr(module.ELU(alpha)),
            {"alpha": Real(1.0, 0)},
        )
    for name, drop in (("dropout.Dropout", Dropout), ("nn.dropout.Dropout", nn.Dropout)):
        yield Entry(name, lambda p, drop=drop: repr(drop(p)), {"p": Real(0.5, 0, 1)})
    for attribute, shape in (("W", (3, 2, 2, 2)), ("b", (1, 3))):
        for own in (attribute, f"d{attribute}"):
            yield Entry(
                f"convolution.Conv2d.{own}",
                partial(_assign, own),
                {"value": exactly(*shape) if len(shape) > 2 else either(shape, shape[1:])},
                None,
                (own,),
            )


def _assign(attribute: str, value: Any) -> Any:
    layer = Conv2d(2, 3, 2, rng=0)
    setattr(layer, attribute, value)
    return layer.forward(PICTURES)


__all__ = ["images"]
