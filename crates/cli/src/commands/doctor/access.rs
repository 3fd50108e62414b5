//! The operator's AWS credentials, by what CloudFormation made of them.

use super::finding::Finding;
use crate::aws::stack::{Stack, StackError};

const SUBJECT: &str = "AWS credentials";

/// Whether AWS takes them. A problem here is all that can be seen.
pub(super) fn check(stack: &Result<Stack, StackError>) -> Finding {
    let code = match stack {
        Err(StackError::Unavailable { code, .. }) => code.as_str(),
        Err(StackError::Tls(error)) => {
            return Finding::problem(SUBJECT, error.to_string(), "Install the machine's root certificates.");
        }
        _ => return Finding::ok(SUBJECT, "AWS accepts them"),
    };
    let problem = |text: &str, remedy: &str| Finding::problem(SUBJECT, format!("{text} ({code})"), remedy);
    match code {
        "AccessDenied" | "AccessDeniedException" => {
            Finding::ok(SUBJECT, "AWS accepts them, and they may not ask CloudFormation")
        }
        "ExpiredToken" | "ExpiredTokenException" => {
            problem("they have expired", "Log in again, with `aws sso login` for example.")
        }
        "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "SignatureDoesNotMatch"
        | "InvalidSignatureException" => {
            problem("AWS refuses them", "Check AWS_PROFILE, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.")
        }
        code if code.starts_with("no AWS credentials") => problem(
            "none were found",
            "Set AWS_PROFILE, or run `aws configure`; for a vault of files give --local DIR.",
        ),
        code if code.starts_with("no AWS region") => {
            problem("AWS could not be asked", "Set AWS_REGION to the stack's region.")
        }
        _ => problem("AWS could not be asked", "Check the network and AWS_REGION, and run this again."),
    }
}
