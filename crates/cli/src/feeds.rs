//! The feeds of a vault: published by this process into the vault's folder, or by a stack's Lambda.

pub(crate) mod any_publisher;
pub(crate) mod local_publisher;
