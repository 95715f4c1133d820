# Starts a PostgreSQL and a synchronous standby that listen on private Unix sockets with the ports 1 and 2, and prints
# the directory of the sockets. Each line of standard input kills the primary and promotes the standby. Stops the servers
# and deletes their data when standard input closes. $1 is the directory of initdb and postgres.
set -eu
name=guanxi-postgres.XXXXXX
home=$(mktemp -d "${TMPDIR:-/tmp}/$name" 2>/dev/null || mktemp -d "/tmp/$name")
trap 'rm -rf "$home"' EXIT
trap '' INT TERM
fail() {
    cat "$home/log" >&2
    exit 1
}
# Starts the server of the data directory $1 on port $2.
serve() {
    "$bin/postgres" -D "$home/$1" -k "$home" -p "$2" -c listen_addresses= -c fsync=off -c full_page_writes=off \
        -c shared_buffers=32MB -c synchronous_standby_names="$3" </dev/null >>"$home/log" 2>&1 &
    pid=$!
    until "$bin/pg_isready" -q -h "$home" -p "$2"; do
        kill -0 $pid || fail
        sleep 0.05
    done
}
bin=$1
"$bin/initdb" -D "$home/primary" -U postgres -A trust -E UTF8 --locale=C --no-sync >"$home/log" 2>&1 || fail
serve primary 1 '*'
primary=$pid
"$bin/pg_basebackup" -h "$home" -p 1 -U postgres -D "$home/standby" -R -c fast --no-sync >>"$home/log" 2>&1 || fail
serve standby 2 ''
standby=$pid
until "$bin/psql" -qAtX -h "$home" -p 1 -U postgres -c 'select sync_state from pg_stat_replication' postgres | grep -q sync; do
    sleep 0.05
done
echo "$home"
while read -r _; do
    # A lost machine: the processes of the server end at once, without a word.
    kill -KILL $primary $(cat /proc/$primary/task/$primary/children 2>/dev/null || true)
    "$bin/pg_ctl" promote -s -D "$home/standby" >>"$home/log" 2>&1 || fail
    echo promoted
done
kill -QUIT $primary 2>/dev/null || true
kill -QUIT $standby
wait
