#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| guanxi_storage::fuzzing::btree(data));
