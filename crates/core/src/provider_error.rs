//! Every way in which Instagram refuses: its kind, its cause and its remedy, in one table.
//!
//! Codes: Meta, "Handle Errors" (Graph API) and "Rate Limits". The wire formats are the provider adapter's matter.

use std::fmt;

use serde::Serialize;
use time::Duration;

/// What a failure asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCategory {
    /// Passes by itself: try again.
    Transient,
    /// Too many calls: wait, then try again.
    Throttled,
    /// The account's owner must act on Instagram; the token may then revive.
    Attention,
    /// Only a new login helps.
    LoginRequired,
    /// The app, a scope, the redirect URI or a tester role is not set up: the operator must act.
    SetUp,
    /// Not in the table: treated as transient, and shown.
    Unknown,
}

impl ErrorCategory {
    /// The word that stands in answers and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            ErrorCategory::Transient => "transient",
            ErrorCategory::Throttled => "throttled",
            ErrorCategory::Attention => "attention",
            ErrorCategory::LoginRequired => "login_required",
            ErrorCategory::SetUp => "set_up",
            ErrorCategory::Unknown => "unknown",
        }
    }
}

/// What a refresh run does after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Retry {
    /// Tries again soon, after the wait that Instagram names or a short one of its own.
    Soon,
    /// Tries again if Instagram names a short wait; else the next run does.
    WhenTold,
    /// The same, and meanwhile asks Instagram nothing about other accounts either: the limit is the app's.
    PauseRun,
    /// Leaves the account to the next run.
    NextRun,
    /// A person must act; see [`ErrorCategory`].
    AfterAct,
}

macro_rules! provider_error_kinds {
    ($($(#[$doc:meta])* $name:ident: $category:ident, $retry:ident, $cause:literal, $remedy:literal;)+) => {
        /// What is wrong, one row each.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ProviderErrorKind {
            $($(#[$doc])* $name,)+
        }

        impl ProviderErrorKind {
            /// What it asks for.
            pub fn category(self) -> ErrorCategory {
                match self { $(Self::$name => ErrorCategory::$category,)+ }
            }

            /// What a run does after it.
            pub fn retry(self) -> Retry {
                match self { $(Self::$name => Retry::$retry,)+ }
            }

            /// One sentence: why.
            pub fn cause(self) -> &'static str {
                match self { $(Self::$name => $cause,)+ }
            }

            /// One sentence: what to do.
            pub fn remedy(self) -> &'static str {
                match self { $(Self::$name => $remedy,)+ }
            }

            /// The variant's own name, for logs.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)+ }
            }
        }
    };
}

provider_error_kinds! {
    /// No connection, a time-out or a cut answer.
    Unreachable: Transient, Soon,
        "Instagram could not be reached.",
        "Nothing need be done: Evertoken tries again.";
    /// An answer that is not what the documentation promises.
    Unreadable: Transient, Soon,
        "Instagram's answer could not be understood.",
        "Nothing need be done: Evertoken tries again. If it lasts, report it with the reference.";
    /// Codes 1 and 2, status 5xx, and whatever says `is_transient`.
    Unavailable: Transient, Soon,
        "Instagram has a passing fault.",
        "Nothing need be done: Evertoken tries again.";
    /// Codes 4 and 341: the app's own limit, whoever the call is about.
    AppRateLimited: Throttled, PauseRun,
        "Instagram allows the app no more calls for now.",
        "Nothing need be done: Evertoken waits and tries again.";
    /// Codes 17, 32, 613 and 800xx, and status 429 without a code: the limit of one account, user or business.
    RateLimited: Throttled, WhenTold,
        "Instagram allows no more calls about this account for now.",
        "Nothing need be done: Evertoken waits and tries again.";
    /// Code 368.
    PolicyBlock: Throttled, NextRun,
        "Instagram has blocked the app or account for a while, for policy reasons.",
        "Look at the app's alerts in Meta's dashboard; Evertoken tries again slowly.";
    /// Code 4 with subcode 2207051 and `is_transient` false.
    ActionBlocked: Attention, AfterAct,
        "Instagram has blocked this account's actions.",
        "The account's owner opens Instagram and follows what it asks for.";
    /// 190 with 459, 490 or the checkpoint's text.
    Checkpoint: Attention, AfterAct,
        "Instagram wants the account's owner to confirm something before the token works again.",
        "The account's owner logs in on www.instagram.com and follows the instructions there.";
    /// 190 with 464.
    Unconfirmed: Attention, AfterAct,
        "The Instagram account is not confirmed.",
        "The account's owner confirms the account's e-mail address or phone number on Instagram.";
    /// 190 with 458 or 461.
    AppRemoved: LoginRequired, AfterAct,
        "The account's owner has removed the app, or Instagram has ended its access.",
        "The account's owner connects again.";
    /// 190 with 460.
    PasswordChanged: LoginRequired, AfterAct,
        "The password was changed, or Instagram ended the session for security reasons.",
        "The account's owner connects again.";
    /// 190 with 463.
    Expired: LoginRequired, AfterAct,
        "The token has expired.",
        "The account's owner connects again.";
    /// 190 with 467 or without a subcode, 102.
    TokenInvalid: LoginRequired, AfterAct,
        "Instagram no longer accepts the token.",
        "The account's owner connects again.";
    /// Codes 10 and 200 to 299.
    PermissionMissing: LoginRequired, AfterAct,
        "A permission that the app needs was not granted or was taken back.",
        "The account's owner connects again and leaves every permission ticked.";
    /// Code 100, type `IGApiException`, "Unsupported request": it is not about the HTTP method.
    TesterNotAccepted: SetUp, NextRun,
        "This account has not accepted the tester invitation, or the app lacks Advanced Access.",
        "The account's owner accepts the invitation at https://www.instagram.com/accounts/manage_access (Tester invites), then connects again.";
    /// The same, told on the way to the callback.
    InsufficientRole: SetUp, NextRun,
        "The app is in development and this account has no accepted role in it.",
        "The operator adds the account under App roles > Roles > Instagram testers, and its owner accepts at https://www.instagram.com/accounts/manage_access.";
    /// The id or secret is of another app, or of the other pair of the same app.
    WrongAppCredentials: SetUp, NextRun,
        "Instagram does not accept the app's id or secret.",
        "The operator copies the Instagram app ID and Instagram app secret from Meta's dashboard (API setup with Instagram login), not the pair under Settings > Basic.";
    /// The redirect URI differs from the one registered or from the one of the first step.
    RedirectMismatch: SetUp, NextRun,
        "Instagram does not know the redirect URI.",
        "The operator registers exactly the callback's URL in Meta's dashboard (Business login settings), the same to the last slash.";
    /// The code was used, is older than an hour or never existed.
    CodeUsed: LoginRequired, AfterAct,
        "This authorization code was used already or is too old.",
        "Start the login again.";
    /// Code 3.
    CapabilityMissing: SetUp, NextRun,
        "The app lacks a capability.",
        "The operator adds the Instagram product and its permissions to the app in Meta's dashboard.";
    /// Codes 100 and 2500 otherwise.
    RequestRefused: SetUp, NextRun,
        "Instagram refused the request as malformed or not allowed.",
        "Report it with the reference.";
    /// The new token is not this account's.
    OtherAccount: Unknown, NextRun,
        "Instagram's answer is about another account.",
        "The old token was kept. If it lasts, report it with the reference.";
    /// A code that is not in this table.
    Unclassified: Unknown, Soon,
        "Instagram refused with a code that Evertoken does not know.",
        "Nothing need be done yet: Evertoken tries again. If it lasts, report it with the code and trace id.";
}

