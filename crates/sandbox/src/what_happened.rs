//! The activities of a sandbox in words, one chapter for each click on the control page.

use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use crate::account::InstagramId;
use crate::accounts::Accounts;
use crate::activity_log::{Activity, ActivityLog};
use crate::endpoint::Endpoint;
use crate::facebook::persons::Persons;

const DAY: &[BorrowedFormatItem<'_>] = format_description!("[day padding:none] [month repr:long] [year]");
const MINUTE: &[BorrowedFormatItem<'_>] =
    format_description!("[day padding:none] [month repr:long] [year], [hour]:[minute]");

/// What happened after a click, until the next one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Chapter {
    pub(crate) title: String,
    pub(crate) lines: Vec<Line>,
}

/// One thing that happened, once or several times.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Line {
    first_at: OffsetDateTime,
    last_at: OffsetDateTime,
    times: usize,
    what: String,
    pub(crate) is_notice: bool,
}

impl Line {
    pub(crate) fn when(&self) -> String {
        let (first, last) = (day(self.first_at), day(self.last_at));
        if first == last { minute(self.last_at) } else { format!("{first} to {last}") }
    }

    pub(crate) fn text(&self) -> String {
        if self.times == 1 { self.what.clone() } else { format!("{} ({} times)", self.what, self.times) }
    }
}

pub(crate) fn day(at: OffsetDateTime) -> String {
    // Fails only if the format asks for more than a time contains.
    at.to_utc().format(DAY).unwrap_or_default()
}

pub(crate) fn minute(at: OffsetDateTime) -> String {
    at.to_utc().format(MINUTE).unwrap_or_default()
}

/// All chapters, the latest first. Requests of the same kind and result are one line.
pub(crate) fn chapters(activities: &ActivityLog, accounts: &Accounts, persons: &Persons) -> Vec<Chapter> {
    let mut chapters = vec![Chapter { title: "Since the start".to_owned(), lines: Vec::new() }];
    for (at, activity) in activities.iter() {
        let (what, is_notice) = match activity {
            Activity::Action(title) => {
                chapters.push(Chapter { title: title.clone(), lines: Vec::new() });
                continue;
            }
            Activity::Notice(text) => (text.clone(), true),
            Activity::Request { endpoint, account, outcome } => {
                let Some(what) = describe(*endpoint, outcome, &name(*account, accounts, persons)) else { continue };
                (what, false)
            }
        };
        let Some(chapter) = chapters.last_mut() else { continue };
        match chapter.lines.iter_mut().find(|line| line.what == what && !is_notice) {
            Some(line) => {
                line.last_at = at;
                line.times = line.times.saturating_add(1);
            }
            None => chapter.lines.push(Line { first_at: at, last_at: at, times: 1, what, is_notice }),
        }
    }
    chapters.retain(|chapter| !chapter.lines.is_empty() || chapter.title != "Since the start");
    chapters.reverse();
    chapters
}

/// The account or the person with this id.
fn name(id: Option<InstagramId>, accounts: &Accounts, persons: &Persons) -> String {
    let account = id.and_then(|id| Some(format!("@{}", accounts.get(id)?.username)));
    let person = || id.and_then(|id| Some(persons.get(id.into())?.name.clone()));
    account.or_else(person).unwrap_or_else(|| "an unknown account".to_owned())
}

