#!/bin/sh
# Make .venv from a hash-locked file, once: scripts/bootstrap.sh requirements.lock
# A stamp inside .venv says which lock it holds; nothing happens while that lock is unchanged.
set -eu
cd "$(dirname "$0")/.."
lock=${1:-requirements.lock}

say() { printf '%s\n' "$*" >&2; }

in_range() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null; }

find_python() {
    for candidate in ${PYTHON:-} python3.11 python3.12 python3.13 python3.14 python3 python; do
        if command -v "$candidate" >/dev/null 2>&1 && in_range "$candidate"; then
            command -v "$candidate"
            return 0
        fi
    done
    return 1
}

explain_python() {
    say "Goldseam needs Python 3.11 to 3.14, and found none of them."
    for candidate in ${PYTHON:-} python3 python; do
        if command -v "$candidate" >/dev/null 2>&1; then
            say "  $candidate here is $("$candidate" --version 2>&1)"
        fi
    done
    say "  Debian or Ubuntu:  sudo apt install python3 python3-venv   (Debian 12: 3.11, Debian 13: 3.13)"
    say "  macOS:             brew install python@3.13"
    say "  Or name one:       make demo PYTHON=/path/to/python3.11"
}

explain_venv() {
    version=$("$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    say "$1 cannot make a virtual environment: its venv or ensurepip module is missing."
    say "  Debian or Ubuntu:  sudo apt install python$version-venv"
}

explain_install() {
    say "The locked packages could not be installed; pip's own message is above."
    say "  The first run needs the network to reach a Python package index."
    say "  Behind a mirror or a proxy, set PIP_INDEX_URL or HTTPS_PROXY and run the same command again."
}

wanted=$(cat "$lock" pyproject.toml | cksum | tr ' ' '-')
stamp=".venv/goldseam-$(basename "$lock").stamp"
fuller=".venv/goldseam-requirements-dev.lock.stamp"
fuller_wanted=$(cat requirements-dev.lock pyproject.toml | cksum | tr ' ' '-')
if [ -x .venv/bin/python ] && .venv/bin/python -c '' 2>/dev/null; then
    # The developers' lock holds everything the plain one holds.
    if [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] || [ "$(cat "$fuller" 2>/dev/null)" = "$fuller_wanted" ]; then
        exit 0
    fi
fi

if ! { [ -x .venv/bin/python ] && in_range .venv/bin/python && .venv/bin/python -m pip --version >/dev/null 2>&1; }; then
    python=$(find_python) || { explain_python; exit 1; }
    "$python" -c 'import ensurepip, venv' 2>/dev/null || { explain_venv "$python"; exit 1; }
    say "Making .venv with $("$python" --version) ..."
    rm -rf .venv
    "$python" -m venv .venv || { rm -rf .venv; explain_venv "$python"; exit 1; }
fi

say "Installing the packages of $lock into .venv (once; a minute or two) ..."
pip() { .venv/bin/python -m pip --disable-pip-version-check --no-input "$@"; }
# The lock names every package; letting an older pip resolve "coverage[toml]" again makes it look past the lock.
pip install -qq --no-deps --require-hashes -r "$lock" || { explain_install; exit 1; }
pip install -qq --no-deps --no-build-isolation -e . || { explain_install; exit 1; }
printf '%s\n' "$wanted" >"$stamp"
