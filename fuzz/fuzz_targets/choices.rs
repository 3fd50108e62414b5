#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    evertoken_fuzz_checks::choices::check(data);
});
