//! All errors of Instagram in one table, with category, cause and remedy.
//!
//! Commands, reports, events and the English error pages take their sentences from this table.
//!
//! Codes: Meta, "Handle Errors" (Graph API) and "Rate Limits". Adapters handle the wire formats.

use std::fmt;

use serde::Serialize;
use time::Duration;

/// The category of an error, which determines who must act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCategory {
    /// Temporary: retry.
    Transient,
    /// Too many calls: wait, then retry.
    Throttled,
    /// The account's owner must act on Instagram; the token may then work again.
    Attention,
    /// Only a new login helps.
    LoginRequired,
    /// The operator must act: the app, a scope, the redirect URI or a tester role is not set up.
    SetUp,
    /// Not in the table. Retried like a temporary error.
    Unknown,
}

impl ErrorCategory {
    /// The word in reports and logs.
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

/// What a refresh run does after an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Retry {
    /// Retry after the wait that Instagram requests, otherwise after a short one.
    Soon,
    /// Retry if Instagram requests a short wait; otherwise leave the account to the next run.
    WhenTold,
    /// The same, and stop calls about all other accounts, because the whole app is limited.
    PauseRun,
    /// Leave the account to the next run.
    NextRun,
    /// Do not retry, because a person must act; see [`ErrorCategory`].
    AfterAct,
}

macro_rules! provider_error_kinds {
    ($($(#[$doc:meta])* $name:ident: $category:ident, $retry:ident, $cause:literal, $remedy:literal;)+) => {
        /// The kind of an error.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ProviderErrorKind {
            $($(#[$doc])* $name,)+
        }

        impl ProviderErrorKind {
            /// The error's category.
            pub fn category(self) -> ErrorCategory {
                match self { $(Self::$name => ErrorCategory::$category,)+ }
            }

            /// What a run does after the error.
            pub fn retry(self) -> Retry {
                match self { $(Self::$name => Retry::$retry,)+ }
            }

            /// The cause, in one sentence.
            pub fn cause(self) -> &'static str {
                match self { $(Self::$name => $cause,)+ }
            }

            /// What the operator can do, in a few sentences.
            pub fn remedy(self) -> &'static str {
                match self { $(Self::$name => $remedy,)+ }
            }

            /// The variant's name, for logs.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)+ }
            }
        }
    };
}

