//! The URLs that Meta's dashboard asks for.

use evertoken_core::document::ProviderName;
use evertoken_core::public_url;
use serde::Serialize;
use url::Url;

/// Meta compares these URLs character by character.
#[derive(Debug, Serialize)]
pub(super) struct Addresses {
    pub(super) redirect_uri: Url,
    pub(super) deauthorize_url: Url,
    pub(super) data_deletion_url: Url,
}

impl Addresses {
    pub(super) fn below(public_url: &Url) -> Self {
        Self {
            redirect_uri: public_url::join(public_url, "callback"),
            deauthorize_url: public_url::join(public_url, "deauthorize"),
            data_deletion_url: public_url::join(public_url, "data-deletion"),
        }
    }

    /// One line per URL, with the name of the field in the settings of this login in the dashboard.
    pub(super) fn lines(&self, login: ProviderName) -> [String; 3] {
        let redirect_uri = match login {
            ProviderName::Instagram => "OAuth redirect URI",
            ProviderName::Facebook => "Valid OAuth Redirect URI",
        };
        [
            format!("{redirect_uri:<29} {}", self.redirect_uri),
            format!("Deauthorize callback URL      {}", self.deauthorize_url),
            format!("Data deletion request URL     {}", self.data_deletion_url),
        ]
    }
}
