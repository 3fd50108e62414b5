//! Where the SDK looks for AWS credentials, so that an error can name the place and how to sign in there.
//!
//! Source: AWS SDKs and Tools Reference Guide, "Understand the credential provider chain".

use std::fmt;

use aws_config::profile::{self, Profile, ProfileSet};
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_types::os_shim_internal::{Env, Fs};

/// Longer than any sensible chain of `source_profile`, which may contain a loop.
const MAX_CHAIN: usize = 10;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CredentialSource {
    /// The profile with this name, in `~/.aws/config` or `~/.aws/credentials`.
    Profile { name: String, sign_in: SignIn },
    /// `AWS_PROFILE` names a profile that does not exist.
    UnknownProfile(String),
    /// `AWS_WEB_IDENTITY_TOKEN_FILE`, as set in Kubernetes and in CI systems.
    WebIdentity,
    /// The role of the container or instance.
    Machine,
}

/// How to renew a profile's credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SignIn {
    /// `aws sso login`, for the profile with this name.
    IdentityCenter(String),
    /// `aws login`, for the profile with this name.
    Console(String),
    /// The profile's `credential_process`.
    Process,
    /// Access keys or a role.
    Other,
}

impl fmt::Display for CredentialSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Profile { name, .. } | Self::UnknownProfile(name) => write!(f, "the profile {name}"),
            Self::WebIdentity => f.write_str("the web identity in AWS_WEB_IDENTITY_TOKEN_FILE"),
            Self::Machine => f.write_str("this machine's role"),
        }
    }
}

impl CredentialSource {
    /// The source that the SDK used last, if the environment variables contain no access key.
    pub(crate) async fn of_process() -> Self {
        let (env, fs) = (Env::real(), Fs::real());
        let is_set = |name: &str| env.get(name).is_ok_and(|value| !value.is_empty());
        let named = env.get("AWS_PROFILE").ok().filter(|name| !name.is_empty());
        let Ok(profiles) = profile::load(&fs, &env, &EnvConfigFiles::default(), None).await else {
            // The SDK does not look further if it cannot parse the files.
            let name = named.unwrap_or_else(|| "default".to_owned());
            return Self::Profile { name, sign_in: SignIn::Other };
        };
        match (profiles.get_profile(profiles.selected_profile()), named) {
            (None, Some(name)) => Self::UnknownProfile(name),
            (Some(profile), _) if has_credentials(profile) => {
                Self::Profile { name: profile.name().to_owned(), sign_in: SignIn::of(&profiles, profile) }
            }
            _ if is_set("AWS_WEB_IDENTITY_TOKEN_FILE") => Self::WebIdentity,
            _ => Self::Machine,
        }
    }
}

/// Whether a profile configures credentials, and not only a region for example.
fn has_credentials(profile: &Profile) -> bool {
    [
        "aws_access_key_id",
        "aws_secret_access_key",
        "credential_process",
        "login_session",
        "role_arn",
        "sso_account_id",
        "sso_session",
        "sso_start_url",
    ]
    .iter()
    .any(|key| profile.get(key).is_some())
}

impl SignIn {
    /// The sign-in of a profile, or of the profile that it takes its credentials from.
    fn of(profiles: &ProfileSet, profile: &Profile) -> Self {
        let chain =
            std::iter::successors(Some(profile), |profile| profiles.get_profile(profile.get("source_profile")?));
        for profile in chain.take(MAX_CHAIN) {
            let has = |key| profile.get(key).is_some();
            if has("sso_session") || has("sso_start_url") {
                return Self::IdentityCenter(profile.name().to_owned());
            }
            if has("login_session") {
                return Self::Console(profile.name().to_owned());
            }
            if has("credential_process") {
                return Self::Process;
            }
        }
        Self::Other
    }
}
