"""Training a network and measuring it, epoch by epoch; runs that stop and go on."""

from mytorch.training.epoch import Epoch
from mytorch.training.run import Training
from mytorch.training.stats import (
    TrainingStats,
    evaluate,
    get_training_stats,
    load_weights,
    save_weights,
    train_epochs,
)

__all__ = [
    "Epoch",
    "Training",
    "TrainingStats",
    "evaluate",
    "get_training_stats",
    "load_weights",
    "save_weights",
    "train_epochs",
]
