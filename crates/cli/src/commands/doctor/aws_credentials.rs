//! Checks the operator's AWS credentials by the answer of CloudFormation.

use evertoken_core::vault::{DenialCause, OutageCause};

use super::finding::Finding;
use crate::aws::stack::Stack;
use crate::aws::stack_error::StackError;

const SUBJECT: &str = "AWS credentials";

pub(super) const ROOT_CERTIFICATES: &str = "Install the root certificates of this machine (package ca-certificates).";

pub(super) fn check(stack: &Result<Stack, StackError>) -> Finding {
    let code = match stack {
        Err(StackError::Unavailable { code, .. }) => code,
        Err(StackError::Tls(error)) => return Finding::problem(SUBJECT, error.to_string(), ROOT_CERTIFICATES),
        _ => return Finding::ok(SUBJECT, "AWS accepts them"),
    };
    let problem = |text: &str, remedy: &str| Finding::problem(SUBJECT, format!("{text} ({})", code.code()), remedy);
    match (code.denial(), code.outage()) {
        (Some(DenialCause::PermissionMissing | DenialCause::FilePermission), _) => {
            Finding::ok(SUBJECT, "AWS accepts them, but they cannot read CloudFormation stacks")
        }
        (Some(DenialCause::CredentialsRejected), _) => problem(
            "AWS rejects them",
            "Sign in again, for example with `aws sso login`; otherwise check AWS_PROFILE, AWS_ACCESS_KEY_ID and \
             AWS_SECRET_ACCESS_KEY.",
        ),
        (Some(DenialCause::NoCredentials), _) => {
            problem("not found", "Set AWS_PROFILE, or run `aws configure`; for a file vault, pass --local DIR.")
        }
        (None, OutageCause::Endpoint) => problem("not checked", "Set AWS_REGION to the region of the stack."),
        (None, _) => problem("not checked", "Check the network and AWS_REGION, and try again."),
    }
}
