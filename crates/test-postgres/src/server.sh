# Starts a PostgreSQL that listens on a private Unix socket only, and prints the directory of the socket. Stops the
# server and deletes its data when standard input closes, which is when the test program ends. $1 is the directory of
# initdb and postgres. $2 and $3 are an address and a port to listen on too.
set -eu
export PGPORT="${3-5432}"
# TMPDIR may be writable for another user only.
name=guanxi-postgres.XXXXXX
home=$(mktemp -d "${TMPDIR:-/tmp}/$name" 2>/dev/null || mktemp -d "/tmp/$name")
trap 'rm -rf "$home"' EXIT
trap '' INT TERM
"$1/initdb" -D "$home/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >"$home/log" 2>&1 || { cat "$home/log" >&2; exit 1; }
"$1/postgres" -D "$home/data" -k "$home" -c listen_addresses="${2-}" -c max_connections=300 -c fsync=off -c full_page_writes=off \
    -c shared_buffers=64MB -c deadlock_timeout=50ms </dev/null >>"$home/log" 2>&1 &
server=$!
until "$1/pg_isready" -q -h "$home"; do
    kill -0 $server || { cat "$home/log" >&2; exit 1; }
    sleep 0.05
done
echo "$home"
cat >/dev/null
kill -QUIT $server
wait $server || true
