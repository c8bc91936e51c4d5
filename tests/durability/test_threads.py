"""Threads of matrix products, as NumPy's library itself reports them."""

from typing import Any

import numpy as np
import pytest
import threadpoolctl
from threadpoolctl import threadpool_info

from mytorch import MLP, Identity, SoftmaxCrossEntropy
from mytorch.initializers import zeros_bias_init
from mytorch.system.threads import blas_threads, limits, threads_for
from mytorch.training import train_epochs

pytestmark = pytest.mark.usefixtures("two_threads")


def used() -> list[int]:
    np.ones((2, 2)) @ np.ones((2, 2))
    return [int(pool["num_threads"]) for pool in threadpool_info() if pool["user_api"] == "blas"]


def network(inputs: int, dtype: Any = np.float32) -> MLP:
    return MLP(
        inputs, 10, [], [Identity()], lambda i, o: np.zeros((i, o)), zeros_bias_init,
        SoftmaxCrossEntropy(), 0.1, dtype=dtype,
    )  # fmt: skip


def test_small_steps_get_one_thread() -> None:
    assert threads_for(network(1000), 100) == 1  # 100 * 1000 * 10 products
    assert threads_for(network(1000), 1400) is None
    assert threads_for(network(9999), 140) == 1
    assert threads_for(network(9999, np.float64), 140) is None  # each counts twice


def test_the_block_has_its_threads_and_gives_them_back() -> None:
    before = used()
    with blas_threads(1):
        assert set(used()) == {1}
    assert used() == before
    with blas_threads(None):
        assert used() == before
    with pytest.raises(ValueError, match="at least 1"), blas_threads(0):
        pass


@pytest.mark.parametrize(("threads", "expected"), [(None, 1), (2, 2)])
def test_training_uses_them_and_nothing_else_does(
    threads: int | None, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    mlp, seen, before = network(5), [], used()
    step = mlp.step

    def watched() -> None:
        seen.append(set(used()))
        step()

    monkeypatch.setattr(mlp, "step", watched)
    x, y = np.ones((6, 5)), np.eye(10)[:6]
    for _ in train_epochs(mlp, ((x, y), (x, y), (x, y)), 2, 6, threads=threads):
        assert used() == before  # between epochs the caller has what he had
    assert seen == [{expected}] * 2


def test_large_arrays_without_what_sets_the_threads(python: Any) -> None:
    """Where threadpoolctl is not installed, everything runs on the caller's thread."""
    result = python(
        "-c",
        "import sys; sys.modules['threadpoolctl'] = None\n"
        "import numpy as np; from mytorch import BatchNorm2d\n"
        "from mytorch.system.threads import blas_threads\n"
        "x = np.random.default_rng(0).normal(size=(8, 4, 128, 128))\n"
        "with blas_threads(1):\n    y = BatchNorm2d(4, eps=0)(x)\n"
        "print(np.allclose(y, (x - x.mean((0, 2, 3), keepdims=True)) / x.std((0, 2, 3), "
        "keepdims=True)))",
    )
    assert result.stdout.split() == ["True"], result.stderr


def test_an_interrupt_while_libraries_are_looked_for_leaves_their_number(
    two_threads: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    limits._known = None
    with monkeypatch.context() as patch:
        patch.setattr(threadpoolctl, "ThreadpoolController", interrupted)
        with pytest.raises(KeyboardInterrupt):
            limits._libraries()
    assert [one.num_threads for one in limits._libraries()] == [
        one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"
    ]
