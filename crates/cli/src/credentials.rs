//! The Meta app's credentials and the signing keys: where they are stored, and how they are checked.

pub(crate) mod any_credentials;
pub(crate) mod app_check;
pub(crate) mod app_store;
pub(crate) mod key_file;
pub(crate) mod known_app;
pub(crate) mod local_credentials;
pub(crate) mod login_option;
pub(crate) mod meta_app;
pub(crate) mod offered_logins;
pub(crate) mod secret_files;

pub(crate) use evertoken_import::token_kind;
