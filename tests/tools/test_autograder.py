"""The autograder: what it gives points for, which mistakes it names, and its reports."""

from typing import Any

import numpy as np
import pytest

from tests.autograder import report
from tests.autograder.answering import answers, computed, may_change
from tests.autograder.comparing import Given, alike, objection
from tests.autograder.course import Course, find_course, own_courses
from tests.autograder.fresh import Disagreement, draw_fresh
from tests.autograder.grading import Asking, Interrupted, Limits
from tests.autograder.references import References, load
from tests.autograder.repair.result import Repair
from tests.autograder.session import grade
from tests.conftest import ROOT
from tests.submission.layout import find
from tests.support.grading import Grade, lost, status, tanh
from tests.support.terminal import Paint, columns

CLASSIC, AUTOGRAD = find_course("classic"), find_course("autograd")


def test_the_points_are_those_of_the_seeds() -> None:
    points = {q.id: q.points for q in CLASSIC.questions}
    assert points["2.1"] == 5
    assert points["3.2"] == 9
    assert points["3.3a"] + points["3.3b"] + points["3.3c"] == 12
    assert points["3.4"] == 40
    assert points["3.5a"] + points["3.5b"] == 15
    assert points["3.6"] == 10
    autograd = [
        sum(q.points for q in AUTOGRAD.questions if q.id.startswith(n)) for n in ("1.1", "1.2")
    ]
    assert autograd == [15, 25]
    assert [q.points for q in AUTOGRAD.questions[4:]] == [10, 5, 10, 10, 15, 10]


@pytest.mark.parametrize("course", own_courses(), ids=lambda course: course.name)
def test_the_stored_answers_are_the_hand_written_models(course: Course) -> None:
    """Another engine computed what is stored; the model of right and wrong formulas is NumPy."""
    stored = load(course)
    for question in course.questions:
        for case, right in stored.answers[question.exercise].items():
            model = answers(course, question, stored.cases[question.exercise][case])
            assert list(model) == list(right), (question.exercise, case)
            for name, value in right.items():
                if value is None:
                    assert model[name] is None
                    continue
                assert (model[name].shape, model[name].dtype) == (value.shape, value.dtype)
                np.testing.assert_allclose(model[name], value, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("course", own_courses(), ids=lambda course: course.name)
def test_mistakes_that_are_passed_over_change_nothing(course: Course) -> None:
    """Most are, which is what makes the diagnosis of a hand-in fast where most of it is wrong."""
    nobody, passed_over, tried = frozenset[str](), 0, 0
    cases = load(course).cases
    for question in course.questions:
        case = next(iter(cases[question.exercise].values()))
        right = computed(course, question, case, nobody, nobody)
        for mistake in (frozenset([name]) for name in course.mistakes):
            tried += 1
            if may_change(course, question, case, mistake, nobody):
                continue
            passed_over += 1
            wrong = computed(course, question, case, mistake, nobody)
            assert wrong.keys() == right.keys()
            for name, value in right.items():
                np.testing.assert_array_equal(wrong[name], value, err_msg=f"{mistake} {name}")
    assert tried > passed_over > tried / 2


@pytest.mark.parametrize("right", [1.0, 0.0, np.inf, -np.inf, np.nan, 1e308, -1e-9])
def test_nearly_the_same_is_what_numpy_calls_so(right: float) -> None:
    for value in (1.0, 1.00005, 1.001, 0.0, 9e-9, np.inf, -np.inf, np.nan, -1e308):
        for kind in (float, np.float32):
            with np.errstate(over="ignore"):
                a, b = np.array([0.5, value], kind), np.array([0.5, right], kind)
                expected = np.isclose(a, b, rtol=1e-4, atol=1e-8, equal_nan=True).all()
            assert alike(a, b) == expected, (value, right)


@pytest.mark.slow
@pytest.mark.parametrize(("course", "points"), [(CLASSIC, 96), (AUTOGRAD, 100)])
def test_this_library_has_full_points_and_no_mistake(course: Course, points: int) -> None:
    session = grade(find(ROOT), course, load(course), Limits())
    assert (session.score, session.max_score) == (points, points)
    assert [d for result in session.results for d in result.diagnosis] == []
    assert session.training is not None
    assert " to " in session.training.summary


def test_a_2019_homework_has_full_points(graded: Grade) -> None:
    session = graded(with_training=True)
    assert (session.layout, session.score, session.max_score) == ("2019", 91, 91)
    assert session.training is not None
    assert (
        session.training.summary == "did not run: there is no function get_training_stats in hw1.py"
    )


def test_fresh_cases_are_answered_alike(graded: Grade, stored: References) -> None:
    fresh = draw_fresh(CLASSIC, 7)
    assert not np.array_equal(
        fresh.cases["linear"]["ordinary"]["x"], stored.cases["linear"]["ordinary"]["x"]
    )
    again = draw_fresh(CLASSIC, 7)
    np.testing.assert_array_equal(
        fresh.cases["linear"]["ordinary"]["x"], again.cases["linear"]["ordinary"]["x"]
    )
    assert grade(find(ROOT), CLASSIC, fresh, Limits(), with_training=False).score == 96


def test_fresh_cases_are_refused_where_the_library_is_wrong(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("mytorch.linear.Linear.backward", lambda self, delta: 2 * delta @ self.W.T)
    with pytest.raises((Disagreement, AssertionError, ValueError)):
        draw_fresh(CLASSIC, 8)


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (Given(np.ones((2, 3)), "ndarray"), ""),
        (Given(np.ones((1, 3)), "ndarray"), "expected shape (2, 3), got (1, 3)"),
        (Given(np.ones((2, 3), np.float32), "ndarray"), "expected dtype float64, got float32"),
        (Given(np.ones((2, 3), int), "ndarray"), "expected dtype float64, got int64"),
        (Given(np.full((2, 3), 2.0), "ndarray"), "expected 1, got 2 at [0, 0]; every entry is 2 "),
        (Given(None, "list"), "expected an array of shape (2, 3), got list"),
        (Given(None, "None"), "expected an array of shape (2, 3), got None"),
        (Given(np.full((2, 3), np.nan), "ndarray"), "expected 1, got nan at [0, 0]; 6 of 6"),
    ],
)
def test_what_counts(value: Given, sentence: str) -> None:
    found = objection(value, np.ones((2, 3)))
    assert found.startswith(sentence)
    assert bool(found) == bool(sentence)


