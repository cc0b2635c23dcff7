#!/usr/bin/env bash
# Run a command with a private PostgreSQL server: scripts/with-postgres.sh CMD ARGS…
#
# The server lives in a temporary folder, listens on a Unix socket there, keeps nothing safe (no fsync) and is
# gone when the command ends. The command finds its address in LOA_TEST_POSTGRES. If that is set already, the
# command runs against that server and none is started.
#
# PostgreSQL itself must be installed (14 or newer); scripts/need.sh installs it where that is allowed.
set -euo pipefail

if [ $# -eq 0 ]; then
  echo "usage: $0 CMD ARGS…" >&2
  exit 64
fi
if [ -n "${LOA_TEST_POSTGRES:-}" ]; then
  exec "$@"
fi

# The folder with the server's programs, newest version first; Debian keeps them out of PATH.
find_bin() {
  local dir
  for dir in $(ls -d /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /opt/homebrew/opt/postgresql@*/bin \
      /usr/local/opt/postgresql@*/bin 2>/dev/null | sort -rV) "$(dirname "$(command -v pg_ctl || echo /none/x)")"; do
    if [ -x "$dir/initdb" ] && [ -x "$dir/pg_ctl" ] && [ -x "$dir/postgres" ]; then
      echo "$dir"
      return 0
    fi
  done
  return 1
}

if ! bin=$(find_bin); then
  # Installs it where that is allowed, otherwise says what to type.
  "$(dirname "$0")/need.sh" postgres >&2
  if ! bin=$(find_bin); then
    echo "with-postgres: initdb, pg_ctl and postgres were not found in one folder" >&2
    exit 69
  fi
fi

# PostgreSQL refuses to run as root, so there it runs as another user.
as=()
owner=
if [ "$(id -u)" = 0 ]; then
  owner=postgres
  id -u "$owner" >/dev/null 2>&1 || owner=nobody
  if command -v setpriv >/dev/null; then
    as=(setpriv --reuid="$owner" --regid="$(id -g "$owner")" --clear-groups --)
  elif command -v runuser >/dev/null; then
    as=(runuser -u "$owner" --)
  else
    echo "with-postgres: as root this needs setpriv or runuser (package util-linux)" >&2
    exit 69
  fi
fi

# A socket's path may have some 100 characters, so not below a long TMPDIR.
dir=$(mktemp -d /tmp/loa-postgres.XXXXXX)
[ -z "$owner" ] || chown "$owner" "$dir"

child=
finish() {
  trap - EXIT INT TERM HUP
  [ -z "$child" ] || kill "$child" 2>/dev/null || true
  (cd / && ${as[@]+"${as[@]}"} "$bin/pg_ctl" -D "$dir/data" -m immediate -w stop >/dev/null 2>&1) || true
  rm -rf "$dir"
}
trap finish EXIT
trap 'finish; exit 130' INT
trap 'finish; exit 143' TERM HUP

start() {
  cd /
  ${as[@]+"${as[@]}"} "$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C --no-sync \
    >"$dir/initdb.log" 2>&1 &&
  ${as[@]+"${as[@]}"} "$bin/pg_ctl" -D "$dir/data" -l "$dir/data/server.log" -w -t 60 start \
    -o "-c listen_addresses='' -c unix_socket_directories='$dir' -c max_connections=300 -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off" \
    >"$dir/start.log" 2>&1
}
if ! (start); then
  echo "with-postgres: the server did not start" >&2
  cat "$dir"/*.log "$dir"/data/server.log >&2 2>/dev/null || true
  exit 70
fi

export LOA_TEST_POSTGRES="postgres://postgres@localhost/postgres?host=$dir"
# In the background, so that a signal to this script is handled at once and not when the command has ended.
"$@" <&0 &
child=$!
status=0
wait "$child" || status=$?
child=
exit "$status"
