//! Why the answers in a file cannot be used. The messages never repeat an answer: it may be the app secret.

use evertoken_core::app::InvalidApp;

#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum AnswersError {
    #[error("expected a JSON object")]
    NotAnObject,
    #[error("unknown key {0:?}; expected app_id, app_secret and public_url")]
    UnknownKey(String),
    #[error("{0:?} must be a string")]
    NotAString(&'static str),
    #[error("{0:?} is missing")]
    Missing(&'static str),
    #[error(transparent)]
    App(#[from] InvalidApp),
}
