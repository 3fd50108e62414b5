//! Reduces an SDK error to its error code.
//!
//! An `SdkError` contains the whole HTTP response and sometimes the request, and its `Debug` output shows them.

use std::error::Error as _;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_secretsmanager::config::http::HttpResponse;
use aws_sdk_secretsmanager::error::{ConnectorError, ProvideErrorMetadata, SdkError};
use evertoken_core::vault::{DenialCause, OutageCause, VaultError};

/// AWS's error code such as `ThrottlingException`, or a code of our own if there was no response (`timeout`).
///
/// Converts from the error of any operation of any AWS service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwsErrorCode(String);

/// No response arrived in time.
const TIMEOUT: &str = "timeout";

/// The connection could not be made or was interrupted.
const CONNECTION: &str = "connection";

/// The SDK found no credentials.
const NO_CREDENTIALS: &str = "no AWS credentials";

/// The SDK knows where the credentials are, and could not load or renew them.
const UNUSABLE_CREDENTIALS: &str = "AWS credentials not loaded";

/// The SDK could not determine the URL of the request.
const NO_ENDPOINT: &str = "no AWS region or invalid endpoint";

impl AwsErrorCode {
    /// An AWS error code.
    pub fn new(code: impl Into<String>) -> Self {
        Self(code.into())
    }

    /// The error code as text.
    pub fn code(&self) -> &str {
        &self.0
    }

    /// Converts it to the error code's text.
    pub fn into_code(self) -> String {
        self.0
    }

    /// Whether the secret does not exist or has no such version.
    pub fn is_not_found(&self) -> bool {
        self.0 == "ResourceNotFoundException"
    }

    /// Whether the request is invalid in the secret's state. If the secret exists, it is scheduled for deletion (AWS,
    /// `GetSecretValue`, "Errors").
    pub fn is_invalid_request(&self) -> bool {
        self.0 == "InvalidRequestException"
    }

    /// Whether the secret exists, or the version with the request's token exists and has another value.
    pub fn already_exists(&self) -> bool {
        self.0 == "ResourceExistsException"
    }

    /// Whether the secret does not exist or is scheduled for deletion.
    pub fn is_absent(&self) -> bool {
        self.is_not_found() || self.is_invalid_request()
    }

    /// Why access was denied, or `None` if it was not.
    ///
    /// Sources: AWS, "Common Error Types" of the services called here; Secrets Manager, `GetSecretValue`, "Errors"; SNS,
    /// "Errors". The codes of the query protocol (CloudFormation) have no suffix `Exception`.
    pub fn denial(&self) -> Option<DenialCause> {
        Some(match self.0.as_str() {
            NO_CREDENTIALS => DenialCause::NoCredentials,
            UNUSABLE_CREDENTIALS
            | "ExpiredToken"
            | "ExpiredTokenException"
            | "IncompleteSignature"
            | "IncompleteSignatureException"
            | "InvalidClientTokenId"
            | "InvalidSignatureException"
            | "MissingAuthenticationToken"
            | "MissingAuthenticationTokenException"
            // Signed too long ago, or the clock is wrong.
            | "RequestExpired"
            | "SignatureDoesNotMatch"
            | "UnrecognizedClientException" => DenialCause::CredentialsRejected,
            "AccessDenied"
            | "AccessDeniedException"
            | "AuthorizationError"
            // The secret's KMS key is disabled, or its use is not permitted.
            | "DecryptionFailure"
            | "EncryptionFailure"
            | "NotAuthorized"
            | "OptInRequired" => DenialCause::PermissionMissing,
            _ => return None,
        })
    }

    /// Why the service is unavailable, if access was not denied.
    ///
    /// Sources as for [`denial`](Self::denial). The throttling codes are a subset of the SDK's own, which counts
    /// `LimitExceededException` among them (`aws_runtime::retries::classifiers`).
    pub fn outage(&self) -> OutageCause {
        match self.0.as_str() {
            // `RequestTimeout` and its variant: AWS did not receive the whole request in time.
            TIMEOUT | CONNECTION | "RequestTimeout" | "RequestTimeoutException" => OutageCause::Network,
            NO_ENDPOINT => OutageCause::Endpoint,
            "LimitExceededException"
            // DynamoDB. A table on demand returns it for more than twice the highest earlier traffic (AWS, "DynamoDB on-demand
            // capacity mode").
            | "ProvisionedThroughputExceededException"
            | "RequestLimitExceeded"
            | "RequestThrottled"
            | "RequestThrottledException"
            | "Throttled"
            | "ThrottledException"
            | "Throttling"
            | "ThrottlingException"
            | "TooManyRequestsException" => OutageCause::Throttled,
            _ => OutageCause::Other,
        }
    }

    /// Whether credentials or a permission are missing.
    pub fn is_denied(&self) -> bool {
        self.denial().is_some()
    }
}

impl<E: ProvideErrorMetadata> From<SdkError<E, HttpResponse>> for AwsErrorCode {
    fn from(error: SdkError<E, HttpResponse>) -> Self {
        let status = || error.raw_response().map_or(0, |response| response.status().as_u16());
        Self(match &error {
            SdkError::ServiceError(response) => match response.err().code() {
                Some(code) => code.to_owned(),
                // Not a response of AWS: an error page of a proxy, for example.
                None => format!("http {}", status()),
            },
            SdkError::ResponseError(_) => format!("http {}", status()),
            SdkError::TimeoutError(_) => TIMEOUT.to_owned(),
            SdkError::DispatchFailure(failure) if failure.is_timeout() => TIMEOUT.to_owned(),
            SdkError::DispatchFailure(failure) if failure.is_io() => CONNECTION.to_owned(),
            // Nothing was sent.
            SdkError::DispatchFailure(failure) => {
                failure.as_connector_error().and_then(credentials_problem).unwrap_or(NO_ENDPOINT).to_owned()
            }
            _ => NO_ENDPOINT.to_owned(),
        })
    }
}

