#!/bin/sh
# Run a command with a PostgreSQL of its own: scripts/with-postgres.sh pytest tests/web
# Installs Debian's package when it is missing and this user may; starts a cluster in a temporary folder, as a
# user who is not root, on a free port of this machine alone; stops and removes it at the end.
# Exit code 77 means: no PostgreSQL could be had. Any other is the command's.
set -eu
no_postgres=77
here=$(cd "$(dirname "$0")/.." && pwd)

say() { printf '%s\n' "$*" >&2; }

find_binaries() {
    if command -v initdb >/dev/null 2>&1; then
        dirname "$(command -v initdb)"
        return 0
    fi
    for folder in $(ls -d /usr/lib/postgresql/*/bin /usr/local/pgsql/bin /opt/homebrew/opt/postgresql*/bin 2>/dev/null | sort -rV); do
        if [ -x "$folder/initdb" ]; then
            printf '%s\n' "$folder"
            return 0
        fi
    done
    return 1
}

install_debian() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 || return 1
    say "PostgreSQL is missing; installing Debian's package ..."
    export DEBIAN_FRONTEND=noninteractive
    apt-get -qq update >/dev/null 2>&1 || true
    timeout 600 apt-get -qq install -y --no-install-recommends postgresql >/dev/null 2>&1
}

binaries=$(find_binaries) || { install_debian && binaries=$(find_binaries); } || {
    say "NO POSTGRESQL: initdb was not found and could not be installed (Debian: apt install postgresql)."
    exit $no_postgres
}

folder=$(mktemp -d "${TMPDIR:-/tmp}/goldseam-postgres.XXXXXX")
if [ "$(id -u)" = 0 ]; then
    owner=postgres
    id "$owner" >/dev/null 2>&1 || owner=nobody
    chown "$owner" "$folder"
    as_owner() { setpriv --reuid "$owner" --regid "$(id -g "$owner")" --clear-groups env HOME="$folder" "$@"; }
else
    as_owner() { "$@"; }
fi

stop() {
    as_owner "$binaries/pg_ctl" -D "$folder/data" -m immediate -w stop >/dev/null 2>&1 || true
    rm -rf "$folder"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

port=$("$here/.venv/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
# Tests can be lost without harm, so the disk need not be waited for; no query of theirs is long enough to be compiled.
# A benchmark waits for it, as a clinic's does: POSTGRES_DURABLE=1.
options="-p $port -k $folder -c listen_addresses=127.0.0.1 -c jit=off"
[ -n "${POSTGRES_DURABLE:-}" ] || options="$options -c fsync=off -c full_page_writes=off -c synchronous_commit=off"
cd "$folder"
as_owner "$binaries/initdb" -D "$folder/data" -U goldseam -A trust -E UTF8 --locale=C >"$folder/log" 2>&1 &&
    as_owner "$binaries/pg_ctl" -D "$folder/data" -o "$options" -l "$folder/server.log" -w start >>"$folder/log" 2>&1 || {
    say "NO POSTGRESQL: the one in $binaries could not be started:"
    tail -n 15 "$folder/log" >&2
    exit $no_postgres
}
cd "$OLDPWD"
say "PostgreSQL $("$binaries/postgres" --version | sed 's/.* \([0-9][0-9.]*\).*/\1/') runs on port $port for this command."
# Waited for rather than run in the foreground: a shell hears of being stopped only between two commands.
exec 3<&0
GOLDSEAM_DATABASE="postgres://goldseam@127.0.0.1:$port/postgres" "$@" <&3 &
command=$!
trap 'kill "$command" 2>/dev/null; wait "$command"; exit 130' INT
trap 'kill "$command" 2>/dev/null; wait "$command"; exit 143' TERM
wait "$command"
