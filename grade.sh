#!/usr/bin/env bash
# Sets itself up in a virtual environment of its own, then trains, tests or checks.
set -euo pipefail

self=${BASH_SOURCE[0]}
while [ -L "$self" ]; do # a link to this file, relative or absolute
    link=$(readlink -- "$self")
    case $link in /*) self=$link ;; *) self=$(dirname -- "$self")/$link ;; esac
done
root=$(CDPATH='' cd -- "$(dirname -- "$self")" && pwd -P)
oldest='' # the file for the oldest versions promised, where those are asked for
venv=${MYTORCH_VENV:-$root/.venv}
case $venv in /*) ;; *) venv=$PWD/$venv ;; esac

# The homeworks that have a command of their own, in a handout all: each has a folder that says it.
graded() {
    local file command title
    for file in "$root"/tests/autograder/courses/*/course.toml; do
        [ -f "$file" ] || continue
        title=$(sed -n 's/^title = "\(.*\)".*/\1/p' "$file" | head -n 1)
        command=$(sed -n 's/^command = "\(.*\)".*/\1/p' "$file" | head -n 1)
        if [ -n "$command" ]; then
            printf '  %-17s grade the %s homework\n' "$command [SUBMISSION]" "$title"
        elif is_handout; then
            command=$(basename -- "$(dirname -- "$file")" | tr _ -)
            printf '  %s [SUBMISSION]\n%20sgrade the %s homework\n' "$command" '' "$title"
        fi
    done
}

# A handout, which a student has, lacks what would give the solutions away, and more.
is_handout() { [ -d "$root/tests/library" ]; }

