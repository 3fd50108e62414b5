//! Everything that a person can be told, as a list: its status, and its code for machines. The words are in `texts`.

use evertoken_core::provider_error::ProviderErrorKind;
use http::StatusCode;

macro_rules! topics {
    ($($(#[$doc:meta])* $name:ident: $status:ident, $code:literal;)+) => {
        /// One page.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(crate) enum Topic {
            $($(#[$doc])* $name,)+
        }

        impl Topic {
            /// All of them.
            #[cfg(test)]
            pub(crate) const ALL: &[Self] = &[$(Self::$name,)+];

            /// What the answer's status is.
            pub(crate) fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status,)+ }
            }

            /// What machines know it by.
            pub(crate) fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }
        }
    };
}

topics! {
    /// No invite where one is needed.
    InviteMissing: FORBIDDEN, "invite_missing";
    /// The invite's signature does not hold.
    InviteForged: FORBIDDEN, "invite_invalid";
    /// The invite's time is over.
    InviteExpired: GONE, "invite_expired";
    /// The invite holds once and was used.
    InviteUsed: GONE, "invite_used";
    /// The person would be sent where nobody may be sent.
    ReturnNotAllowed: FORBIDDEN, "return_not_allowed";
    /// The person chose Cancel.
    Cancelled: FORBIDDEN, "cancelled";
    /// No state came back.
    StateMissing: BAD_REQUEST, "state_missing";
    /// The state's signature does not hold.
    StateForged: BAD_REQUEST, "state_invalid";
    /// The person took too long.
    StateExpired: GONE, "state_expired";
    /// The login has failed before, and was opened again.
    StateUsed: GONE, "state_used";
    /// The login was started elsewhere.
    OtherBrowser: FORBIDDEN, "other_browser";
    /// Instagram sent neither code nor error.
    CodeMissing: BAD_REQUEST, "code_missing";
    /// The code was used, or is too old.
    CodeUsed: BAD_REQUEST, "code_used";
    /// Fewer permissions than needed.
    ScopesMissing: FORBIDDEN, "scopes_missing";
    /// No professional account.
    PersonalAccount: FORBIDDEN, "personal_account";
    /// Not the account that the invite or its name is for.
    OtherAccount: FORBIDDEN, "other_account";
    /// Code 100, "Unsupported request - method type: get".
    TesterNotAccepted: FORBIDDEN, "tester_not_accepted";
    /// "Insufficient developer role".
    InsufficientRole: FORBIDDEN, "insufficient_role";
    /// "Invalid platform app", or the secret is wrong.
    AppCredentials: INTERNAL_SERVER_ERROR, "app_credentials";
    /// "Redirect URI doesn't match original redirect URI" and its kin.
    RedirectMismatch: INTERNAL_SERVER_ERROR, "redirect_mismatch";
    /// "Invalid scope".
    InvalidScope: INTERNAL_SERVER_ERROR, "invalid_scope";
    /// Code 3.
    CapabilityMissing: INTERNAL_SERVER_ERROR, "capability_missing";
    /// Codes 100 and 2500 otherwise.
    RequestRefused: BAD_GATEWAY, "request_refused";
    /// No connection, a cut answer, a passing fault.
    InstagramUnavailable: BAD_GATEWAY, "instagram_unavailable";
    /// An answer that makes no sense, or a code that nobody knows.
    InstagramUnclear: BAD_GATEWAY, "instagram_unclear";
    /// Too many calls.
    Throttled: SERVICE_UNAVAILABLE, "instagram_throttled";
    /// Code 368.
    PolicyBlock: SERVICE_UNAVAILABLE, "policy_block";
    /// Code 4 with subcode 2207051.
    ActionBlocked: FORBIDDEN, "action_blocked";
    /// 190 with 459 or 490.
    Checkpoint: FORBIDDEN, "checkpoint";
    /// 190 with 464.
    Unconfirmed: FORBIDDEN, "account_unconfirmed";
    /// 190 with 458 or 461.
    AppRemoved: FORBIDDEN, "app_removed";
    /// 190 with 460.
    PasswordChanged: FORBIDDEN, "password_changed";
    /// 190 otherwise, and 102.
    TokenRefused: FORBIDDEN, "token_refused";
    /// Codes 10 and 200 to 299.
    PermissionMissing: FORBIDDEN, "permission_missing";
    /// The vault does not answer.
    VaultUnavailable: SERVICE_UNAVAILABLE, "vault_unavailable";
    /// The vault refuses us.
    VaultDenied: INTERNAL_SERVER_ERROR, "vault_denied";
    /// What lies under the name is no document of ours.
    VaultUnreadable: INTERNAL_SERVER_ERROR, "vault_unreadable";
    /// The app's id and secret are not filled in.
    AppNotSetUp: INTERNAL_SERVER_ERROR, "app_not_set_up";
    /// Our own secrets cannot be read.
    CredentialsUnavailable: SERVICE_UNAVAILABLE, "credentials_unavailable";
    /// The machine gave no randomness.
    Internal: INTERNAL_SERVER_ERROR, "internal";
    /// `/connected` without a valid receipt.
    ReceiptInvalid: BAD_REQUEST, "receipt_invalid";
    /// No `signed_request` that could be read.
    SignedRequestMalformed: BAD_REQUEST, "signed_request_malformed";
    /// A `signed_request` of somebody else's.
    SignedRequestForged: BAD_REQUEST, "signed_request_invalid";
    /// More than 64 KiB.
    BodyTooLarge: PAYLOAD_TOO_LARGE, "body_too_large";
    /// A confirmation code that is none of ours.
    DeletionUnknown: NOT_FOUND, "deletion_unknown";
    /// No such page.
    NotFound: NOT_FOUND, "not_found";
    /// A page, but not for this method.
    WrongMethod: METHOD_NOT_ALLOWED, "method_not_allowed";
}

impl From<ProviderErrorKind> for Topic {
    fn from(refusal: ProviderErrorKind) -> Self {
        match refusal {
            ProviderErrorKind::Unreachable | ProviderErrorKind::Unavailable => Self::InstagramUnavailable,
            ProviderErrorKind::Unreadable | ProviderErrorKind::Unclassified | ProviderErrorKind::OtherAccount => {
                Self::InstagramUnclear
            }
            ProviderErrorKind::RateLimited | ProviderErrorKind::AppRateLimited => Self::Throttled,
            ProviderErrorKind::PolicyBlock => Self::PolicyBlock,
            ProviderErrorKind::ActionBlocked => Self::ActionBlocked,
            ProviderErrorKind::Checkpoint => Self::Checkpoint,
            ProviderErrorKind::Unconfirmed => Self::Unconfirmed,
            ProviderErrorKind::AppRemoved => Self::AppRemoved,
            ProviderErrorKind::PasswordChanged => Self::PasswordChanged,
            ProviderErrorKind::Expired | ProviderErrorKind::TokenInvalid => Self::TokenRefused,
            ProviderErrorKind::PermissionMissing => Self::PermissionMissing,
            ProviderErrorKind::TesterNotAccepted => Self::TesterNotAccepted,
            ProviderErrorKind::InsufficientRole => Self::InsufficientRole,
            ProviderErrorKind::WrongAppCredentials => Self::AppCredentials,
            ProviderErrorKind::RedirectMismatch => Self::RedirectMismatch,
            ProviderErrorKind::CodeUsed => Self::CodeUsed,
            ProviderErrorKind::CapabilityMissing => Self::CapabilityMissing,
            ProviderErrorKind::RequestRefused => Self::RequestRefused,
        }
    }
}
