//! Which of Meta's logins issued a token, judging by its prefix.

use evertoken_core::secrets::AccessToken;
use serde::Serialize;

/// The kind of a token by its prefix. Only used in messages, never for decisions: Meta's own samples mix the prefixes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenKind {
    /// `IGAA`: Instagram API with Instagram Login.
    InstagramLogin,
    /// `EAA`: Facebook Login, for graph.facebook.com.
    FacebookLogin,
    /// `IGQ`: Basic Display, shut down on 4 December 2024.
    BasicDisplay,
    /// None of these.
    Unknown,
}

impl TokenKind {
    /// The kind of a token.
    pub fn of(token: &AccessToken) -> Self {
        Self::of_text(token.expose())
    }

    fn of_text(text: &str) -> Self {
        match text {
            text if text.starts_with("IGAA") => Self::InstagramLogin,
            text if text.starts_with("IGQ") => Self::BasicDisplay,
            text if text.starts_with("EAA") => Self::FacebookLogin,
            _ => Self::Unknown,
        }
    }

    /// The name for people. Never contains the prefix, which tools that search logs for tokens would find.
    pub fn name(self) -> &'static str {
        match self {
            Self::InstagramLogin => "Instagram Login",
            Self::FacebookLogin => "Facebook Login",
            Self::BasicDisplay => "Basic Display",
            Self::Unknown => "unknown",
        }
    }

    /// Whether Instagram rejects all tokens of this kind.
    pub fn is_rejected(self) -> bool {
        matches!(self, Self::FacebookLogin | Self::BasicDisplay)
    }

    /// Why Instagram rejects tokens of this kind, and what to do about it. `invite` is the command that creates a link.
    pub fn objection(self, invite: &str) -> Option<String> {
        match self {
            Self::FacebookLogin => Some(format!(
                "This is a token of Facebook Login. If it is the token of a page or of a system user, import it with \
                 --provider facebook. Otherwise create a link for the account's owner with `{invite}`.",
            )),
            Self::BasicDisplay => Some(format!(
                "Basic Display tokens stopped working on 4 December 2024. Create a link for the account's owner with \
                 `{invite}`.",
            )),
            Self::InstagramLogin | Self::Unknown => None,
        }
    }
}

/// Whether a command line argument looks like a token or an app secret. App secrets have 32 hexadecimal digits.
pub fn looks_secret(argument: &str) -> bool {
    let argument = argument.split_once('=').map_or(argument, |(_, value)| value);
    let argument = argument.trim_matches(|c: char| c.is_whitespace() || c == '"' || c == '\'');
    let token = TokenKind::of_text(argument) != TokenKind::Unknown && argument.len() >= 24;
    token || (argument.len() == 32 && argument.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// Whether a text contains a token or an app secret, for example a cell of a spreadsheet.
pub fn contains_secret(text: &str) -> bool {
    let is_other = |c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-';
    let starts = ["IGAA", "IGQ", "EAA"].iter().flat_map(|prefix| text.match_indices(prefix));
    let mut words = starts.filter_map(|(at, _)| text.get(at..)).chain(text.split(is_other));
    words.any(|word| looks_secret(word.split(is_other).next().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recognizes_a_secret_on_the_command_line() {
        for secret in [
            "IGAAabcdefghijklmnopqrstuvwxyz",
            "--token=EAAabcdefghijklmnopqrstuvwxyz",
            " \"EAAabcdefghijklmnopqrstuvwxyz'\n",
            "0123456789abcdef0123456789ABCDEF",
        ] {
            assert!(looks_secret(secret), "{secret}");
        }
        for text in [
            "Token: IGAAabcdefghijklmnopqrstuvwxyz.",
            "xIGAAabcdefghijklmnopqrstuvwxyz",
            "xEAAabcdefghijklmnopqrstuvwxyz",
            "\u{feff}EAAabcdefghijklmnopqrstuvwxyz",
        ] {
            assert!(contains_secret(text), "{text}");
        }
        for fine in ["my-shop", "--local=/tmp/vault", "EAA", "igaa-shop", "17841405793187218"] {
            assert!(!looks_secret(fine) && !contains_secret(fine), "{fine}");
        }
    }
}
