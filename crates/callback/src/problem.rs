//! Everything that can go wrong in front of a person, and its words.

use std::borrow::Cow;

use evertoken_core::failure::{Kind, Problem as Refusal};
use evertoken_core::login::LoginError;
use evertoken_core::ports::{CredentialsError, EntropyError};
use http::StatusCode;

/// A login, or a visit, that does not end well.
#[derive(Debug)]
pub(crate) enum Problem {
    /// No invite where one is needed.
    InviteMissing,
    /// The invite's signature does not hold.
    InviteForged,
    /// The invite's time is over.
    InviteExpired,
    /// The invite sends people where they may not be sent.
    ReturnNotAllowed,
    /// The person cancelled.
    Cancelled,
    /// No state came back.
    StateMissing,
    /// The state's signature does not hold.
    StateForged,
    /// The person took too long.
    StateExpired,
    /// The login was started elsewhere, or was used up.
    OtherBrowser,
    /// Instagram sent neither code nor error.
    CodeMissing,
    /// The login was not stored.
    Login(LoginError),
    /// The app secret or the signing keys could not be used.
    Credentials(CredentialsError),
    /// The machine gave no randomness.
    Entropy,
    /// `/connected` without a valid receipt.
    ReceiptInvalid,
    /// No such page.
    NotFound,
    /// A page, but not for this method.
    WrongMethod,
    /// Any of these, with a link that starts again.
    WithStart(Box<Problem>, String),
}

impl From<LoginError> for Problem {
    fn from(error: LoginError) -> Self {
        Self::Login(error)
    }
}

impl From<CredentialsError> for Problem {
    fn from(error: CredentialsError) -> Self {
        Self::Credentials(error)
    }
}

impl From<EntropyError> for Problem {
    fn from(EntropyError: EntropyError) -> Self {
        Self::Entropy
    }
}

/// A problem in words.
#[derive(Debug)]
pub(crate) struct Explanation {
    pub(crate) status: StatusCode,
    /// For machines.
    pub(crate) code: &'static str,
    pub(crate) title: &'static str,
    /// One sentence: why.
    pub(crate) cause: Cow<'static, str>,
    /// One sentence: what to do.
    pub(crate) remedy: Cow<'static, str>,
}

const START_AGAIN: &str = "Start again from the link that you were given.";
const ASK_FOR_INVITE: &str = "Ask the person who sent you here for a new link.";
const TELL_OPERATOR: &str = "Tell the person who runs this service, with the reference below.";

impl Problem {
    /// The same, with a link that starts the login again.
    #[must_use]
    pub(crate) fn with_start(self, again: String) -> Self {
        Self::WithStart(Box::new(self), again)
    }

    /// The problem itself and the link, if there is one.
    pub(crate) fn split(&self) -> (&Self, Option<&str>) {
        match self {
            Self::WithStart(problem, again) => (problem.split().0, Some(again)),
            problem => (problem, None),
        }
    }

    /// What happened, for the log alone: names what the page does not show, and never a secret.
    pub(crate) fn detail(&self) -> String {
        match self.split().0 {
            Self::Login(LoginError::Provider { step, failure }) => format!(
                "step {}, problem {}, code {:?}, subcode {:?}, trace id {:?}",
                step.as_str(),
                failure.problem.as_str(),
                failure.code,
                failure.subcode,
                failure.trace_id
            ),
            Self::Login(error) => error.to_string(),
            Self::Credentials(error) => error.to_string(),
            _ => String::new(),
        }
    }

