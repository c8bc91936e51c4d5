"""The recipe 2019 with scikit-learn's MLPClassifier: `with_sklearn.py EPOCHS`."""

from __future__ import annotations

import sys
import time

import numpy as np
from idx import images, labels
from sklearn.neural_network import MLPClassifier

x, y = images("train"), labels("train")
model = MLPClassifier(
    (64, 64, 32), activation="logistic", solver="sgd", alpha=0, batch_size=100,
    learning_rate_init=0.008, momentum=0.9, nesterovs_momentum=False, random_state=0,
)  # fmt: skip
for epoch in range(int(sys.argv[1])):
    started = time.perf_counter()
    model.partial_fit(x[:55_000], y[:55_000], classes=np.arange(10))
    error = 1 - model.score(x[55_000:], y[55_000:])
    print(f"epoch {epoch + 1} {error:.4f} seconds {time.perf_counter() - started:.3f}")
test_x, test_y = images("t10k"), labels("t10k")
print("test", 1 - model.score(test_x, test_y))
