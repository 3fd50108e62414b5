//! The report of a run.

use evertoken_core::account::AccountName;
use evertoken_core::provider_error::{ErrorCategory, ProviderError};
use serde::{Deserialize, Serialize};
use time::Duration;

/// What a run did. Every feed is counted exactly once in the fields from `published` to `left_for_next_run`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Always 1.
    pub version: Version,
    /// The number of feeds in the run.
    pub feeds: usize,
    /// Files were written.
    pub published: usize,
    /// Instagram was asked, and nothing had changed.
    pub unchanged: usize,
    /// Not due yet.
    pub not_due: usize,
    /// The account no longer exists, so the feed was removed.
    pub removed: usize,
    /// The last good feed stays.
    pub failed: usize,
    /// Not started before the deadline.
    pub left_for_next_run: usize,
    /// Feeds whose posts may be out of date. They are also counted in the fields above.
    pub stale: usize,
    /// Posts that are missing, or lack a picture that could not be used.
    pub left_out: usize,
    /// Pictures that were downloaded and converted.
    pub pictures_converted: usize,
    /// The age of the oldest feed: seconds since Instagram last answered for it. `None` if no feed was ever published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oldest_age_seconds: Option<u64>,
    /// The duration of the run in milliseconds.
    pub duration_ms: u64,
    /// The failures of single feeds.
    pub failures: Vec<FeedFailure>,
}

/// The version of the report, always 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Version(u32);

impl Default for Version {
    fn default() -> Self {
        Self(1)
    }
}

/// What a run did with one feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Published,
    Unchanged,
    NotDue,
    Removed,
    Failed,
}

/// What a run did with one feed, and what it counted.
#[derive(Clone, Debug)]
pub(crate) struct FeedResult {
    pub(crate) outcome: Outcome,
    pub(crate) stale: bool,
    /// How long ago Instagram last answered.
    pub(crate) age: Option<Duration>,
    pub(crate) left_out: usize,
    pub(crate) pictures_converted: usize,
    pub(crate) failure: Option<FeedFailure>,
}

impl From<Outcome> for FeedResult {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, stale: false, age: None, left_out: 0, pictures_converted: 0, failure: None }
    }
}

impl From<FeedFailure> for FeedResult {
    fn from(failure: FeedFailure) -> Self {
        Self { failure: Some(failure), ..Outcome::Failed.into() }
    }
}

impl Report {
    /// Counts one feed.
    pub(crate) fn count(&mut self, result: FeedResult) {
        self.feeds += 1;
        *match result.outcome {
            Outcome::Published => &mut self.published,
            Outcome::Unchanged => &mut self.unchanged,
            Outcome::NotDue => &mut self.not_due,
            Outcome::Removed => &mut self.removed,
            Outcome::Failed => &mut self.failed,
        } += 1;
        self.stale += usize::from(result.stale);
        let age = result.age.and_then(|age| u64::try_from(age.whole_seconds()).ok());
        self.oldest_age_seconds = self.oldest_age_seconds.max(age);
        self.left_out += result.left_out;
        self.pictures_converted += result.pictures_converted;
        if let Some(failure) = result.failure {
            tracing::warn!(
                account.name = %failure.account,
                failure.kind = failure.kind.as_str(),
                "feed not published: {}",
                failure.message
            );
            self.failures.push(failure);
        }
    }
}

/// Why a feed could not be published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedFailure {
    /// The account.
    pub account: AccountName,
    /// The kind of failure.
    pub kind: FailureKind,
    /// Cause and remedy.
    pub message: String,
}

impl FeedFailure {
    /// A failure of our own.
    pub(crate) fn new(account: &AccountName, kind: FailureKind, message: &(impl ToString + ?Sized)) -> Self {
        Self { account: account.clone(), kind, message: message.to_string() }
    }
}

macro_rules! failure_kinds {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)+) => {
        /// The kind of a failure: one of Instagram's error categories, or a failure of our own.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum FailureKind {
            $($(#[$doc])* #[serde(rename = $name)] $variant,)+
            /// An error that is not in the table, or a kind that a later version reports.
            #[serde(rename = "unknown", other)]
            Unknown,
        }

        impl FailureKind {
            /// The word in reports and logs.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ Self::Unknown => "unknown" }
            }
        }
    };
}

failure_kinds! {
    /// The error is temporary.
    Transient = "transient",
    /// Too many calls.
    Throttled = "throttled",
    /// The account's owner must act on Instagram.
    Attention = "attention",
    /// Only a new login helps.
    LoginRequired = "login_required",
    /// The operator must act.
    SetUp = "set_up",
    /// The vault returned an error.
    Vault = "vault",
    /// The account's document in the vault is unreadable.
    Unreadable = "unreadable",
    /// The feed's files could not be read or written.
    Files = "files",
    /// The feed's settings are invalid.
    Settings = "settings",
    /// The feed took too long.
    TimedOut = "timed_out",
    /// The task of this feed panicked.
    Panic = "panic",
}

impl FailureKind {
    /// Whether a person must act before the feed can be published again.
    pub fn needs_person(self) -> bool {
        matches!(self, Self::Attention | Self::LoginRequired | Self::SetUp)
    }
}

impl From<&ProviderError> for FailureKind {
    fn from(error: &ProviderError) -> Self {
        match error.category() {
            ErrorCategory::Transient => Self::Transient,
            ErrorCategory::Throttled => Self::Throttled,
            ErrorCategory::Attention => Self::Attention,
            ErrorCategory::LoginRequired => Self::LoginRequired,
            ErrorCategory::SetUp => Self::SetUp,
            ErrorCategory::Unknown => Self::Unknown,
        }
    }
}
