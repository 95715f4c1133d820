# The one gate: what it says is what `.ci/run` says.
check: format clippy test docs

format:
    cargo fmt --all --check

clippy:
    cargo clippy --workspace --all-targets -- -D warnings

test:
    cargo test --workspace

docs:
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

# Licences and advisories of what we depend on; needs cargo-deny.
deny:
    cargo deny check

# Writes the licences of what the program is linked of; needs Python.
third-party:
    tools/third-party

# Looks for inputs that break what `fuzz/README.md` says of a target; needs cargo-fuzz and nightly Rust.
fuzz target seconds="3600":
    mkdir -p fuzz/corpus/{{target}}
    cargo +nightly fuzz run --fuzz-dir fuzz -s none {{target}} fuzz/corpus/{{target}} fuzz/seeds/{{target}} -- -max_total_time={{seconds}} -rss_limit_mb=2048

# A community to try things out on.
demo:
    cargo run --release -- demo

# Asks a demo what its OpenAPI document allows, and what it does not; needs Python.
spec-test:
    tools/spec-test

# Kills the program many times more than the tests do.
kill rounds="500":
    GUANXI_TEST_KILLS={{rounds}} cargo test -p guanxi --test it kill

# Has many write the same at once, over several stores on one database, for a minute.
crosswise:
    GUANXI_TEST_LONG=1 cargo test -p guanxi-storage --test it crosswise