# Whether there is a training: a handout of a course without one has none.
has_training() { ! is_handout || ls "$root"/tests/autograder/courses/*/training.py >/dev/null 2>&1; }

training() {
    has_training || return 0
    if is_handout; then
        printf "  m [OPTIONS]       train with your own code, leave plots in hw1/\n"
        return
    fi
    cat <<EOF
  m [OPTIONS]       train on MNIST through both faces, leave plots in hw1/;
                    with --data my.csv --label COLUMN on a table of your own
                    (./grade.sh m --help lists the options of hw1/train.py)
  c [OPTIONS]       train on CIFAR-10, leave plots in hw1/cifar10-results/
                    (./grade.sh c --help lists recipes and options)
EOF
}

for_staff() {
    ! is_handout || return 0
    cat <<EOF

  grade [SUBMISSION] [--course NAME]
                    grade by the homework of another course or edition,
                    which is found out from the files where it can be
  courses           list the courses
  class HANDINS --out OUT
                    grade the hand-ins of a class (class --help)
  handout DIR       make a student's starting point (--course NAME)
  mutants           grade the library broken in each way that is known
  test [OPTIONS]    run the project's tests: --quick leaves out the slow ones,
                    --slow tries 10,000 cases of bad input instead of
                    hundreds; other options go to pytest; --oldest, given
                    first, runs them with the oldest packages promised
  bench [PART ...]  time the library against other tools that are installed
                    (./grade.sh bench --help lists parts and options)
  lint [style|types]
                    check both with ruff and mypy, or one of them
EOF
}

usage() {
    cat <<EOF
usage: ./grade.sh COMMAND [OPTIONS]

$(training; graded)
                    of this folder or another; --help after one of these
                    lists its options
  handin            grade your files, and make of them what is handed in,
                    handin.tar (--name NAME makes NAME.tar)$(for_staff)

The first run makes a virtual environment in .venv and installs what the
command needs; later runs reuse it. Two variables change that:
  PYTHON=...        the Python to make it with, 3.10 or newer
  MYTORCH_VENV=...  the folder to make it in
MYTORCH_DATA=... names a folder with data sets in its subfolders mnist, cifar10.
EOF
}

say() { printf 'grade.sh: %s\n' "$*" >&2; }

fail() {
    say "$@"
    exit 1
}

# What this system is: Debian's advice helps nobody on a Mac or in Git Bash.
system=$(uname -s 2>/dev/null || echo unknown)

# python_advice PACKAGE: how a Python that can make environments is installed here.
python_advice() {
    case $system in
    Darwin) echo "install Python from https://www.python.org/downloads, or run 'brew install python'" ;;
    Linux)
        if command -v apt-get >/dev/null 2>&1; then
            echo "'sudo apt install $1' usually helps"
        elif command -v dnf >/dev/null 2>&1; then
            echo "'sudo dnf install python3 python3-pip' usually helps"
        elif command -v pacman >/dev/null 2>&1; then
            echo "'sudo pacman -S python' usually helps"
        elif command -v apk >/dev/null 2>&1; then
            echo "'apk add python3 py3-pip' usually helps"
        else
            echo "install Python and its module venv with your system's packages"
        fi
        ;;
    *) echo "install Python and its module venv with your system's packages" ;;
    esac
}

# Windows itself has another kind of environment, and no processes that can be forked.
case $system in
MINGW* | MSYS* | CYGWIN*)
    case ${1:-} in
    "" | -h | --help | help) ;;
    *)
        say "grade.sh needs Linux, macOS or WSL. In Git Bash, after Python from https://www.python.org/downloads:"
        printf '    %s\n' "py -m venv .venv" ".venv/Scripts/python -m pip install -e ." \
            ".venv/Scripts/python -m mytorch --help" >&2
        say "The last line lists what runs on Windows; grading needs WSL ('wsl --install')."
        exit 1
        ;;
    esac
    ;;
esac

# The first Python of 3.10 or newer; a name on PATH may be a shim that cannot run.
find_python() {
    local name
    for name in "${PYTHON:-python3}" python3.14 python3.13 python3.12 python3.11 python3.10 python; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 10))' >/dev/null 2>&1; then
            command -v -- "$name"
            return
        fi
        [ -z "${PYTHON:-}" ] || fail "PYTHON=$PYTHON is no Python of 3.10 or newer."
    done
    fail "found no Python of 3.10 or newer; name one, PYTHON=/path/to/python3 $0 ..., or \
$(python_advice 'python3 python3-venv')."
}

# Whether the environment was made to its end, at this place, and its Python still runs.
venv_works() {
    [ "$(cat "$venv/.complete" 2>/dev/null)" = "$venv" ] && "$venv/bin/python" -c '' 2>/dev/null
}

make_venv() {
    local python log
    if [ -e "$venv" ] && [ ! -e "$venv/.made-by-grade.sh" ] && [ -n "$(ls -A -- "$venv" 2>/dev/null)" ]; then
        fail "$venv holds something that grade.sh did not make; move it away, or name another \
place: MYTORCH_VENV=/tmp/mytorch $0 ..."
    fi
    python=$(find_python)
    log=$(mktemp)
    say "making a virtual environment in $venv with $("$python" --version)"
    rm -rf -- "$venv"
    mkdir -- "$venv"
    : >"$venv/.made-by-grade.sh" # first, so that one that was interrupted may be deleted
    if ! "$python" -m venv "$venv" >"$log" 2>&1 || ! "$venv/bin/python" -m pip --version >>"$log" 2>&1; then
        rm -rf -- "$venv"
        cat "$log" >&2
        rm -f -- "$log"
        fail "$python cannot make a virtual environment in $venv; $(python_advice python3-venv)."
    fi
    rm -f -- "$log"
    printf '%s\n' "$venv" >"$venv/.complete"
}

# setup [EXTRA]: an environment with this project and one extra of pyproject.toml. A stamp says
# that an installation was finished, and from what.
setup() {
    local extra=${1:-} stamp stamp_file quiet=--quiet
    mkdir -p -- "$(dirname -- "$venv")"
    take_lock
    stamp=$(printf '%s\n' "$root" && cksum <"$root/pyproject.toml")
    stamp_file=$venv/.installed-${extra:-run}
    venv_works || make_venv
    if [ -n "$oldest" ]; then
        grep -o '"[a-z][a-z-]*>=[0-9.]*[";]' "$root/pyproject.toml" | tr -d '";' |
            sed 's/>=\(.*\)/==\1.*/' >"$oldest"
    fi
    if [ "$(cat "$stamp_file" 2>/dev/null)" != "$stamp" ]; then
        say "installing what pyproject.toml names${extra:+ for '$extra'} (once, about a minute)"
        [ ! -t 2 ] || quiet=--progress-bar=on
        "$venv/bin/python" -m pip install --disable-pip-version-check "$quiet" \
            ${oldest:+--constraint "$oldest"} --editable "$root${extra:+[$extra]}" >&2 ||
            fail "the installation failed, the reason stands above; it needs the network once."
        printf '%s\n' "$stamp" >"$stamp_file"
        [ "$extra" != dev ] || printf '%s\n' "$stamp" >"$venv/.installed-test" # it has all of test
    fi
    release_lock
    # Without this, matplotlib looks for a writable home folder, which a grading machine may lack.
    export MPLCONFIGDIR=${MPLCONFIGDIR:-$venv/matplotlib}
}

# Two runs at once must not install into each other: the second waits for the first.
take_lock() {
    local waited=0 owner
    lock=$venv.lock
    until mkdir -- "$lock" 2>/dev/null; do
        [ -w "$(dirname -- "$venv")" ] || fail "$(dirname -- "$venv") cannot be written; \
name another place: MYTORCH_VENV=/tmp/mytorch $0 ..."
        owner=$(cat "$lock/pid" 2>/dev/null || true)
        if [ -n "$owner" ] && ! kill -0 "$owner" 2>/dev/null; then
            # Its owner was killed. Moving is done by one of several that wait, and what was moved
            # is looked at again, for it may be the lock of one that was quicker.
            if mv -- "$lock" "$lock.$$" 2>/dev/null; then
                if [ "$(cat "$lock.$$/pid" 2>/dev/null)" = "$owner" ]; then
                    rm -rf -- "$lock.$$"
                else
                    mv -- "$lock.$$" "$lock"
                fi
            fi
            continue
        fi
        [ $waited -gt 0 ] || say "waiting for another grade.sh (process ${owner:-unknown}) to finish its setup"
        waited=$((waited + 1))
        [ $waited -le 600 ] || fail "waited ten minutes; if no other grade.sh runs, delete $lock"
        sleep 1
    done
    trap release_lock EXIT
    printf '%s\n' $$ >"$lock/pid"
}

