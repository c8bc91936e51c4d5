"""Early stopping of `train.py`, also in a run that goes on from a checkpoint."""

from pathlib import Path

from mytorch import Network
from mytorch.training import EarlyStopping, load_weights, save_weights
from mytorch.training.run import Training


class Best:
    """Early stopping, `EarlyStopping`, that a run which goes on from a checkpoint goes on with.

    The best weights lie beside the checkpoint, in `run.best.npz` of `run.npz`. `patience` 0 never
    stops and keeps nothing.
    """

    def __init__(self, patience: int, checkpoint: Path | None) -> None:
        self.stopping = EarlyStopping(patience) if patience else None
        self.path = None if checkpoint is None else checkpoint.with_suffix(".best.npz")

    def resume(self, training: Training) -> None:
        """Goes on after the epochs that a checkpoint has; DataError where the file is missing."""
        if self.stopping is None or self.path is None or not training.finished:
            return
        now = training.mlp.state_dict()
        load_weights(training.mlp, self.path)
        self.stopping.resume(training.finished, training.mlp.state_dict())
        training.mlp.load_state_dict(now)

    def after_epoch(self, training: Training) -> None:
        """Keeps the weights where they are the best, before the checkpoint is written."""
        if self.stopping is None:
            return
        self.stopping.after_epoch(training.mlp, training.finished[-1].validation_loss)
        if self.path is not None and self.stopping.best == len(training.finished):
            save_weights(training.mlp, self.path)

    @property
    def over(self) -> bool:
        """Whether the best epoch is long enough ago."""
        return self.stopping is not None and self.stopping.over

    def take(self, mlp: Network) -> str:
        """Puts the best weights back; a line that says which those are."""
        if self.stopping is None:
            return ""
        self.stopping.restore(mlp)
        return f"best   validation loss {self.stopping.loss:.4f}, in epoch {self.stopping.best}"
