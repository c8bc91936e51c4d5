"""Labels that are classes or numbers, weights of classes, predictions, early stopping."""

import math

import numpy as np
import pytest

from mytorch import (
    L2,
    MLP,
    CrossEntropy,
    Identity,
    Linear,
    Network,
    ReLU,
    Softmax,
    SoftmaxCrossEntropy,
    WeightedSoftmaxCrossEntropy,
)
from mytorch.initializers import kaiming_normal, zeros_bias_init
from mytorch.optim import SGD
from mytorch.training import (
    EarlyStopping,
    Training,
    class_weights,
    confusion_matrix,
    evaluate,
    get_training_stats,
    predict,
    predict_proba,
    train_epochs,
)

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 3))
CLASSES = (X[:, 0] + X[:, 1] > 0).astype(int)
ONE_HOT = np.eye(2)[CLASSES]
NUMBERS = X @ [[1.0], [-2.0], [0.5]]


def network(outputs: int, criterion: object, last: object = None, lr: float = 0.05) -> MLP:
    np.random.seed(0)
    init = kaiming_normal, zeros_bias_init
    return MLP(3, outputs, [8], [ReLU(), last or Identity()], *init, criterion, lr, 0.9)


@pytest.mark.parametrize("criterion", [SoftmaxCrossEntropy(), CrossEntropy()])
def test_a_softmax_of_one_column_is_not_trained(criterion: object) -> None:
    last = Softmax() if isinstance(criterion, CrossEntropy) else Identity()
    dset = ((X, np.ones((40, 1))),) * 3
    for one in (
        network(1, criterion, last),
        Network([Linear(3, 1, kaiming_normal, zeros_bias_init), last], criterion, SGD(lr=0.1)),
    ):
        with pytest.raises(ValueError, match=r"at least two outputs.*two for yes or no"):
            get_training_stats(one, dset, 1, 10)
        with pytest.raises(ValueError, match="at least two outputs"):
            evaluate(one, *dset[0])


def test_what_that_message_advises_works() -> None:
    curves = get_training_stats(network(2, SoftmaxCrossEntropy()), ((X, ONE_HOT),) * 3, 30, 8)
    assert curves[3][-1] < 0.1
    curves = get_training_stats(network(1, L2(), lr=0.01), ((X, NUMBERS),) * 3, 60, 8)
    assert curves[2][-1] < 0.05 * curves[2][0]


@pytest.mark.parametrize("columns", [1, 2])
def test_numbers_have_no_error(columns: int, tmp_path: object) -> None:
    labels = np.hstack([NUMBERS] * columns)
    dset = ((X, labels),) * 3
    fitting = network(columns, L2())
    curves = get_training_stats(fitting, dset, 2, 8)
    assert np.isfinite(curves[0]).all()
    assert np.isnan([curves[1], curves[3]]).all()
    loss, error = evaluate(fitting, X, labels)
    assert math.isnan(error)
    assert loss == pytest.approx(0.5 * ((fitting(X) - labels) ** 2).sum(axis=1).mean())


def test_classes_that_are_fitted_by_squares_have_an_error() -> None:
    curves = get_training_stats(network(2, L2()), ((X, ONE_HOT),) * 3, 3, 8)
    assert np.isfinite(curves).all()


def test_a_run_that_fits_numbers_goes_on(tmp_path: object) -> None:
    path = f"{tmp_path}/run.npz"
    dset = ((X, NUMBERS),) * 3
    run = Training(network(1, L2()), dset, 8, rng=3)
    list(run.epochs(2))
    run.save(path)
    again = Training(network(1, L2()), dset, 8, rng=4)
    again.load(path)
    assert len(again.finished) == 2
    assert math.isnan(again.finished[0].validation_error)
    (ours,), (theirs,) = run.epochs(3), again.epochs(3)
    assert ours.validation_loss == theirs.validation_loss


def test_one_column_cannot_be_misclassified() -> None:
    fitting = network(1, L2())
    fitting(X)
    with pytest.raises(ValueError, match="no classes; total_loss says"):
        fitting.error(NUMBERS)
    assert fitting.total_loss(NUMBERS) > 0


def test_the_weighted_loss_is_that_of_its_formula_and_its_derivative() -> None:
    weights = np.array([2.0, 0.5, 1.0])
    logits, labels = RNG.normal(size=(4, 3)), RNG.dirichlet([1, 1, 1], 4)
    criterion = WeightedSoftmaxCrossEntropy(weights)

    def loss(z: np.ndarray) -> np.ndarray:
        return -(weights * labels * (z - np.log(np.exp(z).sum(1, keepdims=True)))).sum(1)

    assert np.allclose(criterion(logits, labels), loss(logits), rtol=1e-12)
    derivative, step = criterion.derivative(), 1e-6
    for i, j in np.ndindex(logits.shape):
        shift = np.zeros_like(logits)
        shift[i, j] = step
        slope = (loss(logits + shift)[i] - loss(logits - shift)[i]) / (2 * step)
        assert derivative[i, j] == pytest.approx(slope, abs=1e-8)


