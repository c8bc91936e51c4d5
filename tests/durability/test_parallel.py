"""Work on several threads: every piece once, the same bits, errors, forks, limits."""

import os
import sys
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from mytorch import BatchNorm2d, Conv2d, Flatten, Linear, MaxPool2d, Network, ReLU
from mytorch import SoftmaxCrossEntropy as Criterion
from mytorch.initializers import kaiming_normal, zeros_bias_init
from mytorch.optim import Adam
from mytorch.system.parallel import at_once, idle_threads, in_parallel, later, meanwhile
from mytorch.system.threads import blas_threads
from tests.support.waiting import LIMIT


def used() -> set[int]:
    return {int(pool["num_threads"]) for pool in threadpool_info() if pool["user_api"] == "blas"}


def meeting_pieces() -> list[Callable[[], Any]]:
    """Two that wait for each other."""
    meeting = threading.Barrier(2)
    return [partial(meeting.wait, LIMIT)] * 2


@pytest.mark.parametrize("run", [in_parallel, later, idle_threads])
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("count", [0, 1, 2, 33])
def test_every_piece_is_called_once(run: Callable[..., None], threads: int, count: int) -> None:
    called: list[int] = []
    with blas_threads(threads), meanwhile():
        run(partial(called.append, i) for i in range(count))
    assert sorted(called) == list(range(count))


def test_two_threads_are_at_work_at_the_same_time() -> None:
    """Each piece waits for the other one."""
    meeting = threading.Barrier(2)
    with blas_threads(2):
        in_parallel(meeting_pieces())
        with meanwhile():
            later([partial(meeting.wait, LIMIT)])
            meeting.wait(LIMIT)  # the block goes on while the piece runs


def test_what_has_time_waits_for_what_has_none() -> None:
    """The other thread leaves pieces for `later` where this one needs it."""
    order: list[str] = []
    begun, go_on = threading.Event(), threading.Event()

    def first() -> None:
        begun.set()
        go_on.wait(LIMIT)

    with blas_threads(2), meanwhile():
        later([first, *[partial(order.append, "later")] * 9])
        assert begun.wait(LIMIT)
        meeting = threading.Barrier(2)

        def urgent() -> None:
            go_on.set()
            meeting.wait(LIMIT)
            order.append("urgent")

        in_parallel([urgent, urgent])
        assert order.count("urgent") == 2
        assert order.index("urgent") == 0
    assert order.count("later") == 9


def test_one_thread_stays_alone() -> None:
    seen: set[int] = set()
    with blas_threads(1):
        in_parallel([lambda: seen.add(threading.get_ident())] * 9)
    assert seen == {threading.get_ident()}


def test_products_in_a_piece_have_one_thread_and_the_number_comes_back() -> None:
    seen: list[set[int]] = []
    with blas_threads(2):
        several = used()
        in_parallel([lambda: seen.append(used())])
        with meanwhile():
            later([lambda: seen.append(used())])
        assert used() == several
    assert seen == [{1}, {1}]


def test_threads_take_turns_more_often_while_they_compute_together() -> None:
    seen: list[float] = []
    before = sys.getswitchinterval()
    with blas_threads(2):
        in_parallel([lambda: seen.append(sys.getswitchinterval())])
        with meanwhile():
            later([lambda: in_parallel([lambda: seen.append(sys.getswitchinterval())])])
        assert sys.getswitchinterval() == before
    assert max(seen) < before


@pytest.mark.parametrize("where", [0, 5])
def test_what_a_piece_raises_is_raised(where: int) -> None:
    def piece(i: int) -> None:
        if i == where:
            raise ValueError(f"piece {i}")

    calls = [partial(piece, i) for i in range(6)]
    with blas_threads(2):
        before = used()
        with pytest.raises(ValueError, match=f"piece {where}"):
            in_parallel(calls)
        with pytest.raises(ValueError, match=f"piece {where}"), meanwhile():
            later(calls)
        assert used() == before


