# Starts a PgBouncer that listens on a private Unix socket with the port 1, and prints the directory of the socket. Stops
# it when standard input closes. $1 is the pool mode, $2 are the parameters of the database, $3 selects the schema.
set -eu
name=guanxi-pgbouncer.XXXXXX
home=$(mktemp -d "${TMPDIR:-/tmp}/$name" 2>/dev/null || mktemp -d "/tmp/$name")
trap 'rm -rf "$home"' EXIT
trap '' INT TERM
cat >"$home/pgbouncer.ini" <<END
[databases]
pooled = $2
[pgbouncer]
listen_addr =
listen_port = 1
unix_socket_dir = $home
auth_type = any
pool_mode = $1
# The default, discard all, resets the schema too.
server_reset_query = deallocate all; select pg_advisory_unlock_all(); $3
logfile = $home/log
END
pgbouncer -q "$home/pgbouncer.ini" </dev/null >"$home/out" 2>&1 &
pooler=$!
until [ -S "$home/.s.PGSQL.1" ]; do
    kill -0 $pooler 2>/dev/null || { cat "$home/out" >&2; exit 1; }
    sleep 0.05
done
echo "$home"
cat >/dev/null
# Other signals wait for the clients.
{
    kill -KILL $pooler
    wait $pooler || true
} 2>/dev/null
