//! What is left of an SDK error once it leaves this crate: one code word.
//!
//! An `SdkError` holds the whole HTTP response, sometimes the request as well, and its Debug shows them.

use std::error::Error as _;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_secretsmanager::config::http::HttpResponse;
use aws_sdk_secretsmanager::error::{ConnectorError, ProvideErrorMetadata, SdkError};
use evertoken_core::vault::{DenialCause, OutageCause, VaultError};

/// AWS's error code (`ThrottlingException`), or a word for what came before an answer (`timeout`).
///
/// Made of any operation's error of any of AWS's services.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwsErrorCode(String);

/// No response arrived in time.
const TIMEOUT: &str = "timeout";

/// The connection could not be made or was interrupted.
const CONNECTION: &str = "connection";

/// The SDK found no credentials where it looks for them, or could not have them renewed.
const NO_CREDENTIALS: &str = "no AWS credentials";

/// The SDK does not know where to send a request.
const NO_ENDPOINT: &str = "no AWS region, or a wrong endpoint";

impl AwsErrorCode {
    pub(crate) fn new(code: impl Into<String>) -> Self {
        Self(code.into())
    }

    /// The code word.
    pub fn code(&self) -> &str {
        &self.0
    }

    /// The code word.
    pub(crate) fn into_code(self) -> String {
        self.0
    }

    /// There is no such secret, or it has no such version.
    pub fn is_not_found(&self) -> bool {
        self.0 == "ResourceNotFoundException"
    }

    /// For a secret that exists this means: it is marked deleted (AWS, `GetSecretValue`, "Errors").
    pub(crate) fn is_invalid_request(&self) -> bool {
        self.0 == "InvalidRequestException"
    }

    /// The secret, or the version with this id, is there and holds something else.
    pub(crate) fn is_taken(&self) -> bool {
        self.0 == "ResourceExistsException"
    }

    /// Nothing to be read: not there, or marked deleted.
    pub(crate) fn is_absent(&self) -> bool {
        self.is_not_found() || self.is_invalid_request()
    }

    /// Why access was denied, or `None` if it was not.
    pub fn denial(&self) -> Option<DenialCause> {
        Some(match self.0.as_str() {
            NO_CREDENTIALS => DenialCause::NoCredentials,
            "ExpiredToken"
            | "ExpiredTokenException"
            | "IncompleteSignature"
            | "InvalidClientTokenId"
            | "InvalidSignatureException"
            | "MissingAuthenticationToken"
            | "UnrecognizedClientException" => DenialCause::CredentialsRejected,
            // The service's own permissions, or those of the KMS key.
            "AccessDenied"
            | "AccessDeniedException"
            | "DecryptionFailure"
            | "EncryptionFailure"
            | "NotAuthorized"
            | "OptInRequired" => DenialCause::PermissionMissing,
            _ => return None,
        })
    }

    /// Why the service is unavailable, if access was not denied.
    pub fn outage(&self) -> OutageCause {
        match self.0.as_str() {
            TIMEOUT | CONNECTION => OutageCause::Network,
            NO_ENDPOINT => OutageCause::Endpoint,
            "ThrottlingException" | "Throttling" | "TooManyRequestsException" | "LimitExceededException" => {
                OutageCause::Throttled
            }
            _ => OutageCause::Other,
        }
    }

    /// Whether a permission or accepted credentials are missing.
    pub fn is_denied(&self) -> bool {
        self.denial().is_some()
    }
}

impl<E: ProvideErrorMetadata> From<SdkError<E, HttpResponse>> for AwsErrorCode {
    fn from(error: SdkError<E, HttpResponse>) -> Self {
        let status = || error.raw_response().map_or(0, |response| response.status().as_u16());
        Self(match &error {
            SdkError::ServiceError(refusal) => match refusal.err().code() {
                Some(code) => code.to_owned(),
                // A proxy's page, say.
                None => format!("http {}", status()),
            },
            SdkError::ResponseError(_) => format!("http {}", status()),
            SdkError::TimeoutError(_) => TIMEOUT.to_owned(),
            SdkError::DispatchFailure(failure) if failure.is_timeout() => TIMEOUT.to_owned(),
            SdkError::DispatchFailure(failure) if failure.is_io() => CONNECTION.to_owned(),
            // Nothing was sent.
            SdkError::DispatchFailure(failure) if failure.as_connector_error().is_some_and(lacks_credentials) => {
                NO_CREDENTIALS.to_owned()
            }
            _ => NO_ENDPOINT.to_owned(),
        })
    }
}

fn lacks_credentials(error: &ConnectorError) -> bool {
    let Some(source) = error.source() else { return false };
    source.is::<CredentialsError>()
}

impl From<AwsErrorCode> for VaultError {
    fn from(error: AwsErrorCode) -> Self {
        match error.denial() {
            Some(cause) => Self::Denied { cause, code: error.0 },
            None => Self::Unavailable { cause: error.outage(), code: error.0 },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_permission_is_told_from_a_vault_that_does_not_answer() {
        let denied = |code: &str| matches!(VaultError::from(AwsErrorCode::new(code)), VaultError::Denied { .. });
        assert!(denied("AccessDeniedException"));
        assert!(denied("DecryptionFailure"));
        assert!(denied(NO_CREDENTIALS));
        assert!(!denied("ThrottlingException"));
        assert!(!denied("timeout"));
    }

    #[test]
    fn an_error_before_the_answer_is_a_word_of_ours() {
        use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError;
        let error = |error: SdkError<GetSecretValueError, HttpResponse>| AwsErrorCode::from(error).into_code();
        let other = |source| SdkError::dispatch_failure(ConnectorError::other(source, None));
        assert_eq!(error(SdkError::timeout_error("IGAA-in-a-response")), "timeout");
        assert_eq!(error(SdkError::dispatch_failure(ConnectorError::io("IGAA-in-a-request".into()))), "connection");
        assert_eq!(error(other(CredentialsError::not_loaded("IGAA").into())), NO_CREDENTIALS);
        assert_eq!(error(other("IGAA-in-a-request".into())), NO_ENDPOINT);
    }
}