impl ProviderErrorKind {
    /// The problem behind a Graph error.
    pub fn from_graph(error: GraphError) -> Self {
        match (error.code, error.subcode.unwrap_or(0)) {
            (4, 2_207_051) if error.transient != Some(true) => Self::ActionBlocked,
            (4 | 341, _) => Self::AppRateLimited,
            (17 | 32 | 613 | 80_000..=80_099, _) => Self::RateLimited,
            _ if error.transient == Some(true) => Self::Unavailable,
            (1 | 2, _) => Self::Unavailable,
            (3, _) => Self::CapabilityMissing,
            (10 | 200..=299, _) => Self::PermissionMissing,
            (100, _) if error.unsupported => Self::TesterNotAccepted,
            (100 | 2500, _) => Self::RequestRefused,
            (102 | 190, subcode) => match subcode {
                459 | 490 => Self::Checkpoint,
                464 => Self::Unconfirmed,
                458 | 461 => Self::AppRemoved,
                460 => Self::PasswordChanged,
                463 => Self::Expired,
                0 if error.checkpoint => Self::Checkpoint,
                _ => Self::TokenInvalid,
            },
            (368, _) => Self::PolicyBlock,
            _ => Self::Unclassified,
        }
    }
}

/// The numbers and flags of a Graph error that tell what it is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GraphError {
    /// `error.code`.
    pub code: i64,
    /// `error.error_subcode`.
    pub subcode: Option<i64>,
    /// `error.is_transient`.
    pub transient: Option<bool>,
    /// Type `IGApiException`.
    pub unsupported: bool,
    /// The checkpoint's text: the only sign of it where the subcode is 0 or missing.
    pub checkpoint: bool,
}

/// A refusal or a fault of Instagram, in our words. Holds no text of Instagram's and so no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderError {
    /// What is wrong.
    pub kind: ProviderErrorKind,
    /// Instagram's code.
    pub code: Option<i64>,
    /// Instagram's subcode.
    pub subcode: Option<i64>,
    /// Instagram's `fbtrace_id`, for a report to Meta.
    pub trace_id: Option<String>,
    /// How long Instagram asks us to wait.
    pub retry_after: Option<Duration>,
}

impl ProviderError {
    /// A failure without a code.
    pub fn new(kind: ProviderErrorKind) -> Self {
        Self { kind, code: None, subcode: None, trace_id: None, retry_after: None }
    }

    /// What it asks for.
    pub fn category(&self) -> ErrorCategory {
        self.kind.category()
    }

    /// Whether it is a definite answer about this token: not about the weather, and not about the app.
    pub fn rejects_token(&self) -> bool {
        matches!(self.category(), ErrorCategory::LoginRequired | ErrorCategory::Attention)
    }

    /// Cause and remedy, in words for the person who reads a report.
    pub fn message(&self) -> String {
        format!("{} {}", self.kind.cause(), self.kind.remedy())
    }
}

impl fmt::Display for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.cause())
    }
}

impl std::error::Error for ProviderError {}

#[cfg(test)]
mod tests;
