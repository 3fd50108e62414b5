//! AWS, as reached from the operator's machine.

pub(crate) mod aws_client;
pub(crate) mod stack;
pub(crate) mod stack_error;
