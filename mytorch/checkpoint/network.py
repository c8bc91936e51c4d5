"""What a network's next step depends on, as arrays and facts; `Network.save` and `load`."""

from __future__ import annotations

from typing import Any

from mytorch.checkpoint.archive import load_checkpoint, save_checkpoint
from mytorch.checkpoint.constants import constants_of, note_constants
from mytorch.checkpoint.fitting import (
    Arrays,
    Restore,
    facts_of,
    fitting_arrays,
    fitting_settings,
    refused,
)
from mytorch.checkpoint.optimizer import fitting_optimizer, optimizer_arrays, optimizer_facts
from mytorch.checkpoint.state_dict import views_of
from mytorch.checks.arrays import title
from mytorch.checks.settings import check_bool

KIND = "a network"
LAYERS, CONSTANTS, OPTIMIZER = "network.", "constant.", "optimizer."


def save_network(network: Any, path: Any) -> None:
    """As `Network.save` says."""
    save_checkpoint(path, KIND, network_arrays(network), facts_of_file(network))


def load_network(network: Any, path: Any) -> None:
    """As `Network.load` says."""
    arrays, facts = load_checkpoint(path, KIND)
    try:
        restore = fitting_network(network, arrays, facts["network"])
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise refused(path, title(network), error) from error
    restore()


def facts_of_file(network: Any) -> dict[str, Any]:
    """What a file says of a network; its class is of use to who makes it anew."""
    return {"class": type(network).__name__, "network": network_facts(network)}


def network_arrays(network: Any) -> Arrays:
    """The arrays of a network, not copied: parameters, buffers, settings, the optimizer's."""
    network.parameters()  # so that the optimizer's arrays are those of the layers
    arrays = {LAYERS + name: view for name, view in views_of(network.layers).items()}
    arrays |= {place: vars(thing)[name] for place, (thing, name) in _constants(network).items()}
    return arrays | optimizer_arrays(network.optimizer, OPTIMIZER)


def network_facts(network: Any) -> dict[str, Any]:
    """The layers with their settings, criterion, optimizer and mode."""
    network.parameters()  # so that the optimizer counts the steps of these
    return {
        "layers": [facts_of(layer) for layer in network.layers],
        "criterion": facts_of(network.criterion),
        "optimizer": optimizer_facts(network.optimizer),
        "train_mode": bool(network.train_mode),
    }


def fitting_network(network: Any, arrays: Arrays, facts: dict[str, Any]) -> Restore:
    """Checks arrays and facts against the network; the result puts them into it.

    Raises ValueError, TypeError or KeyError, and changes nothing, where they do not fit.
    """
    own, stored = network_facts(network), facts["layers"]
    if len(own["layers"]) != len(stored):
        raise ValueError(
            f"expected {len(own['layers'])} layers, {_names(own['layers'])}, "
            f"got {len(stored)}, {_names(stored)}"
        )
    train_mode = check_bool(facts["train_mode"], "Network", "train_mode")
    restores = [
        *(fitting_settings(layer, fact, f"layer {i},") for i, (layer, fact) in
          enumerate(zip(network.layers, stored, strict=True))),
        fitting_settings(network.criterion, facts["criterion"], "the criterion"),
    ]  # fmt: skip
    if network.optimizer is not None:
        restores.append(fitting_optimizer(network.optimizer, facts["optimizer"]))
    views = network_arrays(network)
    constants = _constants(network)
    prefixes = (LAYERS, OPTIMIZER) if network.optimizer is not None else (LAYERS,)
    found = {n: a for n, a in arrays.items() if n in views or n.startswith(prefixes)}
    fitting_arrays(views, found)

    def restore() -> None:
        for name, view in views.items():
            if name in constants:  # which may be read-only
                thing, attribute = constants[name]
                vars(thing)[attribute] = found[name]
            else:
                view[...] = found[name]
        for put_back in restores:
            put_back()
        network.train_mode = train_mode
        network._changed()
        network.zero_grads()

    return restore


def _constants(network: Any) -> dict[str, tuple[Any, str]]:
    """Array-valued settings of the layers and the criterion: whose they are, by name."""
    things = {str(i): layer for i, layer in enumerate(network.layers)}
    things["criterion"] = network.criterion
    note_constants(things.values())
    return {
        f"{CONSTANTS}{place}.{name}": (thing, name)
        for place, thing in things.items()
        for name, _ in constants_of(thing)
    }


def _names(facts: list[Any]) -> str:
    return ", ".join(str(fact[0]) for fact in facts)
