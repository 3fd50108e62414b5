//! The finding for a check that AWS did not allow or answer.

use evertoken_aws::AwsErrorCode;

use super::finding::Finding;

pub(super) fn unavailable(subject: &str, error: &AwsErrorCode, permission: &str) -> Finding {
    let remedy = if error.is_denied() {
        format!("Grant the operator {permission}.")
    } else {
        "Try again. If the error persists, check it in the AWS console.".to_owned()
    };
    Finding::warning(subject, format!("not checked ({})", error.code()), remedy)
}
