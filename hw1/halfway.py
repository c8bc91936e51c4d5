"""Says in one sentence what keeps a half-written homework from training, not with a traceback."""

import sys
import textwrap
import traceback
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import FrameType, TracebackType

ROOT = Path(__file__).resolve().parents[1]
NOT_AN_EXCEPTION = "exceptions must derive from BaseException"
"""What Python says of `raise NotImplemented`."""


def explain_exceptions(script: str, grade: str) -> None:
    """What ends the script is said as `sentence` has it; `python -X dev` shows the traceback.

    `grade` is the command that grades the homework.
    """
    if not sys.flags.dev_mode:
        sys.excepthook = partial(_tell, Path(script).name, grade)


def _tell(
    script: str,
    grade: str,
    kind: type[BaseException],
    error: BaseException,
    trace: TracebackType | None,
) -> None:
    if not isinstance(error, Exception):
        sys.__excepthook__(kind, error, trace)
        return
    text = f"{script}: {sentence(error, grade)}"
    lines = textwrap.wrap(text, 80, subsequent_indent="  ", break_on_hyphens=False)
    print(*lines, sep="\n", file=sys.stderr)


def sentence(error: Exception, grade: str) -> str:
    """What is missing or wrong, in which file and line."""
    text = f"{type(error).__name__}: {' '.join(str(error).split())}".removesuffix(": ")
    if isinstance(error, SyntaxError) and error.filename:
        return f"{_place(error.filename, error.lineno or 1)}: {type(error).__name__}: {error.msg}"
    frames = list(_own(error.__traceback__))
    if not frames:
        return text
    frame, line = frames[-1]
    place, function = _place(frame.f_code.co_filename, line), _function(frame)
    if isinstance(error, NotImplementedError) or NOT_AN_EXCEPTION in str(error):
        return f"{place}: {function} is not written yet; {grade} says what to write first"
    return f"{place}, in {function}: {text}; {grade} may say more"


def _own(trace: TracebackType | None) -> Iterator[tuple[FrameType, int]]:
    """The frames of the homework, outermost first, each with its line."""
    for frame, line in traceback.walk_tb(trace):
        file = Path(frame.f_code.co_filename).resolve()
        inner = file.relative_to(ROOT).parts if file.is_relative_to(ROOT) else ("",)
        if inner[0] in ("mytorch", "hw1"):
            yield frame, line


def _place(file: str, line: int) -> str:
    path = Path(file).resolve()
    name = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
    return f"{name}, line {line}"


def _function(frame: FrameType) -> str:
    """`Class.method`; before Python 3.11 the class is that of `self`."""
    code = frame.f_code
    owner = frame.f_locals.get("self")
    guess = code.co_name if owner is None else f"{type(owner).__name__}.{code.co_name}"
    return str(getattr(code, "co_qualname", guess))
