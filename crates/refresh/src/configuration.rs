//! The function's configuration, read from environment variables and validated before anything else happens.

use evertoken_aws::bus_name;
use evertoken_aws::secret_names::{app_secret, optional_signing_secret};
use evertoken_aws::settings::VaultSettings;
use evertoken_core::policy::Policy;
use evertoken_core::refresh::Limits;
use evertoken_core::variables::{self, VariableError, Variables};
use evertoken_instagram::LoginSettings;
use url::Url;

pub(crate) struct Configuration {
    pub(crate) vault: VaultSettings,
    pub(crate) logins: LoginSettings,
    /// The app secret, for Facebook Login only.
    pub(crate) app_secret: Option<String>,
    pub(crate) policy: Policy,
    pub(crate) limits: Limits,
    /// The event bus. Without one, no events are sent.
    pub(crate) bus: Option<String>,
    /// The public URL of the login pages, and the secret that signs invites. Without both, events contain no link.
    pub(crate) pages: Option<(Url, String)>,
    pub(crate) rotation_enabled: bool,
}

impl Configuration {
    pub(crate) fn read(variables: &Variables) -> Result<Self, VariableError> {
        let public_url = variables.get("EVERTOKEN_PUBLIC_URL").map(|_| variables::public_url(variables)).transpose()?;
        let logins = LoginSettings::read(variables)?;
        Ok(Self {
            app_secret: logins.facebook.as_ref().map(|_| app_secret(variables)).transpose()?,
            vault: VaultSettings::read(variables)?,
            logins,
            policy: variables::policy(variables)?,
            limits: variables::limits(variables)?,
            bus: bus_name(variables)?,
            pages: public_url.zip(optional_signing_secret(variables)?),
            rotation_enabled: rotation_enabled(variables)?,
        })
    }
}

fn rotation_enabled(variables: &Variables) -> Result<bool, VariableError> {
    let enabled = variables.parse("EVERTOKEN_ROTATION", "on or off", |text| match text {
        "on" => Some(true),
        "off" => Some(false),
        _ => None,
    })?;
    Ok(enabled.unwrap_or(false))
}
