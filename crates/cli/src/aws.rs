//! AWS, as reached from the operator's machine.

pub(crate) mod aws_client;
pub(crate) mod aws_error;
mod cached_credentials;
pub(crate) mod credential_source;
pub(crate) mod lambda_invocation;
pub(crate) mod stack;
pub(crate) mod stack_error;
