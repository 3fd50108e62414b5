//! Numbers given as command-line arguments.

/// Returns the arguments, or `default` if there are none. Exits with status 2 if one is not a positive number.
pub fn numbers(what: &str, default: &[u32]) -> Vec<u32> {
    let given: Vec<String> = std::env::args().skip(1).collect();
    if given.is_empty() {
        return default.to_vec();
    }
    given.iter().map(|text| number(what, text)).collect()
}

fn number(what: &str, text: &str) -> u32 {
    text.parse().ok().filter(|number| *number > 0).unwrap_or_else(|| {
        eprintln!("error: invalid number of {what}: {text:?} (expected a whole number of at least 1)");
        std::process::exit(2);
    })
}
