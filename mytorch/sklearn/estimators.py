"""`MLPClassifier` and `MLPRegressor`: a network of linear layers behind `fit` and `predict`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from mytorch.activation import Identity, LeakyReLU, ReLU, Sigmoid, Tanh
from mytorch.checks.arrays import FloatArray
from mytorch.checks.settings import check_int, check_real, shown
from mytorch.datasets.labels import one_hot
from mytorch.datasets.scaling import column_scales, standardized
from mytorch.initializers import kaiming_normal, zeros_bias_init
from mytorch.linear import Linear
from mytorch.loss import L2, Criterion, WeightedSoftmaxCrossEntropy
from mytorch.network import Network
from mytorch.optim.adam import AdamW
from mytorch.training.classes import predict_proba
from mytorch.training.samples import outputs
from mytorch.training.stats import train_epochs
from mytorch.training.stopping import EarlyStopping

ACTIVATIONS: dict[str, Any] = {
    "relu": ReLU,
    "leaky-relu": LeakyReLU,
    "tanh": Tanh,
    "sigmoid": Sigmoid,
    "identity": Identity,
}


class _Estimator(BaseEstimator):
    """What both estimators have in common: the network, its training, the scales of columns."""

    def __init__(
        self,
        hiddens: Sequence[int] = (64,),
        activation: str = "relu",
        lr: float = 0.01,
        weight_decay: float = 0.0,
        epochs: int = 100,
        batch_size: int = 32,
        patience: int | None = None,
        validation_fraction: float = 0.1,
        random_state: Any = None,
    ) -> None:
        self.hiddens = hiddens
        self.activation = activation
        self.lr = lr
        self.weight_decay = weight_decay
        self.epochs = epochs
        self.batch_size = batch_size
        self.patience = patience
        self.validation_fraction = validation_fraction
        self.random_state = random_state

    def _train(self, x: FloatArray, y: FloatArray, criterion: Criterion) -> None:
        """Trains a new network on `x (N, features)` and `y (N, outputs)`."""
        owner = type(self).__name__
        epochs = check_int(self.epochs, owner, "epochs")
        batch_size = check_int(self.batch_size, owner, "batch_size")
        rng = np.random.default_rng(check_random_state(self.random_state).randint(2**31 - 1))
        self.mean_, self.deviation_ = column_scales(x)
        x = self._scaled(x)
        self.network_ = self._network(x.shape[1], y.shape[1], criterion, rng)
        stopping = None if self.patience is None else EarlyStopping(self.patience)
        train: Any = slice(None)
        val: Any = slice(1)  # without patience nobody asks for its loss
        if stopping:
            train, val = self._held_out(len(x), rng)
        dset = ((x[train], y[train]), (x[val], y[val]), (x[val], y[val]))
        self.loss_curve_: list[float] = []
        for epoch in train_epochs(self.network_, dset, epochs, batch_size, rng):
            self.loss_curve_.append(epoch.training_loss)
            if stopping and stopping.after_epoch(self.network_, epoch.validation_loss):
                break
        if stopping:
            stopping.restore(self.network_)
        self.n_iter_ = len(self.loss_curve_)

    def _network(
        self, features: int, outputs: int, criterion: Criterion, rng: np.random.Generator
    ) -> Network:
        """A network of the chosen layers, whose weights `rng` draws."""
        owner = type(self).__name__
        if self.activation not in ACTIVATIONS:
            raise ValueError(
                f"{owner}: expected one of {', '.join(ACTIVATIONS)} as activation, "
                f"got {shown(self.activation)}"
            )
        hiddens = np.atleast_1d(np.asarray(self.hiddens, dtype=object))
        units = [check_int(n, owner, f"hiddens[{i}]") for i, n in enumerate(hiddens)]
        init = partial(kaiming_normal, rng=rng), zeros_bias_init
        layers: list[Any] = []
        for fan_in, fan_out in pairwise([features, *units, outputs]):
            layers += [Linear(fan_in, fan_out, *init), ACTIVATIONS[self.activation]()]
        decay = check_real(self.weight_decay, owner, "weight_decay", 0)
        optimizer = AdamW(lr=check_real(self.lr, owner, "lr", 0), weight_decay=decay)
        return Network(layers[:-1], criterion, optimizer)

    def _held_out(
        self, count: int, rng: np.random.Generator
    ) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """The row numbers to train on, and those by which `patience` decides."""
        owner = type(self).__name__
        share = check_real(self.validation_fraction, owner, "validation_fraction", 0, 1)
        held = max(1, round(share * count))
        if held >= count:
            raise ValueError(
                f"{owner}: no samples are left to train on where patience holds out {held} "
                f"of {count}; patience=None trains on all of them"
            )
        order = rng.permutation(count)
        return order[held:], order[:held]

    def _scaled(self, x: FloatArray) -> FloatArray:
        """Columns of mean 0 and deviation 1 in the training data."""
        return standardized(x, self.mean_, self.deviation_)

    def _checked(self, X: Any) -> FloatArray:
        """Samples for a fitted network."""
        check_is_fitted(self, "network_")
        return self._scaled(validate_data(self, X, reset=False, dtype=np.float64))


class MLPClassifier(ClassifierMixin, _Estimator):
    """A multi-layer perceptron for classes, trained by AdamW on the cross-entropy.

    Parameters
    ----------
    hiddens : the number of units of each hidden layer.
    activation : of the hidden layers: relu, leaky-relu, tanh, sigmoid or identity.
    lr, weight_decay : learning rate and decay of the weights of AdamW.
    epochs, batch_size : passes over the data, and samples in a step.
    patience : stop when the loss of held-out samples was not better for so many epochs, and take
        the best weights; None trains for all epochs on all samples.
    validation_fraction : the share of samples that `patience` holds out.
    class_weight : None, "balanced", or a weight for each class, what a mistake in it counts.
    random_state : a seed, a generator of scikit-learn's kind, or None.

    Attributes
    ----------
    classes_ : the labels, sorted.
    network_ : the trained `Network`.
    mean_, deviation_ : of each column of the training data, by which samples are scaled.
    loss_curve_, n_iter_ : the training loss of each epoch, and how many there were.
    n_features_in_, feature_names_in_ : the number of columns, and their names where X had some.
    """

    def __init__(
        self,
        hiddens: Sequence[int] = (64,),
        activation: str = "relu",
        lr: float = 0.01,
        weight_decay: float = 0.0,
        epochs: int = 100,
        batch_size: int = 32,
        patience: int | None = None,
        validation_fraction: float = 0.1,
        class_weight: Mapping[Any, float] | str | None = None,
        random_state: Any = None,
    ) -> None:
        super().__init__(
            hiddens, activation, lr, weight_decay, epochs, batch_size, patience,
            validation_fraction, random_state,
        )  # fmt: skip
        self.class_weight = class_weight

    def fit(self, X: Any, y: Any) -> MLPClassifier:
        """Trains on samples `X (N, features)` and labels `y (N,)` of any kind."""
        x, labels = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(labels)
        self.classes_, numbers = np.unique(labels, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                f"MLPClassifier: expected at least two classes in y, got one class, "
                f"{self.classes_[0]!r}"
            )
        weights = compute_class_weight(self.class_weight, classes=self.classes_, y=labels)
        rows = one_hot(numbers, len(self.classes_))
        self._train(x, rows, WeightedSoftmaxCrossEntropy(weights))
        return self

    def predict_proba(self, X: Any) -> FloatArray:
        """The probability of each class, `(N, classes)`, in the order of `classes_`."""
        x = self._checked(X)
        return predict_proba(self.network_, x)

    def predict(self, X: Any) -> npt.NDArray[Any]:
        """The most probable class of each sample, `(N,)`."""
        best = self.predict_proba(X).argmax(axis=1)
        return self.classes_[best]


class MLPRegressor(RegressorMixin, _Estimator):
    """A multi-layer perceptron for numbers, trained by AdamW on the squared error.

    Parameters
    ----------
    hiddens : the number of units of each hidden layer.
    activation : of the hidden layers: relu, leaky-relu, tanh, sigmoid or identity.
    lr, weight_decay : learning rate and decay of the weights of AdamW.
    epochs, batch_size : passes over the data, and samples in a step.
    patience : stop when the loss of held-out samples was not better for so many epochs, and take
        the best weights; None trains for all epochs on all samples.
    validation_fraction : the share of samples that `patience` holds out.
    random_state : a seed, a generator of scikit-learn's kind, or None.

    Attributes
    ----------
    network_ : the trained `Network`.
    mean_, deviation_ : of each column of the training data, by which samples are scaled.
    y_mean_, y_deviation_ : those of the numbers that are fitted.
    loss_curve_, n_iter_ : the training loss of each epoch, and how many there were.
    n_features_in_, feature_names_in_ : the number of columns, and their names where X had some.
    """

    def fit(self, X: Any, y: Any) -> MLPRegressor:
        """Trains on samples `X (N, features)` and numbers `y (N,)`."""
        x, numbers = validate_data(self, X, y, dtype=np.float64, y_numeric=True)
        numbers = numbers.astype(np.float64)
        self.y_mean_, self.y_deviation_ = (float(one[0]) for one in column_scales(numbers[:, None]))
        self._train(x, standardized(numbers, self.y_mean_, self.y_deviation_)[:, None], L2())
        return self

    def predict(self, X: Any) -> FloatArray:
        """The number for each sample, `(N,)`."""
        x = self._checked(X)
        return outputs(self.network_, x)[:, 0] * self.y_deviation_ + self.y_mean_


__all__ = ["MLPClassifier", "MLPRegressor"]
