#!/bin/sh
# Write the hash-locked files anew, for every Python that is supported. Holds no address of any package index.
set -eu
cd "$(dirname "$0")/.."
.venv/bin/python -m uv --version >/dev/null 2>&1 || .venv/bin/python -m pip --disable-pip-version-check install --quiet uv

write() {
    target=$1
    shift
    .venv/bin/python -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
        --no-emit-index-url --custom-compile-command "make lock" "$@" pyproject.toml -o "$target"
}

write requirements.lock --extra web --extra build
write requirements-dev.lock --extra dev
