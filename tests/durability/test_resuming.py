"""A training run that is stopped and continued is, bit for bit, the one that never was."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mytorch.datasets import DataError, Pixels
from mytorch.training import Training, get_training_stats
from tests.durability.test_checkpoint import everything, mlp

ROWS, BATCH, EPOCHS = 47, 10, 4  # five batches in an epoch, the last one smaller


def data(seed: int = 0, rows: int = ROWS) -> Any:
    random = np.random.default_rng(seed)
    x, y = random.normal(size=(rows, 4)), np.eye(3)[random.integers(3, size=rows)]
    return (x, y), (x[:20] + 1, y[:20])


class StopHere(Exception):
    pass


def stop_after(batches: int) -> Callable[[Training], None]:
    """Raises when so many batches were done since it was made."""
    left = [batches]

    def check(run: Training) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise StopHere

    return check


GENERATORS = ("np.random", "PCG64", "MT19937", "Philox", "SFC64")


def generator(name: str, seed: int) -> Any:
    """An rng; None, as rng may be, for NumPy's global one."""
    if name == "np.random":
        np.random.seed(seed)
        return None
    return np.random.Generator(getattr(np.random, name)(seed))


@pytest.mark.parametrize("name", GENERATORS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_stopped_after_every_batch_it_ends_as_if_it_never_was(
    name: str, dtype: Any, tmp_path: Path
) -> None:
    """Each piece is trained by another object, of other weights and another seed."""
    whole = mlp(1, dtype)
    figures = get_training_stats(whole, data(), EPOCHS, BATCH, generator(name, 7))
    path = tmp_path / "it"
    Training(mlp(1, dtype), data(), BATCH, generator(name, 7)).save(path)
    pieces = 0
    while True:
        net = mlp(pieces + 2, dtype)
        run = Training(net, data(), BATCH, generator(name, pieces))
        run.load(path)
        try:
            for _ in run.epochs(EPOCHS, stop_after(1 + pieces % 3)):
                pass
        except StopHere:
            pieces += 1
            run.save(path)
            continue
        break
    assert pieces > EPOCHS * 5 / 3
    assert np.array_equal(np.array(run.finished).T, np.array(figures))
    assert everything(net) == everything(whole)


def test_stopped_between_epochs(tmp_path: Path) -> None:
    """With a learning rate that changes there, and images that stay bytes."""
    images = Pixels(np.random.default_rng(0).integers(256, size=(ROWS, 4), dtype=np.uint8), 255)
    (_, y), (_, val_y) = data()
    dset = ((images, y), (images.images(0, 20), val_y))
    whole, net = mlp(1), mlp(2)
    uninterrupted = Training(whole, dset, BATCH, 3)
    for epoch, _ in enumerate(uninterrupted.epochs(EPOCHS), start=1):
        whole.lr *= 0.7
        if epoch == 2:
            uninterrupted.save(tmp_path / "it")
    run = Training(net, dset, BATCH, 4)
    run.load(tmp_path / "it")
    for _ in run.epochs(EPOCHS):
        net.lr *= 0.7
    assert run.finished == uninterrupted.finished
    assert everything(net) == everything(whole)


def test_the_network_alone_comes_out_of_it(tmp_path: Path) -> None:
    net, back = mlp(1), mlp(2)
    run = Training(net, data(), BATCH, 3)
    list(run.epochs(2))
    run.save(tmp_path / "it")
    back.load(tmp_path / "it")
    assert everything(back) == everything(net)


def other_labels() -> Any:
    (x, y), validation = data()
    return (x, y[::-1]), validation


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Training(mlp(1), data(), 11, 3), "another run, with batch_size 10, not 11"),
        (lambda: Training(mlp(1), data(rows=46), BATCH, 3), r"data_shapes \[\[47, 4\], "),
        (lambda: Training(mlp(1), data(1), BATCH, 3), "data_crc32 "),
        (lambda: Training(mlp(1), other_labels(), BATCH, 3), "data_crc32 "),
        (lambda: Training(mlp(1), data(), BATCH), "random numbers are of another generator"),
        (lambda: Training(mlp(1), data(), BATCH, np.random.Generator(np.random.MT19937(1))),
         "random numbers are of another generator"),
        (lambda: Training(mlp(1, hidden=9), data(), BATCH, 3), r"network.0.weight \(9, 4\)"),
    ],
)  # fmt: skip
def test_another_run_refuses_it_and_stays(
    make: Callable[[], Training], message: str, tmp_path: Path
) -> None:
    saved = Training(mlp(1), data(), BATCH, 3)
    list(saved.epochs(1))
    saved.save(tmp_path / "it")
    run, twin = make(), make()
    np.random.seed(0)
    with pytest.raises(DataError, match=message) as info:
        run.load(tmp_path / "it")
    assert str(info.value).startswith(f"{tmp_path / 'it'}: ")
    ends = []
    for training in (run, twin):
        np.random.seed(0)
        list(training.epochs(2))
        ends.append((training.finished, everything(training.mlp)))
    assert ends[0] == ends[1]


