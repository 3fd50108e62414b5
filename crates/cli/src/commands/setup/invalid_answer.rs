//! Why an answer cannot be used. The messages never repeat it: it may be the app secret.

#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("{field}: {reason}")]
pub(crate) struct InvalidAnswer {
    /// The key in the file of `--answers`.
    pub(crate) field: &'static str,
    pub(crate) reason: &'static str,
}
