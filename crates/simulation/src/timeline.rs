//! The timeline: notable events of a simulated year.

/// A notable event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimelineEntry {
    /// The affected account. `None` if the event affects all accounts.
    pub account: Option<String>,
    /// What happened.
    pub event: TimelineEvent,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimelineEvent {
    /// Instagram and the vault stop responding.
    OutageStarted,
    /// Instagram and the vault respond again.
    OutageEnded,
    /// The operator has created a new app secret in Meta's dashboard.
    AppSecretChanged,
    /// The operator has configured the new app secret.
    AppSecretConfigured,
    /// The owner has changed the password, which invalidates the token.
    PasswordChanged,
    /// Instagram requires a confirmation from the owner, and suspends the token until then.
    Checkpoint,
    /// The owner has removed the app.
    AppRemoved,
    /// The person who connected the account through Facebook has lost the role on its page.
    RoleLost,
    /// The account was unlinked from its Facebook Page.
    Unlinked,
    /// The service has reminded the owner that access through Facebook ends soon.
    AccessExpiring,
    /// The service has notified the owner to act on Instagram.
    OwnerActionNeeded,
    /// The service has notified the owner to log in again.
    LoginRequired,
    /// The owner has logged in again.
    Reconnected,
    /// The service has found that the token works again.
    Recovered,
    /// The token has expired, although a service could have renewed it.
    Lost,
}

impl TimelineEvent {
    /// A description for a log line.
    pub fn description(self) -> &'static str {
        match self {
            Self::OutageStarted => "outage starts: Instagram and the vault are down for two days",
            Self::OutageEnded => "outage ends",
            Self::AppSecretChanged => "operator changed the app secret in Meta's dashboard",
            Self::AppSecretConfigured => "operator configured the new app secret and kept the old one as previous",
            Self::PasswordChanged => "owner changed the password, which invalidated the token",
            Self::Checkpoint => "Instagram requires a confirmation from the owner and suspended the token",
            Self::AppRemoved => "owner removed the app",
            Self::RoleLost => "owner lost the role on the Facebook Page",
            Self::Unlinked => "account was unlinked from its Facebook Page",
            Self::AccessExpiring => "owner reminded: access through Facebook ends soon",
            Self::OwnerActionNeeded => "owner notified: action needed on Instagram",
            Self::LoginRequired => "owner notified: login required",
            Self::Reconnected => "owner logged in again",
            Self::Recovered => "token works again",
            Self::Lost => "TOKEN EXPIRED, although a service could have renewed it",
        }
    }
}
