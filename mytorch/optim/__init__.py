"""Optimizers: how parameters follow their gradients, on layers and on tensors alike."""

from mytorch.optim import schedule
from mytorch.optim.adam import Adam, AdamW
from mytorch.optim.clip import clip_grad_norm
from mytorch.optim.optimizer import Optimizer
from mytorch.optim.rmsprop import RMSprop
from mytorch.optim.sgd import SGD

__all__ = ["SGD", "Adam", "AdamW", "Optimizer", "RMSprop", "clip_grad_norm", "schedule"]