release_lock() {
    rm -rf -- "$lock"
    trap - EXIT
}

# Python looks for modules in the folder it is started in, where somebody's own mytorch/ may be.
# So it starts here, and goes to the caller's folder once its own modules are found.
from_root() {
    export MYTORCH_CALLER=$PWD
    cd -- "$root"
}

# Threads of OpenBLAS sleep while there is no product to share; Python has to start with it.
export OPENBLAS_THREAD_TIMEOUT=${OPENBLAS_THREAD_TIMEOUT:-4}

command=${1:-}
[ $# -eq 0 ] || shift
case $command in
c | class | courses | handout | mutants | test | bench | lint | m)
    if is_handout && { [ "$command" != m ] || ! has_training; }; then
        usage >&2
        say "there is no command '$command' in a handout"
        exit 2
    fi
    ;;
esac
case $command in
"" | -h | --help | help)
    usage
    ;;
m)
    setup
    if is_handout; then
        cd -- "$root"
        exec "$venv/bin/python" -m tests.autograder.practice "$@"
    fi
    "$venv/bin/python" "$root/hw1/train.py" "$@"
    case " $* " in *" --help "* | *" -h "* | *" --label "* | *" --label="*) exit ;; esac
    printf '\n'
    both=() # what both scripts take
    while [ $# -gt 0 ]; do
        case $1 in
        --data | --seed | --output) both+=("$1" "${2:-}") && shift ;;
        --data=* | --seed=* | --output=*) both+=("$1") ;;
        esac
        shift
    done
    # The first script has just tried to download what is missing.
    MYTORCH_MIRRORS='' exec "$venv/bin/python" "$root/hw1/mnist.py" ${both[@]+"${both[@]}"}
    ;;
c)
    setup
    exec "$venv/bin/python" "$root/hw1/cifar10.py" "$@"
    ;;
test)
    if [ "${1:-}" = --oldest ]; then # an environment of its own, with the oldest packages promised
        shift
        venv=$venv-oldest
        # NumPy 1.24 runs on Python 3.10 and 3.11 alone
        for name in ${PYTHON:-python3.10 python3.11}; do
            "$name" -c '' >/dev/null 2>&1 && PYTHON=$name && break
        done
        [ -n "${PYTHON:-}" ] || fail "the oldest packages need Python 3.10 or 3.11; name one: \
PYTHON=/path/to/python3.10 $0 test --oldest"
        oldest=$venv/oldest.txt
    fi
    setup test
    cd -- "$root"
    # a process for each processor and one more, for some tests wait; -n 0, given later, is one alone
    exec "$venv/bin/python" -m pytest -n auto --maxprocesses=8 --dist=worksteal "$@"
    ;;
handin | handout)
    setup
    from_root
    exec "$venv/bin/python" -m tests.autograder.handing "$command" "$@"
    ;;
class)
    setup class
    from_root
    exec "$venv/bin/python" -m tests.autograder.classes "$@"
    ;;
mutants)
    setup
    cd -- "$root"
    exec "$venv/bin/python" -m tests.autograder.matrix "$@"
    ;;
bench)
    setup
    cd -- "$root"
    exec "$venv/bin/python" -m tests.benchmarks "$@"
    ;;
lint)
    case "$#:${1:-}" in
    0: | 1:style | 1:types) ;;
    *)
        say "lint: expected style, types or nothing, got '$*'"
        exit 2
        ;;
    esac
    setup dev
    cd -- "$root"
    if [ "${1:-style}" = style ]; then
        "$venv/bin/python" -m ruff check .
        "$venv/bin/python" -m ruff format --check .
    fi
    # not as a child, which would run on where this is ended
    [ "${1:-types}" != types ] || exec "$venv/bin/python" -m mypy
    ;;
grade | courses)
    setup
    from_root
    exec "$venv/bin/python" -m tests.autograder "$command" "$@"
    ;;
*)
    # a course is called by its command, or by the name of its folder
    if grep -qsxF "command = \"$command\"" "$root"/tests/autograder/courses/*/course.toml ||
        [ -f "$root/tests/autograder/courses/${command//-/_}/course.toml" ]; then
        setup
        from_root
        exec "$venv/bin/python" -m tests.autograder "$command" "$@"
    fi
    usage >&2
    say "there is no command '$command'"
    exit 2
    ;;
esac
