//! File vaults of `evertoken serve --sandbox`. Every command over such a folder uses the sandbox's clock and endpoints.

pub(crate) mod command_in_sandbox;
pub(crate) mod offset_clock;
pub(crate) mod running_sandbox;
pub(crate) mod sandbox_error;
pub(crate) mod sandbox_file;
