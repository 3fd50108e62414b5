//! Every error page, with its HTTP status and its code in JSON responses and logs. The text is in `texts`.

use evertoken_core::provider_error::ProviderErrorKind;
use http::StatusCode;

macro_rules! error_pages {
    ($($(#[$doc:meta])* $name:ident: $status:ident, $code:literal;)+) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(crate) enum ErrorPage {
            $($(#[$doc])* $name,)+
        }

        impl ErrorPage {
            #[cfg(test)]
            pub(crate) const ALL: &[Self] = &[$(Self::$name,)+];

            pub(crate) fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status,)+ }
            }

            /// The error code for API clients and logs.
            pub(crate) fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }
        }
    };
}

error_pages! {
    InviteMissing: FORBIDDEN, "invite_missing";
    /// The signature is not valid.
    InviteForged: FORBIDDEN, "invite_invalid";
    InviteExpired: GONE, "invite_expired";
    /// The invite was for one login and has been used.
    InviteUsed: GONE, "invite_used";
    /// The return address is not below one of `EVERTOKEN_RETURN_URLS`.
    ReturnNotAllowed: FORBIDDEN, "return_not_allowed";
    Cancelled: FORBIDDEN, "cancelled";
    /// `/callback` was opened without a state.
    StateMissing: BAD_REQUEST, "state_missing";
    /// The signature is not valid.
    StateForged: BAD_REQUEST, "state_invalid";
    StateExpired: GONE, "state_expired";
    /// The login failed earlier, and its address was opened again.
    StateUsed: GONE, "state_used";
    /// The browser did not send the login's cookie.
    OtherBrowser: FORBIDDEN, "other_browser";
    /// Instagram sent neither a code nor an error.
    CodeMissing: BAD_REQUEST, "code_missing";
    CodeUsed: BAD_REQUEST, "code_used";
    ScopesMissing: FORBIDDEN, "scopes_missing";
    PersonalAccount: FORBIDDEN, "personal_account";
    /// Not the account that the invite or the account name is bound to.
    OtherAccount: FORBIDDEN, "other_account";
    /// Code 100, "Unsupported request - method type: get".
    TesterNotAccepted: FORBIDDEN, "tester_not_accepted";
    /// The link asks for a login that is not offered.
    LoginNotOffered: BAD_REQUEST, "login_not_offered";
    /// The choice of accounts was opened without a login, in another browser or too late.
    ChoiceExpired: GONE, "choice_expired";
    /// An account that was not offered, none, or more than the invite allows.
    ChoiceNotOffered: FORBIDDEN, "choice_not_offered";
    /// The person has no Facebook Page.
    NoPages: FORBIDDEN, "no_pages";
    /// No page has a linked professional account.
    NoLinkedAccount: FORBIDDEN, "no_linked_account";
    /// The page or the account was not selected on Facebook.
    PagesNotGranted: FORBIDDEN, "pages_not_granted";
    /// Facebook did not list the pages.
    PagesUnreadable: BAD_GATEWAY, "pages_unreadable";
    /// Facebook issued a page token that expires.
    PageTokenExpires: BAD_GATEWAY, "page_token_expires";
    /// Code 190 with subcode 492.
    PageRoleLost: FORBIDDEN, "page_role_lost";
    /// Code 190 with subcode 493.
    DataAccessExpired: FORBIDDEN, "data_access_expired";
    /// Code 100 with subcode 33.
    AccountUnlinked: FORBIDDEN, "account_unlinked";
    /// Code 100 of type `GraphMethodException`.
    ProofRejected: INTERNAL_SERVER_ERROR, "proof_rejected";
    /// The Meta app's ID and secret are missing.
    FacebookNotSetUp: INTERNAL_SERVER_ERROR, "facebook_not_set_up";
    /// "Insufficient developer role".
    InsufficientRole: FORBIDDEN, "insufficient_role";
    /// "Invalid platform app", or a wrong app secret.
    AppCredentials: INTERNAL_SERVER_ERROR, "app_credentials";
    /// "Redirect URI doesn't match original redirect URI" and similar messages.
    RedirectMismatch: INTERNAL_SERVER_ERROR, "redirect_mismatch";
    /// "Invalid scope".
    InvalidScope: INTERNAL_SERVER_ERROR, "invalid_scope";
    /// Code 3.
    CapabilityMissing: INTERNAL_SERVER_ERROR, "capability_missing";
    /// Codes 100 and 2500 in all other cases.
    RequestRefused: BAD_GATEWAY, "request_refused";
    /// A connection error, a truncated response or a temporary error.
    InstagramUnavailable: BAD_GATEWAY, "instagram_unavailable";
    /// A malformed response or an unknown code.
    InstagramUnclear: BAD_GATEWAY, "instagram_unclear";
    /// A rate limit.
    Throttled: SERVICE_UNAVAILABLE, "instagram_throttled";
    /// Code 368.
    PolicyBlock: SERVICE_UNAVAILABLE, "policy_block";
    /// Code 4 with subcode 2207051.
    ActionBlocked: FORBIDDEN, "action_blocked";
    /// Code 190 with subcode 459 or 490.
    Checkpoint: FORBIDDEN, "checkpoint";
    /// Code 190 with subcode 464.
    Unconfirmed: FORBIDDEN, "account_unconfirmed";
    /// Code 190 with subcode 458 or 461.
    AppRemoved: FORBIDDEN, "app_removed";
    /// Code 190 with subcode 460.
    PasswordChanged: FORBIDDEN, "password_changed";
    /// Code 190 in all other cases, and code 102.
    TokenRefused: FORBIDDEN, "token_refused";
    /// Codes 10 and 200 to 299.
    PermissionMissing: FORBIDDEN, "permission_missing";
    VaultUnavailable: SERVICE_UNAVAILABLE, "vault_unavailable";
    VaultDenied: INTERNAL_SERVER_ERROR, "vault_denied";
    /// The stored value is not an account document.
    VaultUnreadable: INTERNAL_SERVER_ERROR, "vault_unreadable";
    /// The app secret has no app ID or secret.
    AppNotSetUp: INTERNAL_SERVER_ERROR, "app_not_set_up";
    /// The app secret or the signing secret cannot be read.
    CredentialsUnavailable: SERVICE_UNAVAILABLE, "credentials_unavailable";
    /// The operating system provided no random bytes.
    Internal: INTERNAL_SERVER_ERROR, "internal";
    /// `/connected` was opened without a valid receipt.
    ReceiptInvalid: BAD_REQUEST, "receipt_invalid";
    /// The invite does not allow it, the time is over, or another browser asks.
    RevealRefused: FORBIDDEN, "reveal_refused";
    /// The token was shown before.
    RevealUsed: GONE, "reveal_used";
    SignedRequestMalformed: BAD_REQUEST, "signed_request_malformed";
    /// The signature is not valid.
    SignedRequestForged: BAD_REQUEST, "signed_request_invalid";
    /// Meta signed it before the owner's last login.
    SignedRequestOutdated: GONE, "signed_request_outdated";
    BodyTooLarge: PAYLOAD_TOO_LARGE, "body_too_large";
    /// The confirmation code is not valid.
    DeletionUnknown: NOT_FOUND, "deletion_unknown";
    NotFound: NOT_FOUND, "not_found";
    WrongMethod: METHOD_NOT_ALLOWED, "method_not_allowed";
}

