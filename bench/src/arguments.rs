//! Numbers on the command line.

/// All of them, or what is taken without any. Anything else ends the program and says what it takes.
pub fn numbers(what: &str, default: &[u32]) -> Vec<u32> {
    let given: Vec<String> = std::env::args().skip(1).collect();
    if given.is_empty() {
        return default.to_vec();
    }
    given.iter().map(|text| number(what, text)).collect()
}

fn number(what: &str, text: &str) -> u32 {
    text.parse().ok().filter(|number| *number > 0).unwrap_or_else(|| {
        println!("{text:?} is no number of {what}: give one from 1 on");
        std::process::exit(2);
    })
}
