//! Incidents that an account's owner must resolve, or that end the account.

/// What happens to one account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Incident {
    /// The owner changes the password, which invalidates the token.
    PasswordChanged,
    /// Instagram requires a confirmation from the owner, and suspends the token until then.
    Checkpoint,
    /// The owner removes the app.
    AppRemoved,
    /// The person who connected the account through Facebook loses the role on its page.
    RoleLost,
    /// The account is unlinked from its page.
    Unlinked,
}