impl From<ProviderErrorKind> for ErrorPage {
    fn from(kind: ProviderErrorKind) -> Self {
        use ProviderErrorKind as Kind;
        match kind {
            Kind::Unreachable | Kind::Unavailable => Self::InstagramUnavailable,
            Kind::Unreadable | Kind::Unclassified | Kind::OtherAccount => Self::InstagramUnclear,
            Kind::RateLimited | Kind::AppRateLimited => Self::Throttled,
            Kind::PolicyBlock => Self::PolicyBlock,
            Kind::ActionBlocked => Self::ActionBlocked,
            Kind::Checkpoint => Self::Checkpoint,
            Kind::Unconfirmed => Self::Unconfirmed,
            Kind::AppRemoved => Self::AppRemoved,
            Kind::PasswordChanged => Self::PasswordChanged,
            Kind::Expired | Kind::TokenInvalid => Self::TokenRefused,
            Kind::PermissionMissing => Self::PermissionMissing,
            Kind::TesterNotAccepted => Self::TesterNotAccepted,
            Kind::InsufficientRole => Self::InsufficientRole,
            Kind::WrongAppCredentials => Self::AppCredentials,
            Kind::RedirectMismatch => Self::RedirectMismatch,
            Kind::DataAccessExpired => Self::DataAccessExpired,
            Kind::PageRoleLost => Self::PageRoleLost,
            Kind::AccountUnlinked => Self::AccountUnlinked,
            Kind::ProofRejected => Self::ProofRejected,
            Kind::NotConfigured => Self::FacebookNotSetUp,
            Kind::NoPages => Self::NoPages,
            Kind::NoLinkedAccount => Self::NoLinkedAccount,
            Kind::PagesNotGranted => Self::PagesNotGranted,
            Kind::PagesUnreadable => Self::PagesUnreadable,
            Kind::PageTokenExpires => Self::PageTokenExpires,
            Kind::CodeUsed => Self::CodeUsed,
            Kind::CapabilityMissing => Self::CapabilityMissing,
            Kind::RequestRefused => Self::RequestRefused,
        }
    }
}
