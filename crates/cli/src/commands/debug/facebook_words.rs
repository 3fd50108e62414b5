//! What a token of Facebook Login is and what to do with it, in words.

use evertoken_instagram::FacebookToken;
use serde::Serialize;
use time::{Duration, OffsetDateTime};

use crate::terminal::plural::noun;
use crate::vault::vault_option::VaultOption;

/// The first reminder is sent so long before access to data ends.
const REMINDER: Duration = Duration::days(30);

/// What Evertoken can do with a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum FacebookKind {
    /// Does not expire. Evertoken checks it.
    Page,
    /// Ends with the person's token that it came from.
    DatedPage,
    Person,
    /// Does not expire. Evertoken checks it.
    SystemUser,
    /// Evertoken renews it.
    DatedSystemUser,
    App,
    Other,
}

impl FacebookKind {
    pub(super) fn of(token: &FacebookToken) -> Self {
        match (token.kind.as_deref(), token.expires_at) {
            (Some("PAGE"), None) => Self::Page,
            (Some("PAGE"), Some(_)) => Self::DatedPage,
            (Some("SYSTEM_USER"), None) => Self::SystemUser,
            (Some("SYSTEM_USER"), Some(_)) => Self::DatedSystemUser,
            (Some("USER"), _) => Self::Person,
            (Some("APP"), _) => Self::App,
            _ => Self::Other,
        }
    }

    /// What it is and when it ends, in one or two sentences.
    pub(super) fn explain(self, token: &FacebookToken) -> String {
        let date = |at: Option<OffsetDateTime>| at.map(|at| at.date().to_string());
        let ends = date(token.expires_at).map_or_else(String::new, |date| format!(" on {date}"));
        match (self, date(token.data_access_expires_at)) {
            (Self::Page, Some(date)) => format!(
                "The token of a page. It does not expire, but access to data ends on {date} unless the person who connected \
                 the page logs in again."
            ),
            (Self::Page, None) => "The token of a page. It does not expire.".to_owned(),
            (Self::DatedPage, _) => format!(
                "The token of a page, made with a short-lived token of a person. It ends{ends}, and Evertoken cannot renew it."
            ),
            (Self::Person, _) => {
                let ends = if ends.is_empty() { " after about 60 days".to_owned() } else { ends };
                format!("The token of a person. It ends{ends} and permits all that the person may do.")
            }
            (Self::SystemUser, _) => {
                "The token of a system user. It does not expire, and no person has to log in again.".to_owned()
            }
            (Self::DatedSystemUser, _) => {
                format!("The token of a system user. It ends{ends} unless it is renewed, which Evertoken does.")
            }
            (Self::App, _) => "The token of an app, which contains the app secret. It has no account.".to_owned(),
            (Self::Other, _) => "A token of a kind that Evertoken does not know.".to_owned(),
        }
    }

    /// What to do with a token that works and is not stored. `accounts` is the number of its accounts, 0 if not known.
    pub(super) fn next(self, accounts: usize, has_app: bool, vault: &VaultOption) -> String {
        let invite = vault.command("invite --name NAME --provider facebook");
        match self {
            Self::Page | Self::SystemUser | Self::DatedSystemUser => {
                let account = if accounts > 1 { " --account ACCOUNT_ID" } else { "" };
                let import = vault.command(&format!("import NAME --provider facebook{account}"));
                if has_app {
                    return format!("Let Evertoken keep it: {import}");
                }
                let setup = vault.command("setup --provider both");
                format!("Store the Meta app's ID and secret: {setup}. Then let Evertoken keep the token: {import}")
            }
            Self::DatedPage | Self::Person => {
                format!("Do not import it. Create a link for the person, which gives a token that lasts: {invite}")
            }
            Self::App => format!("Keep it secret. Create a link for somebody who manages the page: {invite}"),
            Self::Other => format!("Create a link for somebody who manages the page: {invite}"),
        }
    }
}

/// What to do about a stored token that works, if its access to data ends soon.
pub(super) fn renew_access(
    data_access_expires_at: Option<OffsetDateTime>,
    now: OffsetDateTime,
    invite: &str,
) -> Option<String> {
    let left = data_access_expires_at? - now;
    let days = left.whole_days();
    (left <= REMINDER).then(|| {
        format!(
            "Access to data ends in {days} {}. Send a link to the person who connected the account: {invite}",
            noun(days, "day")
        )
    })
}

#[cfg(test)]
mod tests {
    use evertoken_core::scopes::Scopes;
    use time::macros::datetime;

    use super::*;

    fn token(kind: &str, expires_at: Option<OffsetDateTime>) -> FacebookToken {
        FacebookToken {
            is_valid: true,
            kind: Some(kind.to_owned()),
            app_id: None,
            app_name: None,
            scopes: Scopes::default(),
            granular_scopes: Vec::new(),
            user_id: None,
            page_id: None,
            issued_at: None,
            expires_at,
            never_expires: expires_at.is_none(),
            data_access_expires_at: None,
            error: None,
        }
    }

    #[test]
    fn each_kind_is_explained_and_has_a_next_step() {
        let end = Some(datetime!(2027-01-24 05:00 UTC));
        let vault = VaultOption::default();
        for (kind, expires_at, explanation, next) in [
            ("PAGE", None, "does not expire", "import NAME --provider facebook"),
            ("PAGE", end, "ends on 2027-01-24", "Do not import it"),
            ("USER", end, "of a person. It ends on 2027-01-24", "Do not import it"),
            ("USER", None, "after about 60 days", "invite --name NAME --provider facebook"),
            ("SYSTEM_USER", None, "no person has to log in", "import NAME --provider facebook --account ACCOUNT_ID"),
            ("SYSTEM_USER", end, "which Evertoken does", "import NAME --provider facebook"),
            ("APP", None, "has no account", "Keep it secret"),
            ("GUEST", None, "does not know", "invite"),
        ] {
            let token = token(kind, expires_at);
            let kind = FacebookKind::of(&token);
            assert!(kind.explain(&token).contains(explanation), "{kind:?}");
            assert!(kind.next(2, true, &vault).contains(next), "{kind:?}");
        }
        assert!(FacebookKind::Page.next(0, false, &vault).contains("evertoken setup --provider both"));
    }

    #[test]
    fn a_link_is_suggested_in_the_last_thirty_days_of_access_to_data() {
        let now = datetime!(2026-11-22 05:00 UTC);
        let invite = "evertoken invite --name shop";
        let renew = |left: Duration| renew_access(Some(now + left), now, invite);
        assert_eq!(renew(Duration::days(30) + Duration::SECOND), None);
        assert_eq!(renew_access(None, now, invite), None);
        for (days, words) in [(30, "30 days"), (1, "1 day")] {
            let expected = format!(
                "Access to data ends in {words}. Send a link to the person who connected the account: {invite}"
            );
            assert_eq!(renew(Duration::days(days)), Some(expected));
        }
    }
}
