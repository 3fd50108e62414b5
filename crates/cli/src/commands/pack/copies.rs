//! The copies of packed accounts: which are still read, and deleting the others.

use evertoken_aws::ListedSecret;
use evertoken_core::account::AccountName;
use evertoken_core::clock::Clock;
use evertoken_packed_aws::PacksInAws;
use futures_util::{StreamExt, stream};
use serde::Serialize;
use serde_json::json;
use time::{Date, OffsetDateTime};

use crate::context::Context;
use crate::error::Result;
use crate::exit_status::ExitStatus;
use crate::terminal::output;
use crate::terminal::progress_bar::progress_bar;
use crate::terminal::table::{BAD, Cell, GOOD, PLAIN, Table, WARNING};
use crate::vault::vault_option::VaultOption;

/// Copies that are deleted at the same time.
const CONCURRENCY: usize = 16;

/// Whether anybody reads a copy, as far as Secrets Manager tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Use {
    /// It was read after the day it was packed.
    Read,
    /// It was not.
    Unread,
    /// It was packed or changed today, so nobody can tell yet.
    TooEarly,
}

impl Use {
    /// Packing reads the secret itself, so only a later day tells.
    fn of(copy: &ListedSecret, today: Date) -> Self {
        let packed_on = copy.last_changed.map_or(today, OffsetDateTime::date);
        match copy.last_accessed {
            Some(read_on) if read_on > packed_on => Self::Read,
            _ if packed_on >= today => Self::TooEarly,
            _ => Self::Unread,
        }
    }
}

/// Lists the copies of these accounts, or of all if there are none, and says which are still read.
pub(super) fn check(copies: &[ListedSecret], names: &[AccountName], context: &Context) -> Result<ExitStatus> {
    let today = context.clock.now().date();
    let mut copies: Vec<_> = copies.iter().map(|copy| (copy, Use::of(copy, today))).collect();
    copies.sort_by(|(one, _), (other, _)| one.name.cmp(&other.name));
    let count = |wanted: Use| copies.iter().filter(|(_, usage)| *usage == wanted).count();
    let (read, unread, too_early) = (count(Use::Read), count(Use::Unread), count(Use::TooEarly));
    if context.is_json() {
        let entry = |(copy, usage): &(&ListedSecret, Use)| {
            let last_read = copy.last_accessed.map(|day| day.to_string());
            json!({ "name": copy.name, "pack": copy.moved_to, "last_read": last_read, "use": usage })
        };
        let entries: Vec<_> = copies.iter().map(entry).collect();
        output::json(&json!({ "read": read, "unread": unread, "too_early": too_early, "copies": entries }))?;
    } else {
        print_table(&copies)?;
        output::note(&summary(read, unread, too_early, names, &context.vault_option));
    }
    Ok(status(&copies))
}

/// Whether nobody reads a copy any more.
fn status(copies: &[(&ListedSecret, Use)]) -> ExitStatus {
    ExitStatus::healthy_if(copies.iter().all(|(_, usage)| *usage != Use::Read))
}

fn print_table(copies: &[(&ListedSecret, Use)]) -> Result<()> {
    let mut table = Table::new(["NAME", "PACK", "LAST READ (UTC)", "COPY"]);
    for (copy, usage) in copies {
        let last_read = copy.last_accessed.map_or_else(|| "never".to_owned(), |day| day.to_string());
        let (text, style) = match usage {
            Use::Read => ("still read", BAD),
            Use::Unread => ("not read", GOOD),
            Use::TooEarly => ("packed today", WARNING),
        };
        let pack = copy.moved_to.clone().unwrap_or_default();
        table.push([
            copy.name.clone().into(),
            Cell::new(pack, PLAIN),
            Cell::new(last_read, PLAIN),
            Cell::new(text, style),
        ]);
    }
    if table.is_empty() { Ok(()) } else { table.print() }
}

fn summary(read: usize, unread: usize, too_early: usize, names: &[AccountName], vault: &VaultOption) -> String {
    match (read, unread, too_early) {
        (0, 0, 0) => "No packed account has a copy.".to_owned(),
        (0, unread, 0) => {
            let names: Vec<_> = names.iter().map(AccountName::as_str).collect();
            let selected = if names.is_empty() { "--all".to_owned() } else { names.join(" ") };
            let delete = vault.command(&format!("pack {selected} --delete-copies"));
            format!("Nobody has read {}. `{delete}` deletes them.", copies(unread))
        }
        (0, _, early) => format!("Packed today: {}. Check again in two days.", copies(early)),
        (read, _, _) => format!(
            "Still read: {}. Move the applications that read them, or move the accounts back with `{}`.",
            copies(read),
            vault.command("unpack NAME")
        ),
    }
}