provider_error_kinds! {
    /// No connection, a timeout or an incomplete response.
    Unreachable: Transient, Soon,
        "Instagram cannot be reached.",
        "No action needed. Evertoken retries automatically.";
    /// A response that differs from Meta's documentation.
    Unreadable: Transient, Soon,
        "Instagram's response was not understood.",
        "No action needed. Evertoken retries automatically. If the error persists, report it with the reference.";
    /// Codes 1 and 2, status 5xx, and every error with `is_transient`.
    Unavailable: Transient, Soon,
        "Instagram is temporarily unavailable.",
        "No action needed. Evertoken retries automatically.";
    /// Codes 4 and 341: the rate limit of the whole app.
    AppRateLimited: Throttled, PauseRun,
        "The app has reached Instagram's rate limit.",
        "No action needed. Evertoken waits and retries automatically.";
    /// Codes 17, 32, 613 and 800xx, and status 429 without a code: the rate limit of one account, user or business.
    RateLimited: Throttled, WhenTold,
        "This account has reached Instagram's rate limit.",
        "No action needed. Evertoken waits and retries automatically.";
    /// Code 368.
    PolicyBlock: Throttled, NextRun,
        "Instagram has temporarily blocked the app or the account for policy reasons (code 368).",
        "Check the app's alerts in Meta's dashboard.";
    /// Code 4 with subcode 2207051 and `is_transient` false.
    ActionBlocked: Attention, AfterAct,
        "Instagram has blocked actions of this account.",
        "Ask the account's owner to open Instagram and follow the instructions there.";
    /// 190 with 459, 490 or the checkpoint's text.
    Checkpoint: Attention, AfterAct,
        "Instagram requires a security check on its website before this account can be used.",
        "Ask the account's owner to log in at www.instagram.com and follow the instructions there.";
    /// 190 with 464.
    Unconfirmed: Attention, AfterAct,
        "The email address or phone number of this account has not been confirmed.",
        "Ask the account's owner to confirm it on Instagram.";
    /// 190 with 458 or 461.
    AppRemoved: LoginRequired, AfterAct,
        "The app was removed from this account, or Instagram revoked its access.",
        "Ask the account's owner to connect again.";
    /// 190 with 460.
    PasswordChanged: LoginRequired, AfterAct,
        "The password was changed, or Instagram ended the session for security reasons.",
        "Ask the account's owner to connect again.";
    /// 190 with 463.
    Expired: LoginRequired, AfterAct,
        "The token has expired.",
        "Ask the account's owner to connect again.";
    /// 190 with 493 (Meta, "Authentication Versus Data Access").
    DataAccessExpired: LoginRequired, AfterAct,
        "The person who connected this account has not logged in for 90 days, so Facebook ended the app's access to its data.",
        "Ask the person who connected the account to connect it again.";
    /// 190 with 492.
    PageRoleLost: LoginRequired, AfterAct,
        "The person who connected this account no longer has a role on its Facebook Page.",
        "Ask somebody who has full control of the page to connect the account again.";
    /// 100 with 33 about an Instagram account behind a page.
    AccountUnlinked: LoginRequired, AfterAct,
        "The Instagram account is no longer linked to its Facebook Page, or access to it was not granted.",
        "Link the account in the page's settings (Linked accounts > Instagram). Then connect again, and select the page and the account on Facebook.";
    /// 190 with 467 or without a subcode, 102.
    TokenInvalid: LoginRequired, AfterAct,
        "Instagram no longer accepts the token.",
        "Ask the account's owner to connect again.";
    /// Codes 10 and 200 to 299.
    PermissionMissing: LoginRequired, AfterAct,
        "A required permission was not granted or was revoked.",
        "Ask the account's owner to connect again and to grant every permission. The permission may also need Advanced Access.";
    /// Code 100, type `IGApiException`, "Unsupported request": it is not about the HTTP method.
    TesterNotAccepted: SetUp, NextRun,
        "This account has not accepted the tester invitation, or the app lacks Advanced Access.",
        "For your own accounts, open App roles > Roles > Instagram Testers in Meta's dashboard. Check the spelling of the username and whether the account has accepted the invitation at https://www.instagram.com/accounts/manage_access/ (it expires after 30 days). For all other accounts, the app needs App Review for Advanced Access, Business Verification, and the annual data use checkup. Instagram's own message is \"Unsupported request - method type: get\".";
    /// The same, reported in the redirect to the callback.
    InsufficientRole: SetUp, NextRun,
        "The app is in development mode, and this account has no role in it.",
        "Add the account under App roles > Roles > Instagram Testers in Meta's dashboard and ask its owner to accept the invitation at https://www.instagram.com/accounts/manage_access/, or submit the app for App Review. Instagram's own message is \"Insufficient developer role\".";
    /// The id or secret belongs to another app, or to the other id and secret pair of the same app.
    WrongAppCredentials: SetUp, NextRun,
        "Instagram does not accept the app's ID or secret.",
        "In Meta's dashboard, copy the Instagram app ID and Instagram app secret from Instagram > API setup with Instagram login > Business login settings. App settings > Basic shows a different pair, which Instagram rejects (\"Invalid platform app\") and which only the login through Facebook uses (meta_app_id and meta_app_secret). Check for whitespace around the secret.";
    /// 100 of type `GraphMethodException` about `appsecret_proof`.
    ProofRejected: SetUp, NextRun,
        "Facebook does not accept the proof that the app's secret is known (appsecret_proof).",
        "In Meta's dashboard, copy the app secret from App settings > Basic, and store it as meta_app_secret with evertoken setup.";
    /// The document's login is not among those that are set up, or the app's credentials cannot be read.
    NotConfigured: SetUp, NextRun,
        "The login that this account was connected with is not set up.",
        "Set the parameter Provider (or EVERTOKEN_PROVIDER) to facebook or both, and store meta_app_id and meta_app_secret with evertoken setup.";
    /// The redirect URI differs from the registered one or from the one in the authorize step.
    RedirectMismatch: SetUp, NextRun,
        "Instagram does not recognize the address that it should send people back to (the redirect URI).",
        "In Meta's dashboard, register the full address of /callback in Business login settings > OAuth redirect URIs; for the login through Facebook, under Facebook Login for Business > Settings > Valid OAuth Redirect URIs. It must match exactly: https, host, and no slash at the end. The dashboard may add a slash when you save, so check the saved value. If it matches, compare the scopes: if Business login settings list more scopes than this service requests, Instagram may report this error too. Request the same scopes (parameter Scopes).";
    /// The code was already used, is older than an hour or never existed.
    CodeUsed: LoginRequired, AfterAct,
        "The authorization code was already used or has expired.",
        "Start the login again.";
    /// A login through Facebook by a person without a page, or who selected none. Facebook does not tell the two apart.
    NoPages: LoginRequired, AfterAct,
        "The person who logged in has no Facebook Page, or selected none.",
        "Log in as somebody who has full control of the Facebook Page that the Instagram account is linked to, and select the page. If there is no page, create one and link the account.";
    /// None of the pages has an Instagram account.
    NoLinkedAccount: LoginRequired, AfterAct,
        "None of the Facebook Pages has a linked professional Instagram account.",
        "Switch the Instagram account to a professional account and link it in the page's settings (Linked accounts > Instagram). If it is linked already, unlink it and link it again. Then connect again.";
    /// The person did not select the page or the account, or may not use its token.
    PagesNotGranted: LoginRequired, AfterAct,
        "Access to the Facebook Page or to its Instagram account was not granted.",
        "Connect again. On Facebook, choose \"Edit previous settings\", and select the page and the Instagram account. The person needs full control of the page.";
    /// The list of pages could not be read for a reason that is not temporary.
    PagesUnreadable: Unknown, AfterAct,
        "Facebook did not say which Facebook Pages the person manages.",
        "Connect again. If the error persists, check the app's permissions pages_show_list and business_management in Meta's dashboard.";
    /// A page token with an end date comes from a short-lived user token (`sandeepkesarkar/fieldkit#48`).
    PageTokenExpires: Unknown, AfterAct,
        "Facebook issued a token that stops working within hours.",
        "Connect again. If the error persists, report it with the reference.";
    /// Code 3.
    CapabilityMissing: SetUp, NextRun,
        "Instagram does not allow the app to do this (code 3).",
        "Add the Instagram product and its permissions to the app in Meta's dashboard; for the login through Facebook, the product Facebook Login for Business.";
    /// Codes 100 and 2500 otherwise.
    RequestRefused: SetUp, NextRun,
        "Instagram rejected the request as malformed or not allowed.",
        "Check whether the configured version of the Graph API has been retired. If not, report the error with the code and trace ID.";
    /// The new token is not this account's.
    OtherAccount: Unknown, NextRun,
        "Instagram's response is about a different account.",
        "No action needed. Evertoken kept the old token. If the error persists, report it with the reference.";
    /// A code that is not in this table.
    Unclassified: Unknown, Soon,
        "Instagram returned an unknown error code.",
        "No action needed. Evertoken retries automatically. If the error persists, report it with the code and trace ID.";
}

