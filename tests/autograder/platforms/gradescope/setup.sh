#!/usr/bin/env bash
# Gradescope runs this once, when it makes the container: installs the grader.
set -euo pipefail
base=${AUTOGRADER_BASE:-/autograder}

if ! python3 -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
    apt-get update
    apt-get install -y python3 python3-venv
fi
MYTORCH_VENV=$base/venv bash "$base/source/grader/grade.sh" @COURSE@ --help >/dev/null
