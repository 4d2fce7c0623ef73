#!/bin/sh
# Run every benchmark, one after another: whole, or with ARGS such as --small.
set -eu
cd "$(dirname "$0")/.."
for script in benchmarks/*/*.py; do
    # Only programs: modules they share have no such line.
    if grep -q '^if __name__ == "__main__":' "$script"; then
        printf '\n==== %s\n' "$script"
        # shellcheck disable=SC2086  ARGS is a list of words
        .venv/bin/python "$script" ${ARGS:-}
    fi
done
