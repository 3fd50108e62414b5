//! Scans everything that a test run writes for secrets.

use std::sync::{Arc, Mutex};

/// The prefixes of all tokens that the sandbox and the tests issue, Instagram's and Facebook's, and how many letters and
/// digits follow at least. Facebook's prefix is so short that other Base64 text begins with it by chance.
const TOKENS: [(&str, usize); 2] = [("IGAA", 0), ("EAA", 20)];

/// Whether the text contains a token. The prefix in the middle of other Base64 text is no token: signed links and hashes are
/// random, and contain it once in some million characters.
fn contains_token(text: &str) -> bool {
    TOKENS.into_iter().any(|(prefix, length)| {
        text.match_indices(prefix).any(|(at, _)| {
            let before = text.get(..at).unwrap_or_default();
            let is_inside_base64 = before.ends_with(|last: char| last.is_ascii_alphanumeric() || "-_+/".contains(last));
            let is_after_percent_escape = before.len() >= 3 && before.as_bytes()[at - 3] == b'%';
            let follow = text.bytes().skip(at + prefix.len()).take_while(u8::is_ascii_alphanumeric);
            (!is_inside_base64 || is_after_percent_escape) && follow.take(length).count() == length
        })
    })
}

/// Collects secrets and outputs, and reports each secret that appears where it must not. Clones share the collection.
#[derive(Clone, Debug, Default)]
pub struct SecretScanner(Arc<Mutex<Collected>>);

#[derive(Debug, Default)]
struct Collected {
    secrets: Vec<Secret>,
    outputs: Vec<Output>,
}

#[derive(Debug)]
struct Secret {
    what: &'static str,
    text: String,
    forbidden: Forbidden,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Forbidden {
    Everywhere,
    /// For values that links carry, such as invites and state.
    InLogs,
}

#[derive(Debug)]
struct Output {
    place: String,
    text: String,
    kind: OutputKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OutputKind {
    Response,
    Log,
}

impl SecretScanner {
    /// Registers a text that must not appear in any output.
    pub fn register_secret(&self, what: &'static str, text: &str) {
        self.register(what, text, Forbidden::Everywhere);
    }

    /// Registers a text that must not appear in any log.
    pub fn register_log_secret(&self, what: &'static str, text: &str) {
        self.register(what, text, Forbidden::InLogs);
    }

    /// Records a response or another output that is not a log.
    pub fn record_output(&self, place: &str, text: &str) {
        self.record(place, text, OutputKind::Response);
    }

    /// Records a log.
    pub fn record_log(&self, place: &str, text: &str) {
        self.record(place, text, OutputKind::Log);
    }

    /// Lists every secret that appears where it must not, as "what in place".
    pub fn findings(&self) -> Vec<String> {
        let collected = self.0.lock().unwrap();
        let leaks_into = |secret: &Secret, output: &Output| {
            let forbidden = secret.forbidden == Forbidden::Everywhere || output.kind == OutputKind::Log;
            forbidden && output.text.contains(&secret.text)
        };
        let findings = collected.outputs.iter().flat_map(|output| {
            let leaked = collected.secrets.iter().filter(|secret| leaks_into(secret, output));
            let token = contains_token(&output.text).then_some("a token");
            token.into_iter().chain(leaked.map(|secret| secret.what)).map(|what| format!("{what} in {}", output.place))
        });
        findings.collect()
    }

    fn register(&self, what: &'static str, text: &str, forbidden: Forbidden) {
        assert!(text.len() >= 8, "{what} is too short to search for");
        self.0.lock().unwrap().secrets.push(Secret { what, text: text.to_owned(), forbidden });
    }

    fn record(&self, place: &str, text: &str, kind: OutputKind) {
        self.0.lock().unwrap().outputs.push(Output { place: place.to_owned(), text: text.to_owned(), kind });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_each_secret_only_where_it_is_forbidden() {
        let scanner = SecretScanner::default();
        scanner.record_output("a page", "hunter22 and state-123");
        scanner.record_log("a log", "state-123 and a token IGAAx");
        assert_eq!(scanner.findings(), ["a token in a log"]);
        scanner.register_secret("the password", "hunter22");
        scanner.register_log_secret("a state", "state-123");
        assert_eq!(scanner.findings(), ["the password in a page", "a token in a log", "a state in a log"]);
    }

    #[test]
    fn finds_tokens_but_not_their_prefix_inside_other_base64_text() {
        let facebook = format!("access_token=EAA{}", "x".repeat(144));
        for leaked in [
            "IGAAx",
            "access_token=IGAAx",
            r#""IGAAx""#,
            "?url=%2Fme%3Faccess_token%3DIGAAx",
            "Bearer IGAA-x",
            &facebook,
        ] {
            assert!(contains_token(leaked), "{leaked}");
        }
        for random in ["state=eyJIGAAx", "4-IGAAx", "sha256/_IGAA", "IGA", "EAAx", ""] {
            assert!(!contains_token(random), "{random}");
        }
    }
}
