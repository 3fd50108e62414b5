//! How logins go here: environment variables.

use evertoken_core::public_url;
use evertoken_core::scopes::Scopes;
use evertoken_core::variables::{self, VariableError, Variables, parse_secure_url};
use url::Url;

/// What the pages and routes need to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Where people reach the pages: `EVERTOKEN_PUBLIC_URL`.
    pub public_url: Url,
    /// What to ask people for: `EVERTOKEN_SCOPES`.
    pub scopes: Scopes,
    /// Who may start a login: `EVERTOKEN_LOGIN`.
    pub admission: Admission,
    /// Where an invite may send people afterwards: `EVERTOKEN_RETURN_URLS`, prefixes separated by commas.
    pub return_urls: Vec<Url>,
}

/// Who may start a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// Whoever holds an invite.
    Invited,
    /// Anybody.
    Open,
}

impl Settings {
    /// Reads and checks the variables.
    pub fn read(variables: &Variables) -> Result<Self, VariableError> {
        let admission = variables.parse("EVERTOKEN_LOGIN", "invited or open", |value| match value {
            "invited" => Some(Admission::Invited),
            "open" => Some(Admission::Open),
            _ => None,
        })?;
        let return_urls = variables.parse(
            "EVERTOKEN_RETURN_URLS",
            "https URLs separated by commas, as https://shop.example.com/settings (plain http on loopback only)",
            |value| value.split(',').map(|url| parse_secure_url(url.trim())).collect::<Option<Vec<Url>>>(),
        )?;
        Ok(Self {
            public_url: variables::public_url(variables)?,
            scopes: variables::scopes(variables)?,
            admission: admission.unwrap_or(Admission::Invited),
            return_urls: return_urls.unwrap_or_default(),
        })
    }

    /// What Instagram knows as the redirect URI: the same in both steps, and never taken from a request.
    pub fn redirect_uri(&self) -> Url {
        public_url::join(&self.public_url, "callback")
    }

    /// Whether an invite may send people there: below one of the configured URLs, judged on the parsed URL, so that
    /// `https://shop.example.com.evil.example` and `https://shop.example.com@evil.example` are what they are.
    pub fn may_return_to(&self, url: &Url) -> bool {
        self.return_urls.iter().any(|allowed| is_below(allowed, url))
    }
}

fn is_below(allowed: &Url, url: &Url) -> bool {
    let base = allowed.path().trim_end_matches('/');
    let below_path = url.path().strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    url.origin() == allowed.origin() && url.username().is_empty() && url.password().is_none() && below_path
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(variables: &[(&str, &str)]) -> Result<Settings, VariableError> {
        let public = ("EVERTOKEN_PUBLIC_URL", "https://login.example.com");
        let all = std::iter::once(&public).chain(variables);
        Settings::read(&all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn logins_are_for_the_invited_unless_said_otherwise() {
        let settings = settings(&[]).unwrap();
        assert_eq!(settings.admission, Admission::Invited);
        assert_eq!(settings.redirect_uri().as_str(), "https://login.example.com/callback");
    }

    #[test]
    fn a_public_url_may_have_a_path() {
        let settings = settings(&[("EVERTOKEN_PUBLIC_URL", "https://example.com/instagram/")]).unwrap();
        assert_eq!(settings.redirect_uri().as_str(), "https://example.com/instagram/callback");
    }

    #[test]
    fn bad_values_are_named() {
        for (name, value) in [
            ("EVERTOKEN_LOGIN", "anyone"),
            ("EVERTOKEN_RETURN_URLS", "shop.example.com"),
            ("EVERTOKEN_PUBLIC_URL", "http://login.example.com"),
            ("EVERTOKEN_SCOPES", "Instagram Basic"),
        ] {
            let error = settings(&[(name, value)]).unwrap_err().to_string();
            assert!(error.starts_with(&format!("{name} is {value:?}; it should hold")), "{error}");
        }
    }

    #[test]
    fn people_are_sent_only_below_what_was_configured() {
        let settings = settings(&[("EVERTOKEN_RETURN_URLS", "https://shop.example.com/settings")]).unwrap();
        let table = [
            ("https://shop.example.com/settings", true),
            ("https://shop.example.com/settings/instagram?x=1", true),
            ("https://shop.example.com/settingsevil", false),
            ("https://shop.example.com/settings/../admin", false),
            ("https://shop.example.com.evil.example/settings", false),
            ("https://shop.example.com@evil.example/settings", false),
            ("https://u@shop.example.com/settings", false),
            ("http://shop.example.com/settings", false),
            ("https://shop.example.com:8443/settings", false),
            ("javascript:alert(1)", false),
        ];
        for (url, allowed) in table {
            assert_eq!(settings.may_return_to(&url.parse().unwrap()), allowed, "{url}");
        }
    }
}