def test_equal_weights_change_nothing() -> None:
    dset = ((X, ONE_HOT),) * 3
    plain = get_training_stats(network(2, SoftmaxCrossEntropy()), dset, 2, 8, rng=0)
    ones = get_training_stats(network(2, WeightedSoftmaxCrossEntropy([1, 1])), dset, 2, 8, rng=0)
    assert np.allclose(plain, ones, rtol=1e-12)


def test_a_class_that_counts_more_is_found_more_often() -> None:
    x = RNG.normal(size=(400, 3))
    labels = (x[:, 0] + RNG.normal(size=400) > 1.8).astype(int)
    rows = np.eye(2)[labels]
    assert np.allclose(class_weights(rows) * rows.sum(axis=0), 200)
    assert class_weights(rows.astype(np.float32)).dtype == np.float64  # with any NumPy
    found = []
    for criterion in (SoftmaxCrossEntropy(), WeightedSoftmaxCrossEntropy(class_weights(rows))):
        trained = network(2, criterion)
        get_training_stats(trained, ((x, rows),) * 3, 20, 20, rng=0)
        found.append(predict(trained, x)[labels == 1].mean())
    assert found[1] > found[0] + 0.15


def test_weights_that_are_none_are_refused() -> None:
    for wrong in ([1, 0], [1, np.nan], [[1, 2]], [], [-1, 1]):
        with pytest.raises(ValueError, match="WeightedSoftmaxCrossEntropy: expected"):
            WeightedSoftmaxCrossEntropy(wrong)
    with pytest.raises(ValueError, match="a column for each weight, got 3"):
        WeightedSoftmaxCrossEntropy([1, 2])([[1.0, 2, 3]], [[1, 0, 0]])


def test_predictions() -> None:
    trained = network(2, SoftmaxCrossEntropy())
    get_training_stats(trained, ((X, ONE_HOT),) * 3, 5, 8, rng=0)
    shares = predict_proba(trained, X)
    exponentials = np.exp(trained(X))
    assert np.allclose(shares, exponentials / exponentials.sum(axis=1, keepdims=True))
    assert predict(trained, X).tolist() == shares.argmax(axis=1).tolist()
    assert trained.train_mode
    through = network(2, CrossEntropy(), Softmax())
    assert np.allclose(predict_proba(through, X).sum(axis=1), 1)
    fitting = network(1, L2())
    assert predict(fitting, X).shape == (40, 1)
    with pytest.raises(TypeError, match="fits numbers; use predict"):
        predict_proba(fitting, X)


def test_the_confusion_matrix_counts_pairs() -> None:
    labels, predicted = [0, 0, 1, 2, 2, 2], [0, 1, 1, 2, 0, 2]
    right = [[1, 1, 0], [0, 1, 0], [1, 0, 2]]
    assert confusion_matrix(labels, predicted, 3).tolist() == right
    with pytest.raises(ValueError, match="predicted from 0 to 1, got 0 to 2"):
        confusion_matrix([0, 1], [0, 2], 2)
    with pytest.raises(ValueError, match=r"argmax\(axis=1\)"):
        confusion_matrix(ONE_HOT, predicted, 2)


def test_early_stopping_takes_the_best_epoch() -> None:
    losses = iter([3.0, 1.0, 2.0, 1.5, 0.5])
    trained = network(2, SoftmaxCrossEntropy())
    stopping = EarlyStopping(patience=2)
    states = []
    for _ in train_epochs(trained, ((X, ONE_HOT),) * 3, 5, 8):
        states.append(trained.state_dict())
        if stopping.after_epoch(trained, next(losses)):
            break
    assert (stopping.best, stopping.epochs, stopping.loss) == (2, 4, 1.0)
    stopping.restore(trained)
    kept = trained.state_dict()
    assert all(np.array_equal(kept[name], states[1][name]) for name in kept)


@pytest.mark.parametrize("rows", [[[0], [2]], [[0.5, 0.2]], [[-1, 2]], [[np.nan, 1]]])
def test_labels_that_are_no_shares_have_no_class_weights(rows: list[list[float]]) -> None:
    with pytest.raises(ValueError, match=r"class_weights: expected labels whose rows .* sum to 1"):
        class_weights(rows)