def test_facts_that_differ_are_named(tmp_path: Path) -> None:
    run = Training(mlp(1), data(), BATCH, 3)
    run.save(tmp_path / "it", {"recipe": "2019", "sizes": (1, 2), "seed": 3})
    run.load(tmp_path / "it", {"recipe": "2019", "sizes": (1, 2), "seed": 3})
    with pytest.raises(
        DataError,
        match=r"with recipe '2019', not 'x'; seed 3, not none given; new none given, not 1",
    ):
        run.load(tmp_path / "it", {"recipe": "x", "sizes": [1, 2], "new": 1})


def test_of_facts_that_have_facts_in_them_only_the_names_are_told(tmp_path: Path) -> None:
    """Of the columns of a table, what was learned of each would fill a page."""
    run = Training(mlp(1), data(), BATCH, 3)
    run.save(tmp_path / "it", {"columns": {"names": ["a"] * 50, "mean": [0.5] * 50, "fill": 1}})
    with pytest.raises(DataError, match=r"with other columns \(mean, fill\); give it the same"):
        run.load(tmp_path / "it", {"columns": {"names": ["a"] * 50, "mean": [0.7] * 50}})


@pytest.mark.parametrize(("kept", "own"), [({"fill": None}, {}), ({}, {"fill": None})])
def test_none_and_no_fact_at_all_differ_inside_of_a_fact(
    kept: dict[str, None], own: dict[str, None], tmp_path: Path
) -> None:
    run = Training(mlp(1), data(), BATCH, 3)
    run.save(tmp_path / "it", {"columns": {"mean": 1, **kept}})
    with pytest.raises(DataError, match=r"with other columns \(fill\); give it the same"):
        run.load(tmp_path / "it", {"columns": {"mean": 1, **own}})


def test_facts_named_like_the_data_s_do_not_stand_for_them(tmp_path: Path) -> None:
    run = Training(mlp(1), data(), BATCH, 3)
    run.save(tmp_path / "it", {"data_crc32": 1})
    (x, y), validation = data()
    others = Training(mlp(1), ((x[::-1].copy(), y), validation), BATCH, 3)
    with pytest.raises(DataError, match="another run, with data_crc32"):
        others.load(tmp_path / "it", {"data_crc32": 1})


def test_facts_that_json_does_not_hold(tmp_path: Path) -> None:
    run = Training(mlp(1), data(), BATCH, 3)
    with pytest.raises(TypeError, match="facts that JSON can hold"):
        run.save(tmp_path / "it", {"x": np.ones(2)})
    assert list(tmp_path.iterdir()) == []


def test_a_network_without_a_run_is_refused(tmp_path: Path) -> None:
    mlp(1).save(tmp_path / "it")
    with pytest.raises(DataError, match=r"a network without a training run; use network\.load"):
        Training(mlp(1), data(), BATCH).load(tmp_path / "it")
