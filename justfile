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
    GUANXI_TEST_LONG=1 cargo test -p guanxi-store --test it crosswise
