//! `settings.json` in the folder of a file vault: what `evertoken setup` learned about the service. Contains no secret.

use std::path::{Path, PathBuf};

use evertoken_callback::Brand;
use evertoken_core::scopes::Scopes;
use evertoken_core::variables::{Variables, parse_secure_url};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::credentials::key_file;
use crate::credentials::offered_logins::{OfferedLogins, PROVIDER};
use crate::error::{CliError, Result};

/// The configuration of Facebook Login for Business.
pub(crate) const CONFIG_ID: &str = "EVERTOKEN_FACEBOOK_CONFIG_ID";

/// Whether a text can be the ID of a configuration, or says that there is none.
pub(crate) fn is_config_id(text: &str) -> bool {
    text.len() <= 32 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Variables take precedence over these settings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ServiceSettings {
    /// The public base URL: `EVERTOKEN_PUBLIC_URL`.
    pub(crate) public_url: Option<Url>,
    /// `EVERTOKEN_SCOPES`.
    pub(crate) scopes: Option<Scopes>,
    /// The operator's name on the pages: `EVERTOKEN_BRAND_NAME`. Empty for none.
    pub(crate) name: Option<String>,
    /// The logins that people can use: `EVERTOKEN_PROVIDER`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) provider: Option<OfferedLogins>,
    /// The configuration of Facebook Login for Business: `EVERTOKEN_FACEBOOK_CONFIG_ID`. Empty for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) facebook_config_id: Option<String>,
}

impl ServiceSettings {
    fn path(dir: &Path) -> PathBuf {
        dir.join("settings.json")
    }

    /// The settings of a folder. Empty if there are none.
    pub(crate) fn read(dir: &Path) -> Result<Self> {
        let path = Self::path(dir);
        let Some(text) = key_file::read(&path)? else { return Ok(Self::default()) };
        Self::parse(text.expose_secret()).map_err(|reason| CliError::SettingsFile { path, reason })
    }

    fn parse(text: &str) -> Result<Self, &'static str> {
        let settings: Self = serde_json::from_str(text).map_err(
            |_| "expected a JSON object with public_url, scopes (a list), name, provider and facebook_config_id",
        )?;
        if settings.public_url.as_ref().is_some_and(|url| parse_secure_url(url.as_str()).is_none()) {
            return Err("public_url must be an https URL without query (plain http on loopback only)");
        }
        let are_scopes = |scopes: &Scopes| scopes.to_string().parse::<Scopes>().is_ok_and(|parsed| parsed == *scopes);
        if settings.scopes.as_ref().is_some_and(|scopes| !are_scopes(scopes)) {
            return Err("scopes must be lower-case words with underscores");
        }
        if settings.name.as_ref().is_some_and(|name| !Brand::is_name(name)) {
            return Err("name must have at most 60 visible characters");
        }
        if settings.facebook_config_id.as_ref().is_some_and(|id| !is_config_id(id)) {
            return Err("facebook_config_id must have digits only");
        }
        Ok(settings)
    }

    pub(crate) fn write(&self, dir: &Path) -> Result<()> {
        key_file::write(&Self::path(dir), &serde_json::to_vec_pretty(self)?)
    }

    /// The variables, with these settings where a variable is not set.
    pub(crate) fn fill(&self, variables: Variables) -> Variables {
        let public_url = self.public_url.as_ref().map(|url| url.as_str().trim_end_matches('/')).unwrap_or_default();
        let scopes = self.scopes.as_ref().map(ToString::to_string).unwrap_or_default();
        variables
            .or("EVERTOKEN_PUBLIC_URL", public_url)
            .or("EVERTOKEN_SCOPES", &scopes)
            .or("EVERTOKEN_BRAND_NAME", self.name.as_deref().unwrap_or_default())
            .or(PROVIDER, self.provider.map_or("", OfferedLogins::as_str))
            .or(CONFIG_ID, self.facebook_config_id.as_deref().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_variables_that_are_not_set() {
        let text =
            r#"{"public_url": "https://connect.example.com/", "scopes": ["instagram_business_basic"], "name": "Café"}"#;
        let settings = ServiceSettings::parse(text).unwrap();
        let variables = settings.fill(Variables::default().or("EVERTOKEN_SCOPES", "other"));
        assert_eq!(variables.get("EVERTOKEN_PUBLIC_URL"), Some("https://connect.example.com"));
        assert_eq!(variables.get("EVERTOKEN_SCOPES"), Some("other"));
        assert_eq!(variables.get("EVERTOKEN_BRAND_NAME"), Some("Café"));
        let text = r#"{"provider": "both", "facebook_config_id": "1122334455667788"}"#;
        let variables = ServiceSettings::parse(text).unwrap().fill(Variables::default());
        assert_eq!(variables.get("EVERTOKEN_PROVIDER"), Some("both"));
        assert_eq!(variables.get("EVERTOKEN_FACEBOOK_CONFIG_ID"), Some("1122334455667788"));
        assert_eq!(ServiceSettings::parse("{}").unwrap().fill(Variables::default()).get("EVERTOKEN_SCOPES"), None);
    }

    #[test]
    fn an_error_names_the_key() {
        for (text, expected) in [
            ("", "expected a JSON object"),
            ("[1]", "expected a JSON object"),
            (r#"{"scopes": "a"}"#, "expected a JSON object"),
            (r#"{"public_url": "http://shop.example"}"#, "public_url"),
            (r#"{"public_url": "https://shop.example/?next=https://evil.example"}"#, "public_url"),
            (r#"{"scopes": ["a&client_id=1"]}"#, "scopes"),
            (r#"{"scopes": ["a,b"]}"#, "scopes"),
            (r#"{"name": "a\u001b[2J"}"#, "name"),
            (r#"{"provider": "google"}"#, "expected a JSON object"),
            (r#"{"facebook_config_id": "1&scope=a"}"#, "facebook_config_id"),
            (r#"{"name": "\u202egnp.exe"}"#, "name"),
        ] {
            let error = ServiceSettings::parse(text).unwrap_err();
            assert!(error.starts_with(expected), "{text}: {error}");
        }
        assert!(ServiceSettings::parse(&format!(r#"{{"name": "{}"}}"#, "a".repeat(61))).is_err());
    }
}
