//! What must not be seen, held against everything that was written.

use std::sync::{Arc, Mutex};

/// What every token of the sandbox and of the tests begins with.
const TOKEN: &str = "IGAA";

/// Secrets and writings. Clones share both.
#[derive(Clone, Debug, Default)]
pub struct Leaks(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    secrets: Vec<Secret>,
    writings: Vec<Writing>,
}

#[derive(Debug)]
struct Secret {
    what: &'static str,
    text: String,
    /// Invites and state stand in links; only a log must not hold them.
    from_logs_only: bool,
}

#[derive(Debug)]
struct Writing {
    place: String,
    text: String,
    is_log: bool,
}

impl Leaks {
    /// A text that must stand nowhere.
    pub fn keep_secret(&self, what: &'static str, text: &str) {
        self.secret(what, text, false);
    }

    /// A text that must stand in no log.
    pub fn keep_out_of_logs(&self, what: &'static str, text: &str) {
        self.secret(what, text, true);
    }

    /// Something that people or machines were answered.
    pub fn wrote(&self, place: &str, text: &str) {
        self.writing(place, text, false);
    }

    /// A log.
    pub fn logged(&self, place: &str, text: &str) {
        self.writing(place, text, true);
    }

    /// Every secret that stands where it must not: what and where.
    pub fn found(&self) -> Vec<String> {
        let known = self.0.lock().unwrap();
        let token = Secret { what: "a token", text: TOKEN.to_owned(), from_logs_only: false };
        let secrets: Vec<&Secret> = std::iter::once(&token).chain(&known.secrets).collect();
        let stands_in = |secret: &Secret, writing: &Writing| {
            (writing.is_log || !secret.from_logs_only) && writing.text.contains(&secret.text)
        };
        let found = known.writings.iter().flat_map(|writing| {
            let leaked = secrets.iter().filter(|secret| stands_in(secret, writing));
            leaked.map(|secret| format!("{} in {}", secret.what, writing.place))
        });
        found.collect()
    }

    fn secret(&self, what: &'static str, text: &str, from_logs_only: bool) {
        assert!(text.len() >= 8, "{what} is too short to be looked for");
        self.0.lock().unwrap().secrets.push(Secret { what, text: text.to_owned(), from_logs_only });
    }

    fn writing(&self, place: &str, text: &str, is_log: bool) {
        let writing = Writing { place: place.to_owned(), text: text.to_owned(), is_log };
        self.0.lock().unwrap().writings.push(writing);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_where_it_must_not_be_and_nowhere_else() {
        let leaks = Leaks::default();
        leaks.wrote("a page", "hunter22 and state-123");
        leaks.logged("a log", "state-123 and a token IGAAx");
        assert_eq!(leaks.found(), ["a token in a log"]);
        leaks.keep_secret("the password", "hunter22");
        leaks.keep_out_of_logs("a state", "state-123");
        assert_eq!(leaks.found(), ["the password in a page", "a token in a log", "a state in a log"]);
    }
}
