#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| guanxi_server::fuzzing::raw_query(data));
