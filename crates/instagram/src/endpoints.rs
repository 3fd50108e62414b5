//! The three hosts and the Graph API version.

use evertoken_core::variables::{VariableError, Variables, parse_secure_url};
use url::Url;

/// The current Graph API version as of 2026-07-29 (Meta, "Graph API changelog"). A version is supported for about two
/// years.
const GRAPH_VERSION: &str = "v26.0";

/// The addresses of Instagram.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    /// The consent page: `EVERTOKEN_AUTHORIZE_URL`, by default `https://www.instagram.com`.
    pub authorize: Url,
    /// The code exchange: `EVERTOKEN_TOKEN_URL`, by default `https://api.instagram.com`.
    pub token: Url,
    /// All other calls: `EVERTOKEN_GRAPH_URL`, by default `https://graph.instagram.com`.
    pub graph: Url,
    /// The Graph API version: `EVERTOKEN_GRAPH_VERSION`, for example `v26.0`.
    pub version: String,
}

impl Endpoints {
    /// Reads and validates the environment variables.
    pub fn read(variables: &Variables) -> Result<Self, VariableError> {
        Ok(Self {
            authorize: origin(variables, "EVERTOKEN_AUTHORIZE_URL", "https://www.instagram.com")?,
            token: origin(variables, "EVERTOKEN_TOKEN_URL", "https://api.instagram.com")?,
            graph: origin(variables, "EVERTOKEN_GRAPH_URL", "https://graph.instagram.com")?,
            version: graph_version(variables)?,
        })
    }

    /// Uses one origin for all three, as the sandbox does.
    pub fn on_one_origin(origin: &Url) -> Self {
        Self {
            authorize: origin.clone(),
            token: origin.clone(),
            graph: origin.clone(),
            version: GRAPH_VERSION.to_owned(),
        }
    }
}

/// `EVERTOKEN_GRAPH_VERSION`, by default the current version.
pub(crate) fn graph_version(variables: &Variables) -> Result<String, VariableError> {
    let version = variables.parse("EVERTOKEN_GRAPH_VERSION", "a Graph API version such as v26.0", |value| {
        let (major, minor) = value.strip_prefix('v')?.split_once('.')?;
        let number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        (number(major) && number(minor)).then(|| value.to_owned())
    })?;
    Ok(version.unwrap_or_else(|| GRAPH_VERSION.to_owned()))
}

pub(crate) fn origin(variables: &Variables, name: &'static str, default: &'static str) -> Result<Url, VariableError> {
    const EXPECTED: &str =
        "an https origin without a path, such as https://graph.instagram.com (plain http on loopback only)";
    let bare = |text: &str| parse_secure_url(text).filter(|url| url.path() == "/");
    let url = variables.parse(name, EXPECTED, bare)?.or_else(|| bare(default));
    url.ok_or(VariableError::Missing { name, expected: EXPECTED })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, value: &str) -> Result<Endpoints, VariableError> {
        Endpoints::read(&std::iter::once((name.to_owned(), value.to_owned())).collect())
    }

    #[test]
    fn uses_metas_hosts_by_default() {
        let endpoints = Endpoints::read(&Variables::default()).unwrap();
        assert_eq!(endpoints.authorize.as_str(), "https://www.instagram.com/");
        assert_eq!(endpoints.token.as_str(), "https://api.instagram.com/");
        assert_eq!(endpoints.graph.as_str(), "https://graph.instagram.com/");
        let endpoints = read("EVERTOKEN_GRAPH_URL", "http://127.0.0.1:4000").unwrap();
        assert_eq!(endpoints.graph.port(), Some(4000));
        assert_eq!(read("EVERTOKEN_GRAPH_VERSION", "v27.1").unwrap().version, "v27.1");
    }

    #[test]
    fn an_error_names_the_variable_and_its_value() {
        for (name, value) in [
            ("EVERTOKEN_GRAPH_URL", "http://graph.example"),
            ("EVERTOKEN_TOKEN_URL", "https://api.instagram.com/oauth"),
            ("EVERTOKEN_GRAPH_VERSION", "26"),
            ("EVERTOKEN_GRAPH_VERSION", "v26."),
            ("EVERTOKEN_GRAPH_VERSION", "v.0"),
            ("EVERTOKEN_GRAPH_VERSION", "v26.x"),
        ] {
            let error = read(name, value).unwrap_err().to_string();
            assert!(error.starts_with(&format!("{name} is {value:?}")), "{error}");
        }
    }
}
