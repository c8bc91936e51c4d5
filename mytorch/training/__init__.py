"""Training a network and measuring it, epoch by epoch; runs that stop and go on."""

from mytorch.training.classes import class_weights, confusion_matrix, predict, predict_proba
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
from mytorch.training.stopping import EarlyStopping

__all__ = [
    "EarlyStopping",
    "Epoch",
    "Evaluation",
    "StepTraining",
    "Training",
    "TrainingStats",
    "class_weights",
    "confusion_matrix",
    "evaluate",
    "get_training_stats",
    "load_weights",
    "predict",
    "predict_proba",
    "save_weights",
    "train_epochs",
]
