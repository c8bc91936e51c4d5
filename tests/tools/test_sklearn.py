"""The estimators for scikit-learn: its own checks, its pipelines and its searches."""

import pickle
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_iris
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, cross_val_score, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

from mytorch import ReLU
from mytorch.sklearn import MLPClassifier, MLPRegressor
from tests.conftest import ROOT


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.parametrize("estimator", [MLPClassifier(), MLPRegressor()], ids=repr)
def test_scikit_learns_own_checks(estimator: Any) -> None:
    results = check_estimator(estimator, on_fail=None, on_skip=None)
    failed = {r["check_name"]: r["exception"] for r in results if r["status"] == "failed"}
    assert failed == {}
    passed = [r["check_name"] for r in results if r["status"] == "passed"]
    assert len(passed) > 40
    # two want pandas and another kind of array, which are not installed
    assert len(results) - len(passed) <= 3


@pytest.mark.slow
def test_a_search_over_a_pipeline() -> None:
    x, y = load_iris(return_X_y=True)
    names = np.array(["setosa", "versicolor", "virginica"])[y]
    pipeline = make_pipeline(StandardScaler(), MLPClassifier(lr=0.05, epochs=60, random_state=0))
    grid = {"mlpclassifier__hiddens": [(), (16,)], "mlpclassifier__weight_decay": [0.0, 0.01]}
    search = GridSearchCV(pipeline, grid, cv=3).fit(x, names)
    assert len(search.cv_results_["params"]) == 4
    linear = cross_val_score(LogisticRegression(max_iter=500), x, names, cv=3).mean()
    assert search.best_score_ >= linear - 0.03
    assert set(search.predict(x)) == set(names)
    assert np.allclose(search.predict_proba(x).sum(axis=1), 1)


def test_numbers_are_fitted_at_least_as_well_as_by_a_linear_model() -> None:
    x, y = load_diabetes(return_X_y=True)
    x, other_x, y, other_y = train_test_split(x, 1e3 * y, random_state=0)
    ours = MLPRegressor(hiddens=(), epochs=100, random_state=0).fit(x, y).score(other_x, other_y)
    assert ours >= Ridge(alpha=0.01).fit(x, y).score(other_x, other_y) - 0.03


def test_columns_of_any_scale_train_alike() -> None:
    x, y = load_iris(return_X_y=True)
    scores = [
        MLPClassifier(epochs=20, random_state=0).fit(x * scale, y).score(x * scale, y)
        for scale in (1, np.array([1e-6, 1, 1e3, 1e6]), np.array([1e-200, 1e200, 1e-300, 1e300]))
    ]
    assert scores == pytest.approx([scores[0]] * 3, abs=0.01)
    assert scores[0] > 0.9


def test_numbers_of_any_size_are_fitted_alike() -> None:
    x = np.random.default_rng(0).normal(size=(60, 2))
    y = x[:, 0] - 2 * x[:, 1]
    exponents = -800, 0, 800  # powers of two, which change no digit of what is learned
    plain, *others = (
        MLPRegressor((), lr=0.05, epochs=100, random_state=0).fit(x, np.ldexp(y, n)).predict(x)
        / 2.0**n
        for n in sorted(exponents, key=abs)
    )
    assert all(np.array_equal(one, plain) for one in others)
    assert np.corrcoef(plain, y)[0, 1] > 0.99


def test_patience_and_weights_of_classes() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(400, 3))
    y = x[:, 0] + rng.normal(size=400) > 1.8
    early = MLPClassifier(epochs=500, patience=5, random_state=0).fit(x, y)
    assert early.n_iter_ < 500
    assert len(early.loss_curve_) == early.n_iter_
    plain, weighted = (
        MLPClassifier((8,), epochs=20, class_weight=weight, random_state=0).fit(x, y)
        for weight in (None, "balanced")
    )
    assert weighted.predict(x)[y].mean() > plain.predict(x)[y].mean() + 0.15


@pytest.mark.parametrize("estimator", [MLPClassifier, MLPRegressor])
def test_without_arguments_there_is_one_hidden_layer_of_64_units(estimator: Any) -> None:
    x, y = load_iris(return_X_y=True)
    layers = estimator(epochs=1).fit(x, y).network_.layers
    outputs = 3 if estimator is MLPClassifier else 1
    assert [layer.W.shape for layer in layers[::2]] == [(4, 64), (64, outputs)]
    assert [type(layer) for layer in layers[1::2]] == [ReLU]
    assert estimator().get_params()["hiddens"] == (64,)