def test_an_exception_of_the_block_comes_before_those_of_pieces() -> None:
    def block() -> None:
        with meanwhile():
            later([partial(int, "no number")] * 3)
            raise ZeroDivisionError

    with blas_threads(2), pytest.raises(ZeroDivisionError):
        block()


def test_other_threads_handle_floating_point_errors_as_the_caller_does() -> None:
    meeting = threading.Barrier(2)

    def piece() -> None:
        meeting.wait(LIMIT)
        np.float32(1) / np.zeros(1, np.float32)

    with blas_threads(2):
        with np.errstate(all="ignore"):
            in_parallel([piece] * 2)  # no warning, which would be an error here
        with np.errstate(divide="raise"), pytest.raises(FloatingPointError):
            in_parallel([piece] * 2)


def test_at_once_leaves_nothing_for_later() -> None:
    called: list[int] = []
    with blas_threads(2), meanwhile():
        at_once(later, [partial(called.append, i) for i in range(9)])
        assert sorted(called) == list(range(9))


def test_a_forked_process_starts_threads_of_its_own() -> None:
    with blas_threads(2):
        in_parallel(meeting_pieces())
        child = os.fork()
        if not child:
            code = 1
            try:
                in_parallel(meeting_pieces())
                code = 0
            finally:
                os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def network() -> Network:
    rng = np.random.default_rng(0)
    layers: list[Any] = [
        Conv2d(3, 32, 3, padding=1, rng=rng, dtype="float32"),
        BatchNorm2d(32, dtype="float32"),
        ReLU(),
        MaxPool2d(3, 2, 1),
        Conv2d(32, 48, 3, padding=1, rng=rng, dtype="float32"),
        BatchNorm2d(48, dtype="float32"),
        ReLU(),
        Flatten(),
        Linear(48 * 64, 10, kaiming_normal, zeros_bias_init, "float32"),
    ]
    return Network(layers, Criterion(), Adam(lr=0.01))


def trained(threads: int) -> list[Any]:
    """Losses and arrays after steps on arrays of many blocks."""
    np.random.seed(3)
    net, rng = network(), np.random.default_rng(1)
    x, y = rng.normal(size=(40, 3, 16, 16)), np.eye(10)[rng.integers(0, 10, 40)]
    losses = []
    with blas_threads(threads):
        for _ in range(3):
            net.forward(x)
            net.backward(y)
            losses.append(net.criterion.loss.tolist())
            net.step()
    return [losses, {name: array.tolist() for name, array in net.state_dict().items()}]


def test_any_number_of_threads_gives_the_same_bits() -> None:
    alone = trained(1)
    for _ in range(3):
        assert trained(2) == alone


class Halved(Conv2d):
    """A user's layer that changes the gradient which the library's has computed."""

    def backward(self, delta: Any) -> Any:
        dx = super().backward(delta)
        self.dW *= 0.5
        return dx


def test_a_layer_of_ones_own_finds_the_gradients_of_the_one_that_it_extends() -> None:
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(8, 16, 8, 8)), np.eye(10)[rng.integers(0, 10, 8)]
    gradients = []
    for cls in Conv2d, Halved:
        np.random.seed(4)
        layers: list[Any] = [cls(16, 16, 3, padding=1, rng=i) for i in range(2)]
        last = Linear(16 * 64, 10, kaiming_normal, zeros_bias_init)
        net = Network([*layers, Flatten(), last], Criterion())
        for _ in range(2):  # in the second pass the checks are left out
            net.forward(x)
            end = threading.Event()
            with blas_threads(2), meanwhile():
                later([partial(end.wait, LIMIT)])  # so that nobody helps
                net.backward(y)
                end.set()
        gradients.append([layer.dW.copy() for layer in layers])
    np.testing.assert_array_equal(gradients[1], np.multiply(gradients[0], 0.5))
