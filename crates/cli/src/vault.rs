//! The vault that a command works on, and the accounts in it.

pub(crate) mod account_summary;
pub(crate) mod any_vault;
pub(crate) mod local_folder;
pub(crate) mod location;
pub(crate) mod lookup;
pub(crate) mod run_record;
pub(crate) mod service_settings;
pub(crate) mod vault_option;
