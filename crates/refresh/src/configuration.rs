//! All that the variables say, checked before anything else happens.

use evertoken_aws::bus_name;
use evertoken_aws::settings::{VaultSettings, optional_signing_secret};
use evertoken_core::policy::Policy;
use evertoken_core::refresh::Limits;
use evertoken_core::variables::{self, VariableError, Variables};
use evertoken_instagram::Endpoints;
use url::Url;

/// What the function was set up with.
pub(crate) struct Configuration {
    pub(crate) vault: VaultSettings,
    pub(crate) endpoints: Endpoints,
    pub(crate) policy: Policy,
    pub(crate) limits: Limits,
    /// Who is told, if anybody.
    pub(crate) bus: Option<String>,
    /// Where the login pages are, and what signs invites to them. Without both, events carry no link.
    pub(crate) pages: Option<(Url, String)>,
    /// Whether Secrets Manager's rotation events are answered.
    pub(crate) answers_rotations: bool,
}

impl Configuration {
    pub(crate) fn read(variables: &Variables) -> Result<Self, VariableError> {
        let public_url = variables.get("EVERTOKEN_PUBLIC_URL").map(|_| variables::public_url(variables)).transpose()?;
        Ok(Self {
            vault: VaultSettings::read(variables)?,
            endpoints: Endpoints::read(variables)?,
            policy: variables::policy(variables)?,
            limits: variables::limits(variables)?,
            bus: bus_name(variables)?,
            answers_rotations: rotation(variables)?,
            pages: public_url.zip(optional_signing_secret(variables)?),
        })
    }
}

/// `EVERTOKEN_ROTATION`: whether "Rotate secret immediately" may be answered.
fn rotation(variables: &Variables) -> Result<bool, VariableError> {
    let answers = variables.parse("EVERTOKEN_ROTATION", "on or off", |text| match text {
        "on" => Some(true),
        "off" => Some(false),
        _ => None,
    })?;
    Ok(answers.unwrap_or(false))
}