def test_a_copy_and_a_pickle_say_the_same() -> None:
    x, y = load_iris(return_X_y=True)
    fitted = MLPClassifier(epochs=5, random_state=0).fit(x, y)
    again = pickle.loads(pickle.dumps(fitted))
    assert np.array_equal(again.predict_proba(x), fitted.predict_proba(x))
    assert np.array_equal(clone(fitted).fit(x, y).predict_proba(x), fitted.predict_proba(x))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"activation": "swish"}, "one of relu, leaky-relu"),
        ({"epochs": 0}, "epochs of at least 1, got 0"),
        ({"lr": -1}, "MLPClassifier: expected lr"),
        ({"hiddens": (8, 0)}, r"MLPClassifier: expected hiddens\[1\] of at least 1, got 0"),
        ({"hiddens": 2.5}, r"MLPClassifier: expected a whole number as hiddens\[0\], got 2.5"),
        ({"batch_size": 0}, "MLPClassifier: expected batch_size of at least 1"),
        ({"patience": 2, "validation_fraction": 1}, "no samples are left to train on"),
    ],
)
def test_settings_that_are_none_are_refused(settings: dict[str, Any], words: str) -> None:
    x, y = load_iris(return_X_y=True)
    with pytest.raises((ValueError, TypeError), match=words):
        MLPClassifier(**settings).fit(x, y)


@pytest.mark.parametrize(("count", "share"), [(1, 0.1), (10, 1), (3, 0.9)])
def test_where_patience_leaves_no_samples_all_are_trained_on_without(
    count: int, share: float
) -> None:
    x, y = np.arange(count, dtype=float)[:, None], np.arange(count, dtype=float)
    model = MLPRegressor(patience=2, validation_fraction=share, epochs=3)
    with pytest.raises(ValueError, match=f"out {count} of {count}; patience=None trains on all"):
        model.fit(x, y)
    assert model.set_params(patience=None).fit(x, y).n_iter_ == 3


def test_a_single_class_is_refused() -> None:
    with pytest.raises(ValueError, match="at least two classes in y, got one class"):
        MLPClassifier().fit([[1.0], [2.0]], ["a", "a"])


def test_without_scikit_learn_a_sentence_says_what_is_missing(python: Callable[..., Any]) -> None:
    code = (
        "import sys; sys.modules['sklearn'] = None\n"
        "try:\n    import mytorch.sklearn\n"
        "except ModuleNotFoundError as error: print(error)"
    )
    result = python("-c", code, PYTHONPATH=str(ROOT))
    assert "needs scikit-learn 1.6 or newer; pip install scikit-learn" in result.stdout


@pytest.mark.slow
def test_where_mytorch_itself_is_searched_scikit_learn_is_still_found(
    python: Callable[..., Any],
) -> None:
    """As the 2020 homework's graders put `mytorch/` and `hw1/` on `sys.path`."""
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import sklearn, sklearn.base, linear\n"
        "print(sklearn.__file__); print(sklearn.base.BaseEstimator.__module__, sys.path[0])\n"
        "from mytorch.sklearn import MLPRegressor\n"
        "print(MLPRegressor(epochs=1).fit([[1.0], [2.0]], [1.0, 2.0]).n_iter_)"
    )
    result = python("-c", code, ROOT / "mytorch", PYTHONPATH=str(ROOT))
    assert result.returncode == 0, result.stderr
    file, where, epochs = result.stdout.splitlines()
    assert "site-packages" in file or str(sys.prefix) in file
    assert where == f"sklearn.base {ROOT / 'mytorch'}"
    assert epochs == "1"


def test_a_column_that_was_constant_in_training_does_not_blow_up_a_prediction() -> None:
    """0.1 seven times has a computed deviation of 1e-17; another number there is no outlier."""
    x = np.column_stack([np.arange(7.0), np.full(7, 0.1)])
    fitted = MLPRegressor((), lr=0.05, epochs=50, random_state=0).fit(x, x[:, 0])
    assert fitted.deviation_[1] == 1
    assert np.abs(fitted.predict(x + np.array([0, 0.5])) - fitted.predict(x)).max() < 5
