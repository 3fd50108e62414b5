//! Why AWS cannot be used from this machine.

use evertoken_https::TlsError;

use super::credential_source::CredentialSource;

#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum AwsError {
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error("no AWS region is set")]
    NoRegion,
    #[error("no AWS credentials were found")]
    NoCredentials,
    #[error("there is no AWS profile {0}")]
    UnknownProfile(String),
    /// Credentials are configured, but could not be loaded.
    #[error("cannot load the AWS credentials of {from}: {cause}")]
    BrokenCredentials { from: CredentialSource, cause: String },
}
