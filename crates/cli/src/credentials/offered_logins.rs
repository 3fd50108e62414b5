//! The logins that a service offers: `EVERTOKEN_PROVIDER`, and `--provider` of `evertoken setup`.

use clap::ValueEnum;
use evertoken_core::document::ProviderName;
use evertoken_core::variables::{VariableError, Variables};
use serde::{Deserialize, Serialize};

/// The variable, which the template's parameter `Provider` sets.
pub(crate) const PROVIDER: &str = "EVERTOKEN_PROVIDER";

/// The logins that people can use. Instagram Login is the default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OfferedLogins {
    /// Instagram Login.
    #[default]
    Instagram,
    /// Facebook Login, through a Facebook Page.
    Facebook,
    /// Either: the login page asks which one.
    Both,
}

impl OfferedLogins {
    /// The variable's value; `None` if it is not set.
    pub(crate) fn read(variables: &Variables) -> Result<Option<Self>, VariableError> {
        variables.parse(PROVIDER, "instagram, facebook or both", Self::parse)
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Instagram, Self::Facebook, Self::Both].into_iter().find(|logins| logins.as_str() == text)
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Instagram => "instagram",
            Self::Facebook => "facebook",
            Self::Both => "both",
        }
    }

    pub(crate) fn includes(self, login: ProviderName) -> bool {
        match self {
            Self::Instagram => login == ProviderName::Instagram,
            Self::Facebook => login == ProviderName::Facebook,
            Self::Both => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_word_and_rejects_any_other() {
        let read = |value: &str| OfferedLogins::read(&Variables::default().or(PROVIDER, value));
        for logins in [OfferedLogins::Instagram, OfferedLogins::Facebook, OfferedLogins::Both] {
            assert_eq!(read(logins.as_str()), Ok(Some(logins)));
        }
        assert_eq!(read(""), Ok(None));
        assert!(read("google").unwrap_err().to_string().starts_with("EVERTOKEN_PROVIDER is \"google\""));
        assert!(OfferedLogins::Both.includes(ProviderName::Facebook));
        assert!(!OfferedLogins::Facebook.includes(ProviderName::Instagram));
    }
}
