//! Checks what the code assumes about AWS (docs/assumptions.md) in an AWS account: a real one under `make live`, MiniStack in
//! the tests of this check.

pub mod account;
pub mod event_facts;
pub mod finding;
pub mod secret_facts;
pub mod stack_facts;
