//! The three hosts and the Graph version.

use evertoken_core::variables::{VariableError, Variables, parse_secure_url};
use url::Url;

/// The Graph version in force on 2026-07-29 (Meta, "Graph API changelog"); each lives for about two years.
const GRAPH_VERSION: &str = "v26.0";

/// Where Instagram is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    /// People authorize here: `EVERTOKEN_AUTHORIZE_URL`, else `https://www.instagram.com`.
    pub authorize: Url,
    /// Codes are exchanged here: `EVERTOKEN_TOKEN_URL`, else `https://api.instagram.com`.
    pub token: Url,
    /// Everything else is here: `EVERTOKEN_GRAPH_URL`, else `https://graph.instagram.com`.
    pub graph: Url,
    /// `EVERTOKEN_GRAPH_VERSION`, as `v26.0`.
    pub version: String,
}

impl Endpoints {
    /// Reads and checks the variables, `EVERTOKEN_PROVIDER` among them.
    pub fn read(variables: &Variables) -> Result<Self, VariableError> {
        const PROVIDER: &str = "instagram (Instagram Login; Facebook Login is not built yet)";
        variables.parse("EVERTOKEN_PROVIDER", PROVIDER, |value| (value == "instagram").then_some(()))?;
        let version = variables.parse("EVERTOKEN_GRAPH_VERSION", "a Graph version, as v26.0", |value| {
            let (major, minor) = value.strip_prefix('v')?.split_once('.')?;
            let number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
            (number(major) && number(minor)).then(|| value.to_owned())
        })?;
        Ok(Self {
            authorize: origin(variables, "EVERTOKEN_AUTHORIZE_URL", "https://www.instagram.com")?,
            token: origin(variables, "EVERTOKEN_TOKEN_URL", "https://api.instagram.com")?,
            graph: origin(variables, "EVERTOKEN_GRAPH_URL", "https://graph.instagram.com")?,
            version: version.unwrap_or_else(|| GRAPH_VERSION.to_owned()),
        })
    }

    /// All three on one origin: the sandbox.
    pub fn on_one_origin(origin: &Url) -> Self {
        Self {
            authorize: origin.clone(),
            token: origin.clone(),
            graph: origin.clone(),
            version: GRAPH_VERSION.to_owned(),
        }
    }
}

fn origin(variables: &Variables, name: &'static str, default: &'static str) -> Result<Url, VariableError> {
    const EXPECTED: &str =
        "an https origin without a path, as https://graph.instagram.com (plain http on loopback only)";
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
    fn the_hosts_are_metas_unless_told_otherwise() {
        let endpoints = Endpoints::read(&Variables::default()).unwrap();
        assert_eq!(endpoints.authorize.as_str(), "https://www.instagram.com/");
        let endpoints = read("EVERTOKEN_GRAPH_URL", "http://127.0.0.1:4000").unwrap();
        assert_eq!(endpoints.graph.port(), Some(4000));
    }

    #[test]
    fn a_bad_value_is_named() {
        for (name, value) in [
            ("EVERTOKEN_GRAPH_URL", "http://graph.example"),
            ("EVERTOKEN_TOKEN_URL", "https://api.instagram.com/oauth"),
            ("EVERTOKEN_GRAPH_VERSION", "26"),
        ] {
            let error = read(name, value).unwrap_err().to_string();
            assert!(error.starts_with(&format!("{name} is {value:?}")), "{error}");
        }
    }
}
