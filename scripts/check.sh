#!/bin/sh
# Style, types and import rules: everything that reads the code without running it.
set -u
cd "$(dirname "$0")/.."
bin=.venv/bin
# The type checker reads the settings; they must not leave a data folder here.
GOLDSEAM_DATA=$(mktemp -d "${TMPDIR:-/tmp}/goldseam-check.XXXXXX")
export GOLDSEAM_DATA
trap 'rm -rf "$GOLDSEAM_DATA"' EXIT
failed=""

run() {
    name=$1
    shift
    printf '== %s\n' "$name"
    "$@" || failed="$failed $name"
}

run style "$bin/ruff" check src tests benchmarks scripts manage.py
run format "$bin/ruff" format --check src tests benchmarks scripts manage.py
run imports "$bin/lint-imports" --no-cache
run types "$bin/mypy"
run migrations "$bin/python" manage.py makemigrations --check --dry-run
if [ -n "$failed" ]; then
    printf 'FAILED:%s\n' "$failed" >&2
    exit 1
fi
