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
from mytorch.training.steps import Evaluation, StepTraining

__all__ = [
    "Epoch",
    "Evaluation",
    "StepTraining",
    "Training",
    "TrainingStats",
    "evaluate",
    "get_training_stats",
    "load_weights",
    "save_weights",
    "train_epochs",
]
