#!/bin/sh
# Everything that has to hold. With CI=true, a part that cannot run (no browser, no PostgreSQL) is a failure.
# With COVERAGE=true it also says which lines no test reached, and takes twice as long.
# What reads the code and what runs on PostgreSQL goes on beside the rest, since each waits at times; what they say
# stands together, after them.
set -u
cd "$(dirname "$0")/.."
unset PYTHONDONTWRITEBYTECODE # a hundred processes are started, and each would compile everything anew
pytest=".venv/bin/python -m pytest"
first="" second=""
if [ "${COVERAGE:-}" = true ]; then
    first="--cov --cov-report=" second="--cov --cov-append"
fi
failed=""
said=$(mktemp -d "${TMPDIR:-/tmp}/goldseam-tests-said.XXXXXX")
trap 'rm -rf "$said"' EXIT
trap 'kill "$beside" 2>/dev/null; wait "$beside"; exit 130' INT TERM

note() { printf '\n==== %s\n' "$*"; }

beside() {
    trap 'kill "$part" 2>/dev/null; wait "$part"; exit 143' TERM
    scripts/check.sh >"$said/checks" 2>&1 &
    part=$!
    wait "$part"
    echo $? >"$said/checks.code"
    # Every page is opened there, too: what stands on it is tested on SQLite alone (tests/web/conftest.py).
    # The cluster is thrown away afterwards, so the databases in it need not be dropped (--reuse-db).
    # shellcheck disable=SC2086
    scripts/with-postgres.sh $pytest -q -n 2 --dist loadfile --no-loadscope-reorder --reuse-db $first \
        tests/web tests/rules/test_statement_budget.py >"$said/postgres" 2>&1 &
    part=$!
    wait "$part"
    echo $? >"$said/postgres.code"
}

rm -f .coverage .coverage.*
# Installed before anything runs side by side: what installs packages waits for nobody.
# Every page's statements are counted once: on PostgreSQL, where it can be had.
once=""
if scripts/with-postgres.sh true >/dev/null 2>&1; then once="--ignore=tests/rules/test_statement_budget.py"; fi
.venv/bin/python -c "from tests.browsers import find_chromium; find_chromium()" >/dev/null 2>&1
beside &
beside=$!
# Lines that were reached are added up: one after the other.
[ "${COVERAGE:-}" != true ] || wait $beside

note "Everything on SQLite: science, application, rules, and the journeys in a browser"
# Three on two cores: one or the other waits for a server, a browser or a clock.
# shellcheck disable=SC2086
$pytest -n 3 --dist loadfile --no-loadscope-reorder $once $second || failed="$failed tests"
wait $beside

note "Style, types, import rules"
cat "$said/checks"
[ "$(cat "$said/checks.code")" = 0 ] || failed="$failed static-checks"

note "The application on PostgreSQL"
cat "$said/postgres"
code=$(cat "$said/postgres.code")
if [ "$code" = 77 ]; then
    note "SKIPPED: the application on PostgreSQL (none could be had, see above)"
    [ "${CI:-}" != true ] || failed="$failed postgresql-missing"
elif [ "$code" != 0 ]; then
    failed="$failed application-on-postgresql"
fi

if [ -n "$failed" ]; then
    note "FAILED:$failed"
    exit 1
fi