fn credentials_problem(error: &ConnectorError) -> Option<&'static str> {
    error.source()?.downcast_ref().map(|error| match error {
        CredentialsError::CredentialsNotLoaded(_) => NO_CREDENTIALS,
        _ => UNUSABLE_CREDENTIALS,
    })
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
    fn distinguishes_denied_access_from_an_outage() {
        let denied = |code: &str| matches!(VaultError::from(AwsErrorCode::new(code)), VaultError::Denied { .. });
        assert!(denied("AccessDeniedException"));
        assert!(denied("DecryptionFailure"));
        assert!(denied(NO_CREDENTIALS));
        assert!(!denied("ThrottlingException"));
        assert!(!denied("timeout"));
    }

    /// AWS, "Common Error Types" of Secrets Manager, the older list of the query protocol, and DynamoDB, "Error handling".
    #[test]
    fn classifies_the_errors_that_are_common_to_all_services() {
        for (code, cause) in [
            ("AccessDenied", DenialCause::PermissionMissing),
            ("AccessDeniedException", DenialCause::PermissionMissing),
            ("AuthorizationError", DenialCause::PermissionMissing),
            ("ExpiredToken", DenialCause::CredentialsRejected),
            ("ExpiredTokenException", DenialCause::CredentialsRejected),
            ("IncompleteSignature", DenialCause::CredentialsRejected),
            ("InvalidClientTokenId", DenialCause::CredentialsRejected),
            ("InvalidSignatureException", DenialCause::CredentialsRejected),
            ("MissingAuthenticationToken", DenialCause::CredentialsRejected),
            ("NotAuthorized", DenialCause::PermissionMissing),
            ("OptInRequired", DenialCause::PermissionMissing),
            ("RequestExpired", DenialCause::CredentialsRejected),
            ("SignatureDoesNotMatch", DenialCause::CredentialsRejected),
            ("UnrecognizedClientException", DenialCause::CredentialsRejected),
        ] {
            assert_eq!(AwsErrorCode::new(code).denial(), Some(cause), "{code}");
        }
        for (code, cause) in [
            ("InternalFailure", OutageCause::Other),
            ("MalformedHttpRequestException", OutageCause::Other),
            ("ProvisionedThroughputExceededException", OutageCause::Throttled),
            ("RequestAbortedException", OutageCause::Other),
            ("RequestEntityTooLargeException", OutageCause::Other),
            ("RequestTimeoutException", OutageCause::Network),
            ("ServiceUnavailable", OutageCause::Other),
            ("Throttling", OutageCause::Throttled),
            ("ThrottlingException", OutageCause::Throttled),
            ("TooManyRequestsException", OutageCause::Throttled),
            ("UnknownOperationException", OutageCause::Other),
            ("ValidationError", OutageCause::Other),
        ] {
            let code = AwsErrorCode::new(code);
            assert_eq!((code.denial(), code.outage()), (None, cause), "{code:?}");
        }
    }

    #[test]
    fn each_code_says_one_thing_about_the_secret() {
        let says = |code: &AwsErrorCode| {
            (code.is_not_found(), code.is_invalid_request(), code.already_exists(), code.is_absent(), code.is_denied())
        };
        for (code, expected) in [
            ("ResourceNotFoundException", (true, false, false, true, false)),
            ("InvalidRequestException", (false, true, false, true, false)),
            ("ResourceExistsException", (false, false, true, false, false)),
            ("AccessDeniedException", (false, false, false, false, true)),
            ("ThrottlingException", (false, false, false, false, false)),
        ] {
            let error = AwsErrorCode::new(code);
            assert_eq!((error.code(), says(&error)), (code, expected));
        }
    }

    #[test]
    fn codes_of_our_own_name_the_cause_of_the_outage() {
        for (code, cause) in
            [(TIMEOUT, OutageCause::Network), (CONNECTION, OutageCause::Network), (NO_ENDPOINT, OutageCause::Endpoint)]
        {
            assert_eq!(AwsErrorCode::new(code).outage(), cause, "{code}");
        }
    }

    #[test]
    fn an_error_without_a_response_has_a_code_of_our_own() {
        use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError;
        let code = |error: SdkError<GetSecretValueError, HttpResponse>| AwsErrorCode::from(error).into_code();
        let other = |source| SdkError::dispatch_failure(ConnectorError::other(source, None));
        assert_eq!(code(SdkError::timeout_error("IGAA-in-a-response")), "timeout");
        assert_eq!(code(SdkError::dispatch_failure(ConnectorError::io("IGAA-in-a-request".into()))), "connection");
        assert_eq!(code(other(CredentialsError::not_loaded("IGAA").into())), NO_CREDENTIALS);
        assert_eq!(code(other(CredentialsError::provider_error("IGAA").into())), UNUSABLE_CREDENTIALS);
        assert_eq!(code(other("IGAA-in-a-request".into())), NO_ENDPOINT);
    }
}
