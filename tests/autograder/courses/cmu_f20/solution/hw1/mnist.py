"""Training through automatic differentiation (002 §3)."""

import numpy as np

from mytorch.nn.activations import ReLU
from mytorch.nn.batchnorm import BatchNorm1d
from mytorch.nn.linear import Linear
from mytorch.nn.loss import CrossEntropyLoss
from mytorch.nn.sequential import Sequential
from mytorch.optim.sgd import SGD
from mytorch.tensor import Tensor

BATCH_SIZE = 100


def mnist(train_x, train_y, val_x, val_y):
    """Makes the network of 002 §3.1, trains it for 3 epochs, returns the validation accuracies.

    `train_x (N, 784)` and `val_x (M, 784)` are pixels, `train_y (N,)` and `val_y (M,)` the digits.
    The network is Linear(784, 20), BatchNorm1d(20), ReLU, Linear(20, 10); its optimizer is SGD with
    a learning rate of 0.1. `train` trains it.
    """
    model = Sequential(
        Linear(train_x.shape[1], 20), BatchNorm1d(20), ReLU(), Linear(20, 10)
    )  # fmt: skip
    optimizer = SGD(model.parameters(), lr=0.1)
    return train(model, optimizer, CrossEntropyLoss(), train_x, train_y, val_x, val_y)


def train(model, optimizer, criterion, train_x, train_y, val_x, val_y, num_epochs=3):
    """Trains `model`; returns the validation accuracies in the order of time (002 §3.2).

    In every epoch shuffle the samples; for every batch of 100, in training mode: zero_grad,
    forward, criterion, backward, step. After every 100 batches, or at the end of an epoch that has
    fewer, append what `validate` returns.
    """
    accuracies = []
    for _ in range(num_epochs):
        order = np.random.permutation(len(train_x))
        batches = -(-len(order) // BATCH_SIZE)
        for i in range(batches):
            rows = order[i * BATCH_SIZE : (i + 1) * BATCH_SIZE]
            model.train()
            optimizer.zero_grad()
            loss = criterion(model(Tensor(train_x[rows])), Tensor(train_y[rows]))
            loss.backward()
            optimizer.step()
            if (i + 1) % 100 == 0 or (batches < 100 and i + 1 == batches):
                accuracies.append(validate(model, val_x, val_y))
    return accuracies


def validate(model, val_x, val_y):
    """The fraction of samples that `model` puts into the right class, in evaluation mode.

    The class of a sample is the index of its largest output (002 §3.3).
    """
    model.eval()
    return float((model(Tensor(val_x)).data.argmax(axis=1) == val_y).mean())
