#!/bin/sh
# Everything that has to hold. With CI=true, a part that cannot run (no browser, no PostgreSQL) is a failure.
# With COVERAGE=true it also says which lines no test reached, and takes two thirds longer.
set -u
cd "$(dirname "$0")/.."
pytest=".venv/bin/python -m pytest"
first="" second=""
if [ "${COVERAGE:-}" = true ]; then
    first="--cov --cov-report=" second="--cov --cov-append"
fi
failed=""

note() { printf '\n==== %s\n' "$*"; }

rm -f .coverage .coverage.*
note "Style, types, import rules"
scripts/check.sh || failed="$failed static-checks"

note "The application on PostgreSQL"
# The cluster is thrown away afterwards, so the databases in it need not be dropped (--reuse-db).
scripts/with-postgres.sh $pytest -q -n 2 --dist loadfile --no-loadscope-reorder --reuse-db $first tests/web
code=$?
if [ $code -eq 77 ]; then
    note "SKIPPED: the application on PostgreSQL (none could be had, see above)"
    [ "${CI:-}" != true ] || failed="$failed postgresql-missing"
elif [ $code -ne 0 ]; then
    failed="$failed application-on-postgresql"
fi

note "Everything on SQLite: science, application, rules, and the journeys in a browser"
$pytest -n 2 --dist loadfile --no-loadscope-reorder $second || failed="$failed tests"

if [ -n "$failed" ]; then
    note "FAILED:$failed"
    exit 1
fi