    /// Status and words.
    #[expect(clippy::too_many_lines, reason = "a table of words, one row each")]
    pub(crate) fn explain(&self) -> Explanation {
        let (status, code, title, cause, remedy) = match self.split().0 {
            Self::InviteMissing => (
                StatusCode::FORBIDDEN,
                "invite_missing",
                "You need an invitation",
                "Accounts are connected here through an invitation link only.",
                ASK_FOR_INVITE,
            ),
            Self::InviteForged => (
                StatusCode::FORBIDDEN,
                "invite_invalid",
                "This invitation is not valid",
                "The link was changed or cut off on its way, or it was made for another service.",
                "Open the whole link again; if that does not help, ask for a new one.",
            ),
            Self::InviteExpired => (
                StatusCode::GONE,
                "invite_expired",
                "This invitation has expired",
                "Invitation links hold for a limited time.",
                ASK_FOR_INVITE,
            ),
            Self::ReturnNotAllowed => (
                StatusCode::FORBIDDEN,
                "return_not_allowed",
                "This invitation leads to a place that is not allowed",
                "It would send you to an address that this service does not know.",
                "The person who runs this service adds the address to EVERTOKEN_RETURN_URLS or makes another invitation.",
            ),
            Self::Cancelled => (
                StatusCode::FORBIDDEN,
                "cancelled",
                "You have not connected the account",
                "You chose Cancel on Instagram's page; nothing was stored.",
                "Start again if that was not what you wanted.",
            ),
            Self::StateMissing => (
                StatusCode::BAD_REQUEST,
                "state_missing",
                "This page cannot be opened by itself",
                "It belongs to a login that begins elsewhere.",
                START_AGAIN,
            ),
            Self::StateForged => (
                StatusCode::BAD_REQUEST,
                "state_invalid",
                "This login cannot be continued",
                "Its address was changed or cut off on the way back from Instagram.",
                START_AGAIN,
            ),
            Self::StateExpired => (
                StatusCode::GONE,
                "state_expired",
                "This login took too long",
                "A login has to be finished within ten minutes.",
                START_AGAIN,
            ),
            Self::OtherBrowser => (
                StatusCode::FORBIDDEN,
                "other_browser",
                "This login was not started here",
                "It began in another browser or app, or it has been used already.",
                "Start again and stay in one browser; cookies must be allowed.",
            ),
            Self::CodeMissing => (
                StatusCode::BAD_REQUEST,
                "code_missing",
                "Instagram's answer is incomplete",
                "Instagram sent you back without an authorization code.",
                START_AGAIN,
            ),
            Self::Login(error) => return explain_login(error),
            Self::Credentials(CredentialsError::App { .. }) => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "app_not_set_up",
                "This service is not set up yet",
                "The Instagram app's id and secret are not filled in.",
                TELL_OPERATOR,
            ),
            Self::Credentials(_) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "credentials_unavailable",
                "This service cannot log you in right now",
                "Its own credentials could not be read.",
                "Try again in a minute; if it lasts, tell the person who runs this service.",
            ),
            Self::Entropy | Self::WithStart(..) => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "internal",
                "Something went wrong here",
                "The machine that serves this page has a fault.",
                "Try again in a minute; if it lasts, tell the person who runs this service.",
            ),
            Self::ReceiptInvalid => (
                StatusCode::BAD_REQUEST,
                "receipt_invalid",
                "There is nothing to show",
                "This page shows a login for an hour after it is done.",
                "Nothing need be done: what was connected stays connected.",
            ),
            Self::NotFound => (
                StatusCode::NOT_FOUND,
                "not_found",
                "There is no such page",
                "The address leads nowhere.",
                "Open the link that you were given once more.",
            ),
            Self::WrongMethod => (
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "This page is opened in another way",
                "The request's method does not fit the address.",
                "Open the link that you were given once more.",
            ),
        };
        Explanation { status, code, title, cause: cause.into(), remedy: remedy.into() }
    }
}

fn explain_login(error: &LoginError) -> Explanation {
    let (status, code, title): (StatusCode, &'static str, &'static str);
    let cause: Cow<'static, str>;
    let remedy: Cow<'static, str>;
    match error {
        LoginError::Provider { failure, .. } => return explain_refusal(failure.problem),
        LoginError::ScopesMissing(missing) => {
            (status, code, title) = (StatusCode::FORBIDDEN, "scopes_missing", "A permission is missing");
            let names: Vec<&str> = missing.iter().collect();
            cause = format!("These permissions were not granted: {}.", names.join(", ")).into();
            remedy = "Start again and leave every permission ticked.".into();
        }
        LoginError::PersonalAccount { username } => {
            (status, code, title) = (StatusCode::FORBIDDEN, "personal_account", "This is a personal account");
            cause =
                format!("@{username} is a personal account, and Instagram serves professional accounts only.").into();
            remedy = "In the Instagram app, open Settings > Account type and tools > Switch to professional account, \
                      then start again."
                .into();
        }
        LoginError::OtherAccount { username, expected } => {
            (status, code, title) = (StatusCode::FORBIDDEN, "other_account", "This is another account than expected");
            cause = format!("You logged in as @{username}, but this link is for {expected}.").into();
            remedy = "Log in on Instagram as the right account, then start again.".into();
        }
        LoginError::Vault(_) => {
            (status, code, title) = (StatusCode::SERVICE_UNAVAILABLE, "vault", "The account could not be stored");
            cause = "Instagram agreed, but the place where access is kept did not take it.".into();
            remedy = "Start again in a minute; if it lasts, tell the person who runs this service.".into();
        }
    }
    Explanation { status, code, title, cause, remedy }
}

fn explain_refusal(problem: Refusal) -> Explanation {
    let cause = problem.cause();
    let remedy = problem.remedy();
    let (status, code, title, remedy) = match (problem, problem.kind()) {
        (Refusal::CodeUsed, _) => (StatusCode::BAD_REQUEST, "code_used", "This login was used already", remedy),
        (Refusal::TesterNotAccepted | Refusal::InsufficientRole, _) => {
            (StatusCode::FORBIDDEN, "tester_not_accepted", "Instagram does not let this account in yet", remedy)
        }
        (_, Kind::Transient | Kind::Unknown) => (
            StatusCode::BAD_GATEWAY,
            "instagram_unavailable",
            "Instagram did not answer properly",
            "Start again in a minute; nothing was stored.",
        ),
        (_, Kind::Throttled) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "instagram_throttled",
            "Instagram asks us to wait",
            "Start again later; nothing was stored.",
        ),
        (_, Kind::SetUp) => (StatusCode::INTERNAL_SERVER_ERROR, "app_set_up", "The app is not set up right", remedy),
        (_, Kind::Attention | Kind::LoginRequired) => {
            (StatusCode::FORBIDDEN, "instagram_refused", "Instagram refused", remedy)
        }
    };
    Explanation { status, code, title, cause: cause.into(), remedy: remedy.into() }
}
