"""Early stopping: the weights of the epoch with the smallest validation loss are the ones kept."""

from __future__ import annotations

import math
from collections.abc import Sequence

from mytorch.checkpoint.state_dict import State
from mytorch.checks.settings import check_int
from mytorch.network import Network
from mytorch.training.epoch import Epoch


class EarlyStopping:
    """Tells when training no longer helps, and puts the best weights back.

        stopping = EarlyStopping(patience=10)
        for epoch in train_epochs(network, dset, 1000, 32):
            if stopping.after_epoch(network, epoch.validation_loss):
                break
        stopping.restore(network)

    Attributes
    ----------
    patience : how many epochs may follow the best one.
    best, loss : the number of the best epoch, from 1, and its validation loss; 0 and inf before.
    epochs : how many epochs there were.
    """

    def __init__(self, patience: int) -> None:
        self.patience = check_int(patience, "EarlyStopping", "patience")
        self.epochs = 0
        self.best = 0
        self.loss = math.inf
        self._state: State = {}

    def after_epoch(self, network: Network, validation_loss: float) -> bool:
        """Notes an epoch, and says whether it was the last one to wait for."""
        self.epochs += 1
        if validation_loss < self.loss:
            self.best, self.loss = self.epochs, validation_loss
            self._state = network.state_dict()
        return self.over

    @property
    def over(self) -> bool:
        """Whether as many epochs as `patience` says followed the best one."""
        return self.epochs - self.best >= self.patience

    def resume(self, finished: Sequence[Epoch], best: State) -> None:
        """Goes on where a run was: after epochs whose best weights are `best`."""
        losses = [epoch.validation_loss for epoch in finished]
        self.epochs = len(losses)
        self.loss = min(losses, default=math.inf)
        self.best = losses.index(self.loss) + 1 if losses else 0
        self._state = best

    def restore(self, network: Network) -> None:
        """Puts the weights and running statistics of the best epoch back, if there was one."""
        if self._state:
            network.load_state_dict(self._state)


__all__ = ["EarlyStopping"]
