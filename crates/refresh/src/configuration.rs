//! The function's configuration, read from environment variables and validated before anything else happens.

use evertoken_aws::bus_name;
use evertoken_aws::secret_names::{app_secret, optional_signing_secret};
use evertoken_aws::settings::VaultSettings;
use evertoken_core::policy::Policy;
use evertoken_core::refresh::Limits;
use evertoken_core::variables::{self, VariableError, Variables, parse_secure_url};
use evertoken_instagram::LoginSettings;
use evertoken_packed_aws::PackedLayout;
use url::Url;

pub(crate) struct Configuration {
    pub(crate) vault: VaultSettings,
    /// Many accounts in one secret, if the installation asks for it.
    pub(crate) layout: Option<PackedLayout>,
    /// The queue to the workers that share a run. Without one, the scheduled invocation does all the work.
    pub(crate) work_queue: Option<Url>,
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
        let mut limits = variables::limits(variables)?;
        // One write stores many renewals. So the vault counts the writes, and renewals may wait for each other.
        let layout = PackedLayout::read(variables)?.map(|layout| layout.limited_to(limits.writes_per_second));
        if layout.is_some() {
            limits = Limits { writes_per_second: None, waiting_for_vault: WAITING_FOR_VAULT, ..limits };
        }
        Ok(Self {
            app_secret: logins.facebook.as_ref().map(|_| app_secret(variables)).transpose()?,
            vault: VaultSettings::read(variables)?,
            work_queue: work_queue(variables, layout.as_ref())?,
            layout,
            logins,
            policy: variables::policy(variables)?,
            limits,
            bus: bus_name(variables)?,
            pages: public_url.zip(optional_signing_secret(variables)?),
            rotation_enabled: rotation_enabled(variables)?,
        })
    }
}

/// Only packs are shared among workers: each message of the queue names one.
fn work_queue(variables: &Variables, layout: Option<&PackedLayout>) -> Result<Option<Url>, VariableError> {
    let expected = "the https URL of an SQS queue (plain http on loopback only)";
    match layout {
        Some(_) => variables.parse("EVERTOKEN_WORK_QUEUE", expected, parse_secure_url),
        None => Ok(None),
    }
}

/// How many renewed tokens may wait for the write that stores them: those of two packs.
const WAITING_FOR_VAULT: usize = 256;

fn rotation_enabled(variables: &Variables) -> Result<bool, VariableError> {
    let enabled = variables.parse("EVERTOKEN_ROTATION", "on or off", |text| match text {
        "on" => Some(true),
        "off" => Some(false),
        _ => None,
    })?;
    Ok(enabled.unwrap_or(false))
}