impl ProviderErrorKind {
    /// The kind of a Graph API error.
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
                492 => Self::PageRoleLost,
                493 => Self::DataAccessExpired,
                0 if error.checkpoint => Self::Checkpoint,
                _ => Self::TokenInvalid,
            },
            (368, _) => Self::PolicyBlock,
            _ => Self::Unclassified,
        }
    }
}

/// The fields of a Graph API error that determine its kind.
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
    /// Whether the message is the checkpoint's: the only sign of a checkpoint if the subcode is 0 or missing.
    pub checkpoint: bool,
}

/// An error from Instagram, or a failure to reach it. Contains no text from Instagram and therefore no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderError {
    /// The kind of error.
    pub kind: ProviderErrorKind,
    /// Instagram's code.
    pub code: Option<i64>,
    /// Instagram's subcode.
    pub subcode: Option<i64>,
    /// Instagram's `fbtrace_id`, for a report to Meta.
    pub trace_id: Option<String>,
    /// How long Instagram asks to wait.
    pub retry_after: Option<Duration>,
}

impl ProviderError {
    /// An error without a code.
    pub fn new(kind: ProviderErrorKind) -> Self {
        Self { kind, code: None, subcode: None, trace_id: None, retry_after: None }
    }

    /// The error's category.
    pub fn category(&self) -> ErrorCategory {
        self.kind.category()
    }

    /// Whether the error is a definite answer about the token, and not a temporary error or one about the app.
    pub fn rejects_token(&self) -> bool {
        matches!(self.category(), ErrorCategory::LoginRequired | ErrorCategory::Attention)
    }

    /// Cause and remedy.
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
