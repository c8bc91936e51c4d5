"""In the child: imports coursework statement by statement, as far as it goes.

A statement that fails costs what it would have made and nothing else: an import of a package that
is not there, a loop that never ends, a plot without a screen. What went wrong is kept as a note.
A file is one module, whatever name it is imported by, so that its classes are the same ones flat
and in a package. Statements that failed because modules import each other are tried once more.
"""

from __future__ import annotations

import ast
import codecs
import importlib
import importlib.util
import os
import select
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from tests.submission.clock import PATIENCE, limit_processor, was_over, worked

FORK = os.fork
ROOT_PACKAGE = "handin"
"""The name under which a relative import finds the folder of the coursework."""
SECONDS = 2.0
"""How long the processor may work for the statements of a module that neither import nor define."""
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
LASTING = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)


class TooLong(BaseException):
    """A statement outside of all functions took too long."""


class Coursework(MetaPathFinder):
    """Finds the modules below `root`; `notes` says what could not be executed.

    `broken` has the stems of files that no Python can read; `standins` is asked for what a module
    of such a file has instead.
    """

    def __init__(self, root: Path, standins: dict[str, dict[str, Any]] | None = None) -> None:
        self.root, self.standins = root, standins or {}
        self.modules: dict[Path, ModuleType] = {}
        self.notes: list[str] = []
        self.broken: set[str] = set()
        self.open: set[str] = set()
        self.again: list[tuple[ModuleType, ast.stmt, Any]] = []

    def install(self) -> None:
        """Becomes the first to be asked for modules."""
        package = ModuleType(ROOT_PACKAGE)
        package.__path__ = [str(self.root)]
        sys.modules[ROOT_PACKAGE] = package
        sys.meta_path.insert(0, self)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The module that Python would find, if it is coursework."""
        spec = PathFinder.find_spec(name, path, target)
        if spec is None or not isinstance(spec.loader, SourceFileLoader) or spec.origin is None:
            return None
        file = Path(spec.origin).resolve()
        if not file.is_relative_to(self.root):
            return None
        spec.loader = _ByStatement(self, file)
        return spec

    def look_for(self, homes: Mapping[str, Sequence[str]]) -> None:
        """Imports the file that has a class which none of the imported modules has."""
        for name in homes:
            if "." in name or any(name in vars(module) for module in self.modules.values()):
                continue
            for file in sorted(self.root.rglob("*.py")):
                if file not in self.modules and _defines(file, name):
                    where = file.relative_to(self.root)
                    with suppress(Exception):
                        importlib.import_module(
                            ".".join([ROOT_PACKAGE, *where.with_suffix("").parts])
                        )
                    expected = " or ".join(f"{home}.py" for home in homes[name])
                    self.note(file, 1, f"{name} is here; {expected} should import it")
                    break

    def note(self, file: Path, line: int, text: str) -> None:
        """Keeps what happened in a line, once."""
        where = f"{file.relative_to(self.root)}, line {line}: {text}"
        if where not in self.notes:
            self.notes.append(where)

    def try_again(self) -> None:
        """Executes once more what failed or found nothing while modules imported each other."""
        waiting, self.again = self.again, []
        for module, statement, code in waiting:
            file = Path(str(module.__file__)).resolve()
            try:
                with _limited(statement, SECONDS):
                    exec(code, vars(module))
            except BaseException as error:
                self.note(file, statement.lineno, _said(statement, error))


class _ByStatement(Loader):
    """Executes one file, once."""

    def __init__(self, coursework: Coursework, file: Path) -> None:
        self.coursework, self.file = coursework, file

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self.coursework.modules.get(self.file)

    def exec_module(self, module: ModuleType) -> None:
        known = self.coursework
        if self.file in known.modules:
            return
        known.modules[self.file] = module
        module.__file__ = str(self.file)
        try:
            source = self._source()
            tree = ast.parse(source, str(self.file))
            flags = compile(source, str(self.file), "exec", dont_inherit=True).co_flags
        except (SyntaxError, ValueError) as error:
            if self.file.stem not in known.standins:
                del known.modules[self.file]
                known.broken.add(self.file.stem)
                raise
            known.broken.add(self.file.stem)
            known.note(self.file, getattr(error, "lineno", None) or 1, _one_line(error))
            vars(module).update(known.standins[self.file.stem])
            return
        if any(isinstance(node, ast.ImportFrom) and node.level for node in ast.walk(tree)):
            folders = self.file.parent.relative_to(known.root).parts
            module.__package__ = ".".join([ROOT_PACKAGE, *folders])
        known.open.add(module.__name__)
        try:
            self._execute(module, tree, flags & ~0xFFFF)
        finally:
            known.open.discard(module.__name__)
        if not known.open:
            known.try_again()

    def _execute(self, module: ModuleType, tree: ast.Module, future: int) -> None:
        known, left, path = self.coursework, SECONDS, list(sys.path)
        for statement in tree.body:
            alone = ast.Module([statement], [])
            code = compile(alone, str(self.file), "exec", flags=future, dont_inherit=True)
            if _finds_too_little(statement, known.open):
                known.again.append((module, statement, code))
            start = worked()
            try:
                if _may_last(statement):
                    _tried_in_a_fork(code, vars(module), max(left, 0.1))
                with _limited(statement, max(left, 0.1)):
                    exec(code, vars(module))
            except (ImportError, AttributeError, NameError, TypeError):
                known.again.append((module, statement, code))
            except BaseException as error:
                known.note(self.file, statement.lineno, _said(statement, error))
            # a path that is right on the student's machine only must not hide the other files
            now = [*sys.path] if isinstance(sys.path, list | tuple) else []
            path = [*now, *(place for place in path if place not in now)]
            sys.path = [*path]
            if not isinstance(statement, LASTING):
                left -= worked() - start

    def _source(self) -> str:
        """The text of the file; one in an encoding that Python refuses is read too."""
        data = self.file.read_bytes()
        if data.startswith(UTF_16):
            self.coursework.note(self.file, 1, "the file is saved as UTF-16; save it as UTF-8")
            return data.decode("utf-16").replace("\r\n", "\n")
        try:
            return importlib.util.decode_source(data)
        except UnicodeDecodeError:
            self.coursework.note(self.file, 1, "the file is not saved as UTF-8; save it as UTF-8")
            return data.decode("latin-1").replace("\r\n", "\n")


def _may_last(statement: ast.stmt) -> bool:
    """Whether a statement could take long: it is outside of all functions and calls or repeats."""
    kinds = ast.Call, ast.For, ast.While, ast.With, ast.Try
    return not isinstance(statement, LASTING) and any(
        isinstance(node, kinds) for node in ast.walk(statement)
    )


def _tried_in_a_fork(code: CodeType, names: dict[str, Any], seconds: float) -> None:
    """Raises TooLong where code does not end in time, whatever exceptions it catches.

    Time is that of the processor. Raises SystemExit where it would end this process.
    """
    through, theirs = os.pipe()
    child = FORK()
    if child == 0:
        try:
            os.close(through)
            limit_processor(seconds)
            sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115 - it prints again, here
            exec(code, names)
        except BaseException:
            pass  # it is raised again, here
        finally:
            os.write(theirs, b".")
            os._exit(0)
    os.close(theirs)
    ready, _, _ = select.select([through], [], [], PATIENCE * seconds)
    said = os.read(through, 1) if ready else b""
    os.close(through)
    if not ready:
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if not ready or was_over(status):
        raise TooLong
    if not said:
        raise SystemExit("it ended the process")


def _defines(file: Path, name: str) -> bool:
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError, OSError):
        return False
    kinds = ast.ClassDef, ast.FunctionDef
    return any(isinstance(node, kinds) and node.name == name for node in tree.body)


def _finds_too_little(statement: ast.stmt, unfinished: set[str]) -> bool:
    """Whether a `from module import *` meets a module that is not through yet."""
    return (
        isinstance(statement, ast.ImportFrom)
        and statement.names[0].name == "*"
        and any(
            name == statement.module or name.endswith(f".{statement.module}") for name in unfinished
        )
    )


@contextmanager
def _limited(statement: ast.stmt, seconds: float) -> Iterator[None]:
    """Ends a statement that is neither an import nor a definition when its time is over."""
    if isinstance(statement, LASTING):
        yield
        return

    def stop(number: int, frame: object) -> None:
        raise TooLong

    timers = (
        (signal.ITIMER_VIRTUAL, signal.SIGVTALRM, seconds),  # which works for this process
        (signal.ITIMER_REAL, signal.SIGALRM, PATIENCE * seconds),
    )
    before = {number: signal.signal(number, stop) for _, number, _ in timers}
    for timer, _, after in timers:
        signal.setitimer(timer, after, 0.2)
    try:
        yield
    finally:
        for timer, number, _ in timers:
            signal.setitimer(timer, 0)
            signal.signal(number, before[number])


def _said(statement: ast.stmt, error: BaseException) -> str:
    """What happened to a statement, and what to do where that is known."""
    text = _one_line(ast.unparse(statement))[:60]
    if isinstance(error, TooLong):
        return (
            f"`{text}` was stopped after {SECONDS:g} s; "
            'put what trains or waits under `if __name__ == "__main__":`'
        )
    if isinstance(error, ModuleNotFoundError):
        return f"`{text}`: there is no package {error.name} here; remove the import if unused"
    if "matplotlib" in text or "TkAgg" in text:
        return f"`{text}`: {_one_line(error)}; there is no screen here, so leave the line out"
    return f"`{text}`: {type(error).__name__}: {_one_line(error)}"


def _one_line(thing: object) -> str:
    return " ".join(str(thing).split())[:200]