fn copies(number: usize) -> String {
    if number == 1 { "1 copy".to_owned() } else { format!("{number} copies") }
}

/// Deletes the copies that nobody reads. The others stay.
pub(super) async fn delete(vault: &PacksInAws, copies: Vec<ListedSecret>, context: &Context) -> Result<ExitStatus> {
    let today = context.clock.now().date();
    let (unread, kept) = split(copies, today);
    let bar = progress_bar(unread.len(), "copies");
    let deletions = stream::iter(unread).map(async |copy: ListedSecret| {
        let deleted = vault.delete_copy(&copy.name).await;
        (copy.name, deleted)
    });
    let mut deletions = deletions.buffer_unordered(CONCURRENCY);
    let (mut deleted, mut failures) = (0, Vec::new());
    while let Some((name, result)) = deletions.next().await {
        match result {
            Ok(true) => deleted += 1,
            Ok(false) => failures.push(failure(&name, "not deleted, because the account is in no pack any more")),
            Err(error) => failures.push(failure(&name, &format!("not deleted: {error}"))),
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    if context.is_json() {
        let failures: Vec<_> =
            failures.iter().map(|(name, message)| json!({ "name": name, "message": message })).collect();
        output::json_line(&json!({ "deleted": deleted, "kept": kept.len(), "failures": failures }))?;
    } else {
        for (name, message) in &failures {
            output::note(&format!("{name}: {message}"));
        }
        output::note(&format!("Deleted {deleted}, kept {} that are still read or were packed today.", kept.len()));
    }
    Ok(ExitStatus::healthy_if(failures.is_empty()))
}

/// The copies that nobody reads, and all others.
fn split(copies: Vec<ListedSecret>, today: Date) -> (Vec<ListedSecret>, Vec<ListedSecret>) {
    copies.into_iter().partition(|copy| Use::of(copy, today) == Use::Unread)
}

fn failure(name: &AccountName, message: &str) -> (AccountName, String) {
    (name.clone(), message.to_owned())
}

#[cfg(test)]
mod tests {
    use time::macros::{date, datetime};

    use super::*;

    #[test]
    fn only_a_read_after_the_day_of_packing_is_a_read() {
        let copy = |last_accessed| ListedSecret {
            name: "shop-de".parse().unwrap(),
            moved_to: Some("main-00001".to_owned()),
            last_accessed,
            last_changed: Some(datetime!(2026-11-26 23:59 UTC)),
        };
        let today = date!(2026 - 11 - 28);
        for (last_accessed, expected) in
            [(None, Use::Unread), (Some(date!(2026 - 11 - 26)), Use::Unread), (Some(date!(2026 - 11 - 27)), Use::Read)]
        {
            assert_eq!(Use::of(&copy(last_accessed), today), expected);
        }
        assert_eq!(Use::of(&copy(None), date!(2026 - 11 - 26)), Use::TooEarly);
        assert_eq!(Use::of(&ListedSecret { last_changed: None, ..copy(None) }, today), Use::TooEarly);
    }

    #[test]
    fn only_copies_that_nobody_reads_are_deleted_and_one_that_is_read_fails_the_check() {
        let today = date!(2026 - 11 - 28);
        let copy = |name: &str, last_accessed, last_changed| ListedSecret {
            name: name.parse().unwrap(),
            moved_to: Some("main-00001".to_owned()),
            last_accessed,
            last_changed: Some(last_changed),
        };
        let packed = datetime!(2026-11-26 12:00 UTC);
        let copies = [
            copy("read", Some(date!(2026 - 11 - 27)), packed),
            copy("unread", Some(date!(2026 - 11 - 26)), packed),
            copy("too-early", Some(today), datetime!(2026-11-28 05:00 UTC)),
        ];
        let (deleted, kept) = split(copies.to_vec(), today);
        let names = |copies: Vec<ListedSecret>| copies.iter().map(|copy| copy.name.to_string()).collect::<Vec<_>>();
        assert_eq!((names(deleted), names(kept)), (vec!["unread".to_owned()], vec!["read".into(), "too-early".into()]));
        let [read, others @ ..] = copies.each_ref().map(|copy| (copy, Use::of(copy, today)));
        assert_eq!((status(&[read]), status(&others)), (ExitStatus::Unhealthy, ExitStatus::Ok));
    }
}
