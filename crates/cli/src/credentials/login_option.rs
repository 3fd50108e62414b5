//! The value of `--provider`.

use clap::ValueEnum;
use evertoken_core::document::ProviderName;

/// One of Meta's logins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LoginOption {
    // Without documentation, so that clap prints the values on one line.
    Instagram,
    Facebook,
}

impl LoginOption {
    pub(crate) fn name(self) -> ProviderName {
        match self {
            Self::Instagram => ProviderName::Instagram,
            Self::Facebook => ProviderName::Facebook,
        }
    }
}