/// `None` for what is of no interest.
fn describe(endpoint: Endpoint, outcome: &str, name: &str) -> Option<String> {
    Some(match (endpoint, outcome) {
        (Endpoint::Authorize | Endpoint::FacebookDialog, "consent_shown") | (Endpoint::File, _) => return None,
        (Endpoint::Authorize, "allowed") => format!("{name} allowed the app to access the account."),
        (Endpoint::Authorize, "denied") => "The login was cancelled.".to_owned(),
        (Endpoint::Authorize, _) => format!("Instagram refused a login: {}.", reason(outcome)),
        (Endpoint::Code, "ok") => format!("The authorization code of {name} was exchanged for a short-lived token."),
        (Endpoint::Exchange, "ok") => format!("The short-lived token of {name} was exchanged for a long-lived one."),
        (Endpoint::Refresh, "ok") => format!("The token of {name} was renewed."),
        (Endpoint::Me, "ok") => format!("The token of {name} was checked and works."),
        (Endpoint::Media, "ok") => format!("The posts of {name} were listed."),
        (Endpoint::Media, "unknown_field") => {
            format!("Instagram refused a field of the posts of {name}.")
        }
        (Endpoint::Media, "too_many_calls") => format!("Instagram rejected a call: {name} has used up its calls."),
        (Endpoint::Code, _) => format!("Instagram rejected an authorization code: {}.", reason(outcome)),
        (Endpoint::FacebookDialog, "allowed") => format!("{name} allowed the app on Facebook."),
        (Endpoint::FacebookDialog, "denied") => "The login with Facebook was cancelled.".to_owned(),
        (Endpoint::FacebookDialog, _) => format!("Facebook refused a login: {}.", reason(outcome)),
        (Endpoint::FacebookToken, "ok") => format!("A code or token of {name} was exchanged."),
        (Endpoint::FacebookToken, _) => format!("Facebook rejected a code or token: {}.", reason(outcome)),
        (Endpoint::FacebookMe, "ok") => format!("Facebook described {name} or its permissions."),
        (Endpoint::FacebookAccounts, "ok") => format!("The pages of {name} were listed."),
        (Endpoint::FacebookBusinesses, "ok") => {
            format!("The business portfolios or their pages of {name} were listed.")
        }
        (Endpoint::FacebookPage, "ok") => format!("A page of {name} was read."),
        (Endpoint::FacebookAccount, "ok") => format!("{name} was checked through Facebook and works."),
        (Endpoint::FacebookMedia, "ok") => format!("The posts of {name} were listed through Facebook."),
        (Endpoint::FacebookDebug, "ok") => format!("A token of {name} was inspected."),
        (
            Endpoint::FacebookMe
            | Endpoint::FacebookAccounts
            | Endpoint::FacebookBusinesses
            | Endpoint::FacebookPage
            | Endpoint::FacebookAccount
            | Endpoint::FacebookMedia
            | Endpoint::FacebookDebug,
            _,
        ) => format!("Facebook rejected a call for {name}: {}.", reason(outcome)),
        (Endpoint::Exchange | Endpoint::Refresh | Endpoint::Me | Endpoint::Media, _) => {
            format!("Instagram rejected the token of {name}: {}.", reason(outcome))
        }
    })
}

/// The label of an outcome in words.
pub(crate) fn reason(outcome: &str) -> String {
    match outcome {
        "insufficient_role" => "the account has no role on the app".to_owned(),
        "unsupported" => "the tester invitation has not been accepted".to_owned(),
        "password_changed" => "the password was changed".to_owned(),
        "revoked" => "the app was removed".to_owned(),
        "checkpointed" => "Instagram asks the owner to confirm something".to_owned(),
        "checkpointed_on_facebook" => "Facebook asks the person to confirm something".to_owned(),
        "role_lost" => "the role on the page was lost".to_owned(),
        "data_access_expired" => "the person has not logged in for 90 days".to_owned(),
        "unknown_object" => "there is no such object, or no access to it".to_owned(),
        "expired" => "it has expired".to_owned(),
        "unknown_token" => "this sandbox did not issue it".to_owned(),
        other => other.replace('_', " "),
    }
}

#[cfg(test)]
mod tests {
    use time::Duration;
    use time::macros::datetime;

    use super::*;
    use crate::account::Account;

    #[test]
    fn a_chapter_counts_what_happened_several_times_and_keeps_every_notice() {
        let start = datetime!(2026-11-26 05:00 UTC);
        let accounts: Accounts = [Account::new("blue_bottle", 1, 2)].into_iter().collect();
        let account = Some(InstagramId(2));
        let mut log = ActivityLog::default();
        log.add(start, Activity::Request { endpoint: Endpoint::Authorize, account: None, outcome: "consent_shown" });
        log.add(start, Activity::Action("22 days later".to_owned()));
        for day in 0..3 {
            let at = start + Duration::days(day);
            log.add(at, Activity::Request { endpoint: Endpoint::Me, account, outcome: "ok" });
            log.add(at, Activity::Notice("Token Refreshed".to_owned()));
        }
        log.add(start, Activity::Request { endpoint: Endpoint::Me, account: None, outcome: "unknown_token" });
        let chapters = chapters(&log, &accounts, &Persons::default());
        assert_eq!(chapters.len(), 1);
        let lines: Vec<_> = chapters[0].lines.iter().map(|line| format!("{}: {}", line.when(), line.text())).collect();
        assert_eq!(
            lines,
            [
                "26 November 2026 to 28 November 2026: The token of @blue_bottle was checked and works. (3 times)",
                "26 November 2026, 05:00: Token Refreshed",
                "27 November 2026, 05:00: Token Refreshed",
                "28 November 2026, 05:00: Token Refreshed",
                "26 November 2026, 05:00: Instagram rejected the token of an unknown account: this sandbox did not \
                 issue it."
            ]
        );
    }
}
