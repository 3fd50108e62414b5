//! Reduces DynamoDB's errors to those of the port. They contain items.

use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use evertoken_aws::AwsErrorCode;
use evertoken_core::vault::{OutageCause, VaultError};

/// A write changed nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum WriteError {
    /// The conditions of the changes at these positions failed.
    Condition(Vec<usize>),
    /// Any other error.
    Vault(VaultError),
}

impl WriteError {
    /// Whether the condition of the change at this position failed.
    pub(super) fn failed_at(&self, position: usize) -> bool {
        matches!(self, Self::Condition(positions) if positions.contains(&position))
    }
}

impl From<WriteError> for VaultError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Condition(_) => Self::Conflict,
            WriteError::Vault(error) => error,
        }
    }
}

/// The error of a request without a condition.
pub(super) fn of_request<E: ProvideErrorMetadata>(table: &str, error: SdkError<E, HttpResponse>) -> VaultError {
    let code = AwsErrorCode::from(error);
    if code.is_not_found() {
        return unavailable(OutageCause::Other, format!("DynamoDB table {table} not found"));
    }
    code.into()
}

/// The error of a change of one item.
///
/// `TransactionConflictException` means that a transaction was changing the item (AWS, DynamoDB, "Transaction conflict handling
/// in DynamoDB"). The SDK does not retry it.
pub(super) fn of_change<E: ProvideErrorMetadata>(table: &str, error: SdkError<E, HttpResponse>) -> WriteError {
    match error.code() {
        Some("ConditionalCheckFailedException") => WriteError::Condition(vec![0]),
        Some("TransactionConflictException") => WriteError::Vault(VaultError::Conflict),
        _ => WriteError::Vault(of_request(table, error)),
    }
}

/// The error of a transaction. The SDK does not retry a canceled one.
pub(super) fn of_transaction(table: &str, error: SdkError<TransactWriteItemsError, HttpResponse>) -> WriteError {
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(canceled)) => {
            let reasons = canceled.cancellation_reasons().iter();
            cancellation(&reasons.map(|reason| reason.code().unwrap_or(NO_REASON)).collect::<Vec<_>>())
        }
        _ => WriteError::Vault(of_request(table, error)),
    }
}

/// The change at this position is not the reason.
const NO_REASON: &str = "None";

/// A failed condition is certain, so it precedes a conflict with another transaction, which is temporary (AWS,
/// `TransactWriteItems`, "`TransactionCanceledException`").
fn cancellation(reasons: &[&str]) -> WriteError {
    let has_failed = |(at, reason): (usize, &&str)| (*reason == "ConditionalCheckFailed").then_some(at);
    let failed: Vec<usize> = reasons.iter().enumerate().filter_map(has_failed).collect();
    if !failed.is_empty() {
        return WriteError::Condition(failed);
    }
    if reasons.contains(&"TransactionConflict") {
        return WriteError::Vault(VaultError::Conflict);
    }
    let code = reasons.iter().copied().find(|reason| *reason != NO_REASON).unwrap_or("TransactionCanceledException");
    let cause = match code {
        "ProvisionedThroughputExceeded" | "ThrottlingError" => OutageCause::Throttled,
        _ => OutageCause::Other,
    };
    WriteError::Vault(unavailable(cause, code))
}

pub(super) fn unavailable(cause: OutageCause, code: impl Into<String>) -> VaultError {
    VaultError::Unavailable { cause, code: code.into() }
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::error::ErrorMetadata;
    use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
    use aws_sdk_dynamodb::types::CancellationReason;
    use aws_sdk_dynamodb::types::error::TransactionCanceledException;
    use aws_smithy_types::body::SdkBody;
    use evertoken_core::vault::DenialCause;

    use super::*;

    fn of_update(code: &str) -> WriteError {
        let error = UpdateItemError::generic(ErrorMetadata::builder().code(code).message("IGAA-in-a-response").build());
        of_change("evertoken-index", SdkError::service_error(error, response()))
    }

    fn response() -> HttpResponse {
        HttpResponse::new(400.try_into().unwrap(), SdkBody::empty())
    }

    fn throttled(code: &str) -> WriteError {
        WriteError::Vault(unavailable(OutageCause::Throttled, code))
    }

    #[test]
    fn errors_of_a_change_are_those_of_the_port() {
        assert_eq!(of_update("ConditionalCheckFailedException"), WriteError::Condition(vec![0]));
        assert_eq!(of_update("TransactionConflictException"), WriteError::Vault(VaultError::Conflict));
        for code in ["ThrottlingException", "ProvisionedThroughputExceededException", "RequestLimitExceeded"] {
            assert_eq!(of_update(code), throttled(code));
        }
        let denied =
            VaultError::Denied { cause: DenialCause::PermissionMissing, code: "AccessDeniedException".to_owned() };
        assert_eq!(of_update("AccessDeniedException"), WriteError::Vault(denied));
    }

    #[test]
    fn a_missing_table_is_named() {
        let error = VaultError::from(of_update("ResourceNotFoundException"));
        assert_eq!(error.to_string(), "the vault is unavailable (DynamoDB table evertoken-index not found)");
    }

    #[test]
    fn a_canceled_transaction_has_one_cause() {
        assert_eq!(cancellation(&["None", "ConditionalCheckFailed", "None"]), WriteError::Condition(vec![1]));
        let failed = cancellation(&["TransactionConflict", "ConditionalCheckFailed", "ConditionalCheckFailed"]);
        assert_eq!(failed, WriteError::Condition(vec![1, 2]));
        assert!(failed.failed_at(2) && !failed.failed_at(0));
        assert_eq!(cancellation(&["None", "TransactionConflict"]), WriteError::Vault(VaultError::Conflict));
        for code in ["ThrottlingError", "ProvisionedThroughputExceeded"] {
            assert_eq!(cancellation(&["None", code]), throttled(code));
        }
        let other = |code| WriteError::Vault(unavailable(OutageCause::Other, code));
        assert_eq!(cancellation(&["ValidationError", "None"]), other("ValidationError"));
        assert_eq!(cancellation(&[]), other("TransactionCanceledException"));
    }

    #[test]
    fn the_reasons_of_a_canceled_transaction_are_read_in_order() {
        let reason = |code: Option<&str>| CancellationReason::builder().set_code(code.map(str::to_owned)).build();
        let canceled = TransactionCanceledException::builder()
            .cancellation_reasons(reason(None))
            .cancellation_reasons(reason(Some("ConditionalCheckFailed")))
            .build();
        let error = TransactWriteItemsError::TransactionCanceledException(canceled);
        let error = of_transaction("evertoken-index", SdkError::service_error(error, response()));
        assert_eq!(error, WriteError::Condition(vec![1]));
    }
}
