//! Why a stack cannot be used.

use evertoken_aws::AwsErrorCode;

use super::aws_error::AwsError;

#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum StackError {
    #[error("there is no stack {0} in this region")]
    NotFound(String),
    /// The stack is not one of Evertoken's, of another version, or not completely deployed.
    #[error("the stack {stack} has no {part}")]
    Incomplete { stack: String, part: String },
    #[error(transparent)]
    Aws(#[from] AwsError),
    #[error("CloudFormation did not describe the stack {stack} ({})", .code.code())]
    Unavailable { stack: String, code: AwsErrorCode },
}
