# Runs what CI runs: format, style, lints, documentation and all tests on both engines.
check:
    .ci/run

# Runs the tests that need nothing but Rust and a C compiler, and the others where their tools are installed.
test:
    cargo test --workspace

# Writes docs/reference from the code.
reference:
    cargo run -p guanxi -- reference docs/reference --examples crates/cli/tests/golden

# Checks licences and advisories of dependencies; needs cargo-deny.
deny:
    cargo deny check

# Writes the licences of the linked packages; needs Python.
third-party:
    tools/third-party

# Fuzzes a target of fuzz/README.md; needs cargo-fuzz and nightly Rust.
fuzz target seconds="3600":
    mkdir -p fuzz/corpus/{{target}}
    cargo +nightly fuzz run --fuzz-dir fuzz -s none {{target}} fuzz/corpus/{{target}} fuzz/seeds/{{target}} -- -max_total_time={{seconds}} -rss_limit_mb=2048

# Serves a community to try things out on.
demo:
    cargo run --release -- demo

# Runs clients that others wrote, and the fixtures of the guide, against the emulator; needs Python and Node.js.
recipes *names:
    tools/recipes {{names}}

# Sends a demo requests that its OpenAPI document allows and forbids; needs Python.
spec-test:
    tools/spec-test

# Kills the program many more times than the tests do.
kill rounds="500":
    GUANXI_TEST_KILLS={{rounds}} cargo test -p guanxi --test it kill

# Kills archiving services, and breaks the line to their archive, many more times than the tests do.
archive-kill rounds="1000":
    GUANXI_TEST_ARCHIVE_KILLS={{rounds}} cargo test -p guanxi-storage --test it archive::faults
    GUANXI_TEST_KILLS={{rounds}} cargo test -p guanxi --test it archive::killed

# Recovers many more states of a simulated disk than the tests do: after power losses, kills and failed calls.
simulate states="1000000":
    GUANXI_TEST_CRASH_STATES=$(({{states}} / 3)) cargo test -p guanxi-storage --lib simulation

# Runs many concurrent writers over several stores on one database, for a minute.
concurrent-writers:
    GUANXI_TEST_LONG=1 cargo test -p guanxi-storage --test it concurrent_writers
