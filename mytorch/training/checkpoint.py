"""What the rest of a training run depends on; `Training.save` and `Training.load`."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from mytorch.checkpoint.archive import load_checkpoint, save_checkpoint
from mytorch.checkpoint.fitting import Arrays, fitting_arrays, refused
from mytorch.checkpoint.network import KIND, facts_of_file, fitting_network, network_arrays
from mytorch.checkpoint.random_state import check_state, plain_state, set_state
from mytorch.checks.arrays import title
from mytorch.checks.settings import check_int, check_real
from mytorch.datasets.pixels import Pixels
from mytorch.system.errors import DataError
from mytorch.training.epoch import Epoch, number_or_nan, number_or_none

ORDER = "run.order"


def save_run(run: Any, path: Any, facts: Mapping[str, Any]) -> None:
    """As `Training.save` says."""
    here = {
        "facts": facts,
        "data": _data_facts(run),
        "finished": [[number_or_none(figure) for figure in epoch] for epoch in run.finished],
        "batch": run.batch,
        "loss": run.loss,
        "errors": run.errors,
        "rng": plain_state(run.rng),
        **run.record(),
    }
    arrays = {**network_arrays(run.mlp), ORDER: run.order.astype(np.uint32)}
    save_checkpoint(path, KIND, arrays, {**facts_of_file(run.mlp), "run": here})


def load_run(run: Any, path: Any, facts: Mapping[str, Any]) -> None:
    """As `Training.load` says."""
    arrays, stored = load_checkpoint(path, KIND)
    if "run" not in stored:
        raise DataError(
            f"{path}: a checkpoint of a network without a training run; use network.load"
        )
    asked = json.loads(json.dumps(facts))
    try:
        _same_facts(path, asked, stored["run"]["facts"])
        _same_facts(path, _data_facts(run), stored["run"]["data"])
        restore_network = fitting_network(run.mlp, arrays, stored["network"])
        restore_run = _fitting_run(run, arrays, stored["run"])
    except DataError:
        raise
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise refused(path, title(run.mlp), error) from error
    restore_network()
    restore_run()


def _same_facts(path: Any, own: dict[str, Any], its: dict[str, Any]) -> None:
    """DataError that names every fact of the run in which the file differs."""
    differing = [
        _difference(name, its.get(name), own.get(name))
        for name in {**its, **own}
        if its.get(name) != own.get(name)
    ]
    if differing:
        raise DataError(
            f"{path}: a checkpoint of another run, with {'; '.join(differing)}; "
            f"give it the same, or name another file"
        )


def _difference(name: str, its: Any, own: Any) -> str:
    if isinstance(its, dict) and isinstance(own, dict):  # e.g. of columns, what was learned of each
        parts = {**its, **own}  # None is another fact than none at all
        inside = [p for p in parts if p not in its or p not in own or its[p] != own[p]]
        return f"other {name} ({', '.join(inside)})"
    return f"{name} {_shown(its)}, not {_shown(own)}"


def _shown(fact: Any) -> str:
    return "none given" if fact is None else repr(fact)


def _fitting_run(run: Any, arrays: Arrays, stored: dict[str, Any]) -> Any:
    """Checks all that is not the network; the result puts it into `run`.

    The random numbers' state is tried out at once, and put back where it is refused.
    """
    own = {ORDER: run.order.astype(np.uint32)}
    fitting_arrays(own, {name: array for name, array in arrays.items() if name in own})
    order = arrays[ORDER].astype(run.order.dtype)
    if not np.array_equal(np.sort(order), np.arange(len(order))):
        raise ValueError("its order of the samples leaves some out")
    finished = [
        Epoch(*(number_or_nan(figure, "Training", "a figure") for figure in e))
        for e in stored["finished"]
    ]
    batches = -(-len(order) // run.batch_size)
    batch = check_int(stored["batch"], "Training", "batch", 0, batches)
    loss = check_real(stored["loss"], "Training", "loss")
    errors = check_int(stored["errors"], "Training", "errors", 0)
    check_state(run.rng, stored["rng"])
    restore_record = run.fitting_record(stored)

    def restore() -> None:
        restore_record()
        run.order[:] = order
        run.finished[:] = finished
        run.batch, run.loss, run.errors = batch, loss, errors
        set_state(run.rng, stored["rng"])

    return restore


def _data_facts(run: Any) -> dict[str, Any]:
    """The sizes and a checksum of the data, made once: other data would go on unnoticed."""
    if not hasattr(run, "_data"):
        sums = [_checksum(x, y) for x, y in (run.samples, run.validation)]
        shapes = [list(run.samples[0].shape), list(run.validation[0].shape)]
        run._data = {"batch_size": run.batch_size, "data_shapes": shapes, "data_crc32": sums}
    return dict(run._data)


def _checksum(x: Any, y: Any) -> int:
    """Of images, the bytes and one image as floats, because that is how they may be normalised."""
    numbers = (x.bytes, x[:1], y) if isinstance(x, Pixels) else (x, y)
    total = 0
    for array in numbers:
        total = zlib.crc32(np.ascontiguousarray(array).data, total)
    return total
