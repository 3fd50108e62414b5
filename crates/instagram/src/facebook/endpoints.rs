//! Facebook's two hosts, and the configuration of Facebook Login for Business.

use evertoken_core::variables::{VariableError, Variables};
use url::Url;

use crate::endpoints::{graph_version, origin};

/// The addresses of Facebook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FacebookEndpoints {
    /// The dialog: `EVERTOKEN_FACEBOOK_DIALOG_URL`, by default `https://www.facebook.com`.
    pub dialog: Url,
    /// All calls: `EVERTOKEN_FACEBOOK_GRAPH_URL`, by default `https://graph.facebook.com`.
    pub graph: Url,
    /// The Graph API version, as in [`Endpoints`](crate::Endpoints).
    pub version: String,
    /// The ID of a configuration in Meta's dashboard, which replaces the scopes: `EVERTOKEN_FACEBOOK_CONFIG_ID`.
    pub config_id: Option<String>,
}

impl FacebookEndpoints {
    /// Reads and validates the environment variables.
    pub fn read(variables: &Variables) -> Result<Self, VariableError> {
        let digits = |text: &str| {
            let valid = text.len() <= 32 && text.bytes().all(|b| b.is_ascii_digit());
            valid.then(|| text.to_owned())
        };
        let config_id = variables.parse(
            "EVERTOKEN_FACEBOOK_CONFIG_ID",
            "the configuration ID of Facebook Login for Business, which has digits only",
            digits,
        )?;
        Ok(Self {
            dialog: origin(variables, "EVERTOKEN_FACEBOOK_DIALOG_URL", "https://www.facebook.com")?,
            graph: origin(variables, "EVERTOKEN_FACEBOOK_GRAPH_URL", "https://graph.facebook.com")?,
            version: graph_version(variables)?,
            config_id,
        })
    }

    /// Uses one origin for both, as the sandbox does.
    pub fn on_one_origin(origin: &Url) -> Self {
        let version = graph_version(&Variables::default()).unwrap_or_default();
        Self { dialog: origin.clone(), graph: origin.clone(), version, config_id: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, value: &str) -> Result<FacebookEndpoints, VariableError> {
        FacebookEndpoints::read(&std::iter::once((name.to_owned(), value.to_owned())).collect())
    }

    #[test]
    fn uses_facebooks_hosts_by_default() {
        let endpoints = FacebookEndpoints::read(&Variables::default()).unwrap();
        assert_eq!(endpoints.dialog.as_str(), "https://www.facebook.com/");
        assert_eq!(endpoints.graph.as_str(), "https://graph.facebook.com/");
        assert_eq!((endpoints.version.as_str(), endpoints.config_id), ("v26.0", None));
        let config_id = read("EVERTOKEN_FACEBOOK_CONFIG_ID", "1234").unwrap().config_id;
        assert_eq!(config_id.as_deref(), Some("1234"));
    }

    #[test]
    fn an_error_names_the_variable_and_its_value() {
        for (name, value) in [
            ("EVERTOKEN_FACEBOOK_GRAPH_URL", "http://graph.facebook.com"),
            ("EVERTOKEN_FACEBOOK_GRAPH_URL", "https://graph.facebook.com/v26.0"),
            ("EVERTOKEN_FACEBOOK_DIALOG_URL", "facebook"),
            ("EVERTOKEN_FACEBOOK_CONFIG_ID", "my config"),
        ] {
            let error = read(name, value).unwrap_err().to_string();
            assert!(error.starts_with(&format!("{name} is {value:?}")), "{error}");
        }
    }
}
