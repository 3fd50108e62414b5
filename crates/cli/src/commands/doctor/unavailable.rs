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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_that_was_not_made_is_a_warning_and_names_the_missing_permission() {
        let again = "Try again. If the error persists, check it in the AWS console.";
        for (code, remedy) in [
            ("AccessDeniedException", "Grant the operator sns:ListSubscriptionsByTopic."),
            ("AuthorizationError", "Grant the operator sns:ListSubscriptionsByTopic."),
            ("ThrottlingException", again),
            ("timeout", again),
        ] {
            let finding = unavailable("alarms", &AwsErrorCode::new(code), "sns:ListSubscriptionsByTopic");
            assert_eq!(finding, Finding::warning("alarms", format!("not checked ({code})"), remedy));
        }
    }
}
