"""What a report says of one question: the mistakes, what was wrong and where, what was printed.

Each cause is said in full once, and by the question that it was said for after that.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from tests.autograder.course import NOT_WRITTEN
from tests.autograder.places import Place, Traces
from tests.autograder.result import Check, Diagnosis, Result
from tests.autograder.results.record import replaced
from tests.autograder.session import Session
from tests.autograder.training import Training
from tests.submission.printing import MOST
from tests.support.terminal import WIDTH, Paint, cut

SHOWN = 3
"""How many wrong checks of a question the terminal shows."""
INDENT = " " * 8
Said = dict[str, str]
"""Mistakes and causes that were said, each with the question that it was said for."""


def of_import(session: Session, paint: Paint) -> Iterator[str]:
    """What happened while the submission was imported."""
    for note in session.notes:
        yield from indented(f"note: {note}")
        for place in session.traces.get(note, ()):
            if place.text not in note:
                yield _quoted(place.text)
    yield from _printed(session.printed, "your code printed while it was imported:", paint)


def of_question(
    result: Result, session: Session, paint: Paint, full: bool, said: Said
) -> Iterator[str]:
    """The lines below a question's own."""
    if result.status != "missing":
        yield from indented(replaced(result))
    for diagnosis in result.diagnosis:
        yield from indented(paint("mistake: ", "bold") + _once(diagnosis, result, said))
    for repair in result.repairs:
        label = "where: " if repair.named else "mistake: "
        yield from indented(paint(label, "bold") + repair.sentence)
        yield from (cut(f"{INDENT}{line}", WIDTH) for line in repair.shown())
    for diagnosis in result.unwritten:
        if diagnosis.id == "not written" or not result.only_unwritten:
            yield from indented(_once(diagnosis, result, said))
    yield from _wrong(result, full, said)
    yield from _printed(result.printed, "your code printed:", paint)


def of_training(training: Training, session: Session, full: bool, said: Said) -> Iterator[str]:
    """What the training reached, or why it did not run."""
    reason = _reason(training.reason, session.traces)
    if reason in said:
        yield from indented(f"did not run: the same as in {said[reason]}")
        return
    yield from indented(training.summary)
    yield from lines_of(training.reason, session.traces, full, said)


def _once(diagnosis: Diagnosis, result: Result, said: Said) -> str:
    key = diagnosis.message if diagnosis.id in ("not written", "waits") else diagnosis.id
    if key in said:
        return f"the same as in {said[key]}: {key}"
    said[key] = result.question.id
    return diagnosis.message


def _wrong(result: Result, full: bool, said: Said) -> Iterator[str]:
    noted = sorted((c for c in result.checks if c.message), key=lambda check: check.passed)
    if full:
        for check in noted:
            yield from _check(check, result, full, said)
        return
    if result.only_unwritten:  # which was said above
        return
    if noted and all(check.passed for check in noted):
        what = "wrong check costs" if len(noted) == 1 else "wrong checks cost"
        why = noted[0].message.rpartition("; ")[2]
        yield from indented(f"{len(noted)} {what} nothing; the first {why}")
        return
    groups: dict[object, list[Check]] = {}
    for number, check in enumerate(noted):
        if not check.cause.startswith(NOT_WRITTEN):
            groups.setdefault(_reason(check.cause, result.traces) or number, []).append(check)
    for first, *others in list(groups.values())[:SHOWN]:
        yield from _check(first, result, full, said, len(others))
    left = sum(map(len, list(groups.values())[SHOWN:]))
    if left:
        yield f"{INDENT}and {left} more; --full shows all"


def _check(check: Check, result: Result, full: bool, said: Said, others: int = 0) -> Iterator[str]:
    """A check and, where something was raised, the line of the submission that did."""
    word = "credited" if check.passed else "wrong"
    reason = _reason(check.cause, result.traces)
    more = f" and {others} more" if others else ""
    if result.status == "missing":
        if not full or reason not in said:
            same = f"the same as in {said[reason]}" if reason in said else check.cause
            yield from indented(f"missing: {same}")
    elif reason in said:
        where = "" if said[reason] == result.question.id else f" as in {said[reason]}"
        yield from indented(f"{word}: {check.name}{more}: the same{where}")
        return
    else:
        yield from indented(f"{word}: {check.name}{more}: {check.message}")
    yield from lines_of(check.cause, result.traces, full, said)
    if reason:
        said.setdefault(reason, result.question.id)


def _reason(cause: str, traces: Traces) -> str:
    """What exceptions have in common that the same line raised, and classes that one file lacks."""
    places = traces.get(cause, ())
    if places:
        kind = cause.partition(":")[0].rpartition("; ")[2]
        return f"{kind} {_origins(cause, places)[0].where}"
    if cause.startswith("Expected: "):
        return cause  # a property; the numbers in it are this question's own
    return cause.partition("; ")[2] or cause


def _origins(cause: str, places: Sequence[Place]) -> Sequence[Place]:
    """The line that raised something; before a check in another file, the line that called it."""
    last = places[-1]
    if last.text.startswith("raise") and not cause.startswith(NOT_WRITTEN):
        callers = [place for place in places if place.file != last.file]
        return *callers[-1:], last
    return (last,)


def lines_of(cause: str, traces: Traces, full: bool, said: Said) -> Iterator[str]:
    """The lines of the submission that something comes from, once; with `full` all of them."""
    places = traces.get(cause, ())
    if _reason(cause, traces) in said:
        return
    for place in places if full or not places else _origins(cause, places):
        if place.text:
            place_of = place.where if full else place.brief
            yield from indented(f"  {place_of}: {place.text}")


def _quoted(text: str) -> str:
    return cut(f"{INDENT}      {text}", WIDTH)


def _printed(lines: Sequence[str], title: str, paint: Paint) -> Iterator[str]:
    if lines:
        yield f"{INDENT}{paint(title, 'bold')}"
        yield from (cut(f"{INDENT}| {line}".rstrip(), WIDTH) for line in lines[:MOST])
    if len(lines) > MOST:
        yield f"{INDENT}these are the first {MOST} lines of it"


def indented(text: str) -> list[str]:
    """A paragraph below a question's line."""
    begin = INDENT + " " * (len(text) - len(text.lstrip()))
    return textwrap.wrap(text, WIDTH, initial_indent=INDENT, subsequent_indent=begin + "  ")
