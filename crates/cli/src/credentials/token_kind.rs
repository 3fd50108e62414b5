//! Which of Meta's logins a token looks as if it came from.

use evertoken_core::secrets::AccessToken;
use serde::Serialize;

/// By what a token begins with. A hint for words alone: Meta's own samples mix the beginnings, so nothing is decided by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TokenKind {
    /// `IGAA`: Instagram API with Instagram Login.
    InstagramLogin,
    /// `EAA`: Facebook Login, for graph.facebook.com.
    FacebookLogin,
    /// `IGQ`: Basic Display, which ended on 4 December 2024.
    BasicDisplay,
    /// Something else.
    Unknown,
}

impl TokenKind {
    /// The family that a token looks like.
    pub(crate) fn of(token: &AccessToken) -> Self {
        Self::of_text(token.expose())
    }

    fn of_text(text: &str) -> Self {
        // Longest first: IGAA and IGQ share two letters only.
        match text {
            text if text.starts_with("IGAA") => Self::InstagramLogin,
            text if text.starts_with("IGQ") => Self::BasicDisplay,
            text if text.starts_with("EAA") => Self::FacebookLogin,
            _ => Self::Unknown,
        }
    }

    /// Its name. How a token begins is not repeated: what looks for tokens in logs would find it.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::InstagramLogin => "Instagram Login",
            Self::FacebookLogin => "Facebook Login",
            Self::BasicDisplay => "Basic Display",
            Self::Unknown => "unknown",
        }
    }

    /// Why Instagram refuses a token of this family, with the remedy; none where the family is no reason.
    pub(crate) fn objection(self) -> Option<&'static str> {
        match self {
            Self::FacebookLogin => Some(
                "It is a token of Facebook Login, for graph.facebook.com; Evertoken keeps tokens of Instagram Login. \
                 Take one from Meta's dashboard under Instagram > API setup with Instagram login > Generate token, \
                 or let the owner log in by `evertoken invite`.",
            ),
            Self::BasicDisplay => Some(
                "It is a token of the Basic Display API, which ended on 4 December 2024; nothing revives it. \
                 Let the owner log in by `evertoken invite`.",
            ),
            Self::InstagramLogin | Self::Unknown => None,
        }
    }
}

/// Whether an argument is a token or an app secret rather than what a command line should hold. App secrets have 32
/// hexadecimal digits.
pub(crate) fn looks_secret(argument: &str) -> bool {
    let argument = argument.split_once('=').map_or(argument, |(_, value)| value);
    let argument = argument.trim_matches(|c: char| c.is_whitespace() || c == '"' || c == '\'');
    let token = TokenKind::of_text(argument) != TokenKind::Unknown && argument.len() >= 24;
    token || (argument.len() == 32 && argument.bytes().all(|b| b.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_on_the_command_line_is_known_by_its_looks() {
        for secret in [
            "IGAAabcdefghijklmnopqrstuvwxyz",
            "--token=EAAabcdefghijklmnopqrstuvwxyz",
            "0123456789abcdef0123456789ABCDEF",
        ] {
            assert!(looks_secret(secret), "{secret}");
        }
        for fine in ["my-shop", "--local=/tmp/vault", "EAA", "igaa-shop", "17841405793187218"] {
            assert!(!looks_secret(fine), "{fine}");
        }
    }
}
