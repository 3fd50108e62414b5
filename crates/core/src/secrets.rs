//! Tokens, codes and app secrets: in memory and in the vault, never in a log, an error or a page.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serializer};

macro_rules! secret {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name(SecretString);

        impl $name {
            /// Takes the secret over. White space around it (a pasted line break, say) is dropped.
            pub fn new(text: impl AsRef<str>) -> Self {
                Self(SecretString::from(text.as_ref().trim()))
            }

            /// The secret itself: for the wire and the vault alone.
            pub fn expose(&self) -> &str {
                self.0.expose_secret()
            }

            /// Whether nothing is there.
            pub fn is_empty(&self) -> bool {
                self.expose().is_empty()
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(redacted)"))
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.expose() == other.expose()
            }
        }

        impl Eq for $name {}
    };
}

secret! {
    /// What opens an Instagram account: short-lived (an hour) or long-lived (60 days).
    ///
    /// Its shape is Meta's business: no prefix and no length is assumed.
    AccessToken
}
secret! {
    /// What Instagram hands to the callback: valid for an hour, usable once
    /// (Meta, "Business Login for Instagram").
    AuthorizationCode
}
secret! {
    /// The "Instagram app secret" of Meta's dashboard.
    AppSecret
}

impl AuthorizationCode {
    /// A code as it arrives in the query. Meta appends `#_` to the redirect; a browser keeps the fragment to
    /// itself, but a URL copied by hand carries it ("Business Login for Instagram" says to strip it).
    pub fn from_query(text: &str) -> Self {
        let text = text.trim();
        Self::new(text.strip_suffix("#_").unwrap_or(text))
    }
}

impl<'de> Deserialize<'de> for AccessToken {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

/// For the one place that may write a token down: the document's `access_token`.
pub(crate) fn serialize_for_vault<S: Serializer>(token: &AccessToken, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(token.expose())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_secret() {
        assert_eq!(format!("{:?}", AccessToken::new("IGAAsecret")), "AccessToken(redacted)");
    }

    #[test]
    fn the_fragment_meta_appends_is_no_part_of_the_code() {
        for text in ["AQBx", "AQBx#_", " AQBx#_\n"] {
            assert_eq!(AuthorizationCode::from_query(text).expose(), "AQBx");
        }
    }
}
