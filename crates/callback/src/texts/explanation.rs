//! The text of an error page.

/// What an error page says. `{scopes}`, `{username}` and `{expected}` are placeholders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Explanation {
    pub(crate) title: &'static str,
    /// What happened.
    pub(crate) cause: &'static str,
    /// What the person in front of the page can do.
    pub(crate) remedy: &'static str,
    /// What the operator of the service can do.
    pub(crate) operator: &'static str,
}