def test_flat_gradients_count_for_2019_only() -> None:
    flat = Given(np.ones(3), "ndarray")
    assert objection(flat, np.ones((1, 3))) == "expected shape (1, 3), got (3,)"
    assert objection(flat, np.ones((1, 3)), flat=True) == ""


def test_doing_nothing_is_not_right_for_what_was_before(graded: Grade) -> None:
    nothing = (
        "\n\nclass MLP(MLP):\n    def backward(self, labels): pass\n    def step(self): pass\n"
    )
    session = graded(nothing)
    scores = {r.question.id: r.score for r in session.results}
    assert (scores["3.2"], scores["3.4"], scores["3.6"]) == (3, 10, 0)
    zeros = "self.state = np.zeros(x.shape)\nreturn self.state"
    # forward's two points; the derivative is right where `state` is
    assert lost(graded(tanh(zeros))) == {"3.3b": 2}


def test_weights_that_are_no_array_do_not_end_the_run(graded: Grade) -> None:
    session = graded("", "self.W[i] = self.W[i] + self.vW[i]", "self.W[i] = [1.0]")
    assert lost(session).keys() == {"3.2", "3.4", "3.6"}


def test_an_input_that_is_changed_is_named(graded: Grade) -> None:
    session = graded(tanh("self.state = np.tanh(x)\nx *= 0.5\nreturn self.state"))
    (diagnosis,) = (d for r in session.results for d in r.diagnosis)
    assert diagnosis.id == "input modified"


def test_the_forgotten_minus_in_the_mlp_is_not_called_another_mistake(graded: Grade) -> None:
    old = "self.W[i] = self.W[i] + self.vW[i]"
    session = graded("", old, old.replace("+ self", "- self"))
    named = {d.id for r in session.results for d in r.diagnosis}
    assert "sign of the gradients" not in named


def test_one_mistake_costs_once(graded: Grade) -> None:
    """The batch norm layer's dgamma is wrong, so the MLP's and its step are too."""
    session = graded("", "np.sum(delta * self.norm, axis=0)", "np.mean(delta * self.norm, axis=0)")
    assert lost(session) == {"3.5a": 4}
    layer, mlp = (r for r in session.results if r.question.id in ("3.5a", "3.5b"))
    assert layer.diagnosis[0].id == "dgamma averaged"
    assert "it is a sum (001 §4.2)" in layer.diagnosis[0].message
    assert mlp.score == mlp.question.points
    assert mlp.standins == ("BatchNorm",)


def test_a_step_is_graded_with_the_submissions_own_gradients(graded: Grade) -> None:
    """A gradient that no mistake of the catalogue explains does not take the step's points too."""
    wrong = "self.inputs[i].T @ grad / len(grad) + 0.123"
    session = graded("", "self.inputs[i].T @ grad / len(grad)", wrong)
    classifier = next(r for r in session.results if r.question.id == "3.2")
    assert classifier.score == 6  # forward and step
    assert any("is right with right inputs" in c.message for c in classifier.checks)


def test_the_mistake_is_named_with_ratio_and_source(graded: Grade) -> None:
    session = graded("", "self.inputs[i].T @ grad / len(grad)", "self.inputs[i].T @ grad")
    classifier = next(r for r in session.results if r.question.id == "3.2")
    assert classifier.diagnosis[0].message == (
        "dW[0] equals the right value times 20, the batch size: "
        "dW lacks the average over the batch, db has it (001 §3.6)"
    )


def test_ctrl_c_in_the_second_round_keeps_the_first(
    graded: Grade, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only questions about what failed before are asked a second time."""
    ask_all, rounds = Asking.ask_all, []

    def asked(*arguments: Any, **options: Any) -> Any:
        rounds.append(arguments)
        if len(rounds) == 2:
            raise Interrupted({})
        return ask_all(*arguments, **options)

    monkeypatch.setattr(Asking, "ask_all", asked)
    session = graded(tanh("return x * 2"))
    assert session.interrupted
    assert lost(session)["3.3b"] == 2
    assert status(session)["3.6"] == "passed"


def test_the_table(graded: Grade) -> None:
    session = graded(tanh("return x * 2"))
    lines = list(report.table(session, Paint(False)))
    assert max(map(columns, lines)) <= 80
    assert lines[-1] == "89 of 91 points"


def test_a_long_line_of_code_fits_the_screen(graded: Grade) -> None:
    """Also one whose characters take two columns each."""
    code = f"x = {'very_long_names + ' * 9}1  # {'的' * 90}"
    place = Repair("hw1.py", 1, 5, 190, "MLP.step", "term", "`1` -> `2`", 1, (code, "的" * 90))
    session = graded(tanh("return x * 2"))
    results = [result._replace(repairs=(place,)) for result in session.results]
    lines = list(report.table(session._replace(results=results), Paint(False)))
    wide = (sum(2 if character == "的" else 1 for character in line) for line in lines)
    assert max(wide) <= 80
