//! The input of a login.

use time::OffsetDateTime;
use url::Url;

use super::time_limits::Deadlines;
use crate::app::App;
use crate::invite::Invite;
use crate::login_state::LoginId;
use crate::scopes::Scopes;
use crate::secrets::AuthorizationCode;

/// What Instagram has redirected back with.
#[derive(Clone, Copy, Debug)]
pub struct CodeGrant<'a> {
    /// The authorization code.
    pub code: &'a AuthorizationCode,
    /// The redirect URI, the same as on the consent page.
    pub redirect_uri: &'a Url,
}

/// A login that Instagram has redirected back.
#[derive(Debug)]
pub struct Login<'a> {
    /// The app that the person logs in to.
    pub app: &'a App,
    /// The scopes that must be granted.
    pub scopes: &'a Scopes,
    /// The invite that started the login, if any.
    pub invite: Option<&'a Invite>,
    /// The login's id, by which a duplicate callback finds the result; `None` if no browser started the login.
    pub id: Option<&'a LoginId>,
    /// The current time.
    pub now: OffsetDateTime,
    /// When the login must end.
    pub deadlines: Deadlines,
}
