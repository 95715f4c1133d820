# Starts a chromedriver on a free port and prints the port. When standard input ends, that is when the tests end in any way,
# it kills the driver with its browsers and deletes their files.
set -eu
home=$(mktemp -d "${TMPDIR:-/tmp}/guanxi-browser.XXXXXX")
trap 'rm -rf "$home"' EXIT
trap '' INT TERM
touch "$home/log"
# A process group of their own, since browsers outlive a driver that is killed alone.
TMPDIR=$home setsid chromedriver --port=0 </dev/null >"$home/log" 2>&1 &
driver=$!
until port=$(sed -n 's/.*started successfully on port \([0-9]*\).*/\1/p' "$home/log") && [ -n "$port" ]; do
    kill -0 $driver || { cat "$home/log" >&2; exit 1; }
    sleep 0.05
done
echo "$port"
cat >/dev/null
kill -KILL -$driver
wait $driver 2>/dev/null || true
