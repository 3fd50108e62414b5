//! Checks whether AWS can be used from this machine, and the credentials by the answer of CloudFormation.

use evertoken_core::vault::{DenialCause, OutageCause};

use super::finding::Finding;
use crate::aws::aws_error::AwsError;
use crate::aws::stack::Stack;
use crate::aws::stack_error::StackError;
use crate::error::CliError;
use crate::vault::vault_option::VaultOption;

const SUBJECT: &str = "AWS credentials";

/// The finding for an error before the first request.
pub(super) fn not_connected(error: AwsError, vault: &VaultOption) -> Finding {
    let subject = match error {
        AwsError::Tls(_) => "TLS",
        AwsError::NoRegion => "AWS region",
        AwsError::NoCredentials | AwsError::UnknownProfile(_) | AwsError::BrokenCredentials { .. } => SUBJECT,
    };
    Finding::failure(subject, &CliError::Aws(error), vault)
}

pub(super) fn check(stack: &Result<Stack, StackError>, vault: &VaultOption) -> Finding {
    let code = match stack {
        Err(StackError::Unavailable { code, .. }) => code,
        Err(StackError::Aws(error)) => return not_connected(error.clone(), vault),
        _ => return Finding::ok(SUBJECT, "AWS accepts them"),
    };
    let problem = |text: &str, remedy: &str| Finding::problem(SUBJECT, format!("{text} ({})", code.code()), remedy);
    match (code.denial(), code.outage()) {
        (Some(DenialCause::PermissionMissing | DenialCause::FilePermission | DenialCause::UnsafeFile), _) => {
            Finding::ok(SUBJECT, "AWS accepts them, but they cannot read CloudFormation stacks")
        }
        (Some(DenialCause::CredentialsRejected | DenialCause::NoCredentials), _) => problem(
            "AWS rejects them",
            "Sign in again, for example with `aws sso login`; otherwise check AWS_PROFILE, AWS_ACCESS_KEY_ID and \
             AWS_SECRET_ACCESS_KEY.",
        ),
        (None, OutageCause::Endpoint) => problem("not checked", "Set AWS_REGION to the region of the stack."),
        (None, _) => problem("not checked", "Check the network and AWS_REGION, and try again."),
    }
}
