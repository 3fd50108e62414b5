//! The settings of the pages and routes, read from environment variables.

use evertoken_core::document::ProviderName;
use evertoken_core::login::TimeLimits;
use evertoken_core::public_url;
use evertoken_core::scopes::Scopes;
use evertoken_core::variables::{self, VariableError, Variables};
use url::Url;

use crate::brand::Brand;
use crate::return_urls::{may_return_to, read_return_urls};

/// The settings of the pages and routes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The public base URL: `EVERTOKEN_PUBLIC_URL`.
    pub public_url: Url,
    /// The permissions to ask for with Instagram Login: `EVERTOKEN_SCOPES`.
    pub scopes: Scopes,
    /// The permissions to ask for with Facebook Login: `EVERTOKEN_FACEBOOK_SCOPES`.
    pub facebook_scopes: Scopes,
    /// Who may start a login: `EVERTOKEN_LOGIN`.
    pub login_mode: LoginMode,
    /// Where a link may send people after the login: `EVERTOKEN_RETURN_URLS`, prefixes separated by commas.
    pub return_urls: Vec<Url>,
    /// Who the pages speak for.
    pub brand: Brand,
    /// How long a login may take.
    pub time_limits: TimeLimits,
}

/// Who may start a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginMode {
    /// Only people with an invite: `invited`.
    InviteOnly,
    /// Anyone: `open`.
    Open,
}

impl Settings {
    /// Reads and checks the variables.
    pub fn read(variables: &Variables) -> Result<Self, VariableError> {
        let login_mode = variables.parse("EVERTOKEN_LOGIN", "invited or open", |value| match value {
            "invited" => Some(LoginMode::InviteOnly),
            "open" => Some(LoginMode::Open),
            _ => None,
        })?;
        Ok(Self {
            public_url: variables::public_url(variables)?,
            scopes: variables::scopes(variables)?,
            facebook_scopes: variables::facebook_scopes(variables)?,
            login_mode: login_mode.unwrap_or(LoginMode::InviteOnly),
            return_urls: read_return_urls(variables)?.unwrap_or_default(),
            brand: Brand::read(variables)?,
            time_limits: TimeLimits::default(),
        })
    }

    /// The OAuth redirect URI. Both steps of a login send the same one, and it never depends on a request.
    pub fn redirect_uri(&self) -> Url {
        public_url::join(&self.public_url, "callback")
    }

    /// The permissions to ask for with this login.
    pub fn scopes_of(&self, provider: ProviderName) -> &Scopes {
        match provider {
            ProviderName::Instagram => &self.scopes,
            ProviderName::Facebook => &self.facebook_scopes,
        }
    }

    /// Whether a link may send people to this URL: it must be below one of the configured URLs.
    pub fn may_return_to(&self, url: &Url) -> bool {
        may_return_to(&self.return_urls, url)
    }
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
    fn logins_require_an_invite_by_default() {
        let settings = settings(&[]).unwrap();
        assert_eq!(settings.login_mode, LoginMode::InviteOnly);
        assert_eq!(settings.redirect_uri().as_str(), "https://login.example.com/callback");
    }

    #[test]
    fn the_login_mode_is_a_setting() {
        for (value, mode) in [("invited", LoginMode::InviteOnly), ("open", LoginMode::Open)] {
            assert_eq!(settings(&[("EVERTOKEN_LOGIN", value)]).unwrap().login_mode, mode);
        }
    }

    #[test]
    fn a_public_url_may_have_a_path() {
        let settings = settings(&[("EVERTOKEN_PUBLIC_URL", "https://example.com/instagram/")]).unwrap();
        assert_eq!(settings.redirect_uri().as_str(), "https://example.com/instagram/callback");
    }

    #[test]
    fn the_scopes_of_facebook_depend_on_its_settings() {
        let scopes = |more: &[(&str, &str)]| {
            settings(&[&[("EVERTOKEN_PROVIDER", "both")], more].concat()).map(|it| it.facebook_scopes.to_string())
        };
        let usual = "instagram_basic,pages_show_list,pages_read_engagement,business_management";
        assert_eq!(scopes(&[]).unwrap(), usual);
        assert_eq!(scopes(&[("EVERTOKEN_FACEBOOK_CONFIG_ID", "1")]).unwrap(), "instagram_basic,pages_show_list");
        assert_eq!(scopes(&[("EVERTOKEN_FACEBOOK_SCOPES", "instagram_basic")]).unwrap(), "instagram_basic");
        let error = scopes(&[("EVERTOKEN_FACEBOOK_SCOPES", "pages.show")]).unwrap_err().to_string();
        assert!(error.starts_with("EVERTOKEN_FACEBOOK_SCOPES is"), "{error}");
        assert!(settings(&[]).unwrap().facebook_scopes.is_empty());
    }

    #[test]
    fn an_error_names_the_variable_and_its_value() {
        for (name, value) in [
            ("EVERTOKEN_LOGIN", "anyone"),
            ("EVERTOKEN_RETURN_URLS", "shop.example.com"),
            ("EVERTOKEN_PUBLIC_URL", "http://login.example.com"),
            ("EVERTOKEN_SCOPES", "Instagram Basic"),
        ] {
            let error = settings(&[(name, value)]).unwrap_err().to_string();
            assert!(error.starts_with(&format!("{name} is {value:?}; expected")), "{error}");
        }
    }
}
