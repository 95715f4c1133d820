//! The generator, upon servers that behave in every way.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so and stops")]

mod fake;
mod limit;
mod load;
