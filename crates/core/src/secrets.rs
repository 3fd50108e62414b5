//! Types for tokens, codes and app secrets, which never appear in a log, an error or a page. Their memory is overwritten when
//! they are dropped.

use std::fmt;

use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serializer};

macro_rules! secret {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name(SecretString);

        impl $name {
            /// Wraps a secret. Whitespace around it, such as a pasted line break, is removed.
            pub fn new(text: impl AsRef<str>) -> Self {
                Self(SecretString::from(text.as_ref().trim()))
            }

            /// The secret in plain text, only for HTTP requests and the vault.
            pub fn expose(&self) -> &str {
                self.0.expose_secret()
            }

            /// Whether the secret is empty.
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
    /// An Instagram access token, short-lived (one hour) or long-lived (60 days).
    ///
    /// Its format is opaque: no prefix and no length is assumed.
    AccessToken
}
secret! {
    /// An authorization code, valid for one hour and for one use (Meta, "Business Login for Instagram").
    AuthorizationCode
}
secret! {
    /// The "Instagram app secret" in Meta's dashboard.
    AppSecret
}

impl AuthorizationCode {
    /// A code from the callback's query string. Meta appends `#_` to the redirect. Browsers do not send the fragment, but
    /// a manually copied URL contains it (Meta, "Business Login for Instagram", says to strip it).
    pub fn from_query(text: &str) -> Self {
        let text = text.trim();
        Self::new(text.strip_suffix("#_").unwrap_or(text))
    }
}

impl<'de> Deserialize<'de> for AccessToken {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_string(SecretText).map(|text| Self::new(&*text))
    }
}

impl<'de> Deserialize<'de> for AuthorizationCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_string(SecretText).map(|text| Self::from_query(&text))
    }
}

/// Reads a text as it is, and leaves no copy of it behind.
pub(crate) fn deserialize_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Zeroizing<String>, D::Error> {
    deserializer.deserialize_string(SecretText)
}

/// Takes over the deserializer's own copy, if it has made one.
struct SecretText;

impl Visitor<'_> for SecretText {
    type Value = Zeroizing<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Zeroizing::new(text.to_owned()))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Self::Value, E> {
        Ok(Zeroizing::new(text))
    }
}

/// Serializes a token in plain text. Only the document's `access_token` uses it.
pub(crate) fn serialize_for_vault<S: Serializer>(token: &AccessToken, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(token.expose())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_contains_no_secret() {
        assert_eq!(format!("{:?}", AccessToken::new("IGAAsecret")), "AccessToken(redacted)");
    }

    #[test]
    fn removes_the_fragment_that_meta_appends_to_the_code() {
        for text in ["AQBx", "AQBx#_", " AQBx#_\n"] {
            assert_eq!(AuthorizationCode::from_query(text).expose(), "AQBx");
        }
    }
}
