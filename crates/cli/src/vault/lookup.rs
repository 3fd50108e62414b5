//! An account that somebody has named, and what to say where there is none of that name.

use anyhow::Result;
use evertoken_core::account::AccountName;
use evertoken_core::document::Versioned;
use evertoken_core::vault::{PAGE_SIZE, Vault};
use futures_util::{StreamExt, pin_mut};

use crate::error::CliError;

/// So many pages are looked through for a similar name: a vault may hold a million accounts.
const PAGES: usize = 100;

/// How alike two names are at least (Jaro-Winkler, 0 to 1), as clap has it for its own suggestions.
const ALIKE: f64 = 0.7;

/// The account of this name.
pub(crate) async fn account<V: Vault>(vault: &V, name: &AccountName) -> Result<Versioned> {
    match vault.get(name).await? {
        Some(account) => Ok(account),
        None => Err(unknown(vault, name).await.into()),
    }
}

/// Nothing, if there is an account, readable or not, of each of these names.
pub(crate) async fn all<V: Vault>(vault: &V, names: &[AccountName]) -> Result<()> {
    for names in names.chunks(PAGE_SIZE) {
        let page = vault.get_many(names).await?;
        let is_there = |name: &AccountName| {
            page.accounts.iter().any(|account| account.document.name == *name)
                || page.unreadable.iter().any(|unreadable| unreadable.name == name.as_str())
        };
        if let Some(absent) = names.iter().find(|name| !is_there(name)) {
            return Err(unknown(vault, absent).await.into());
        }
    }
    Ok(())
}

async fn unknown<V: Vault>(vault: &V, name: &AccountName) -> CliError {
    let mut names = Vec::new();
    {
        let pages = vault.list().take(PAGES);
        pin_mut!(pages);
        // A vault that cannot be listed has no suggestions; what is wrong is told all the same.
        while let Some(Ok(page)) = pages.next().await {
            names.extend(page.accounts.into_iter().map(|account| account.document.name.to_string()));
        }
    }
    let help = match similar(name.as_str(), &names) {
        Some(similar) => format!("did you mean {similar}? `evertoken list` shows all"),
        None if names.is_empty() => "no account is connected yet: `evertoken invite` makes a link for one".to_owned(),
        None => "`evertoken list` shows those that are there".to_owned(),
    };
    CliError::failed(format!("there is no account {name}"), help)
}

/// The name that is most like it.
fn similar<'a>(name: &str, names: &'a [String]) -> Option<&'a str> {
    let likeness = |other: &str| strsim::jaro_winkler(name, other);
    let alike = names.iter().map(|other| (likeness(other), other.as_str())).filter(|(likeness, _)| *likeness > ALIKE);
    alike.max_by(|one, other| one.0.total_cmp(&other.0)).map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_similar_name_is_proposed_and_none_where_none_is() {
        let names = ["shop-de", "shop-fr", "cafe"].map(str::to_owned);
        assert_eq!(similar("shop-ed", &names), Some("shop-de"));
        assert_eq!(similar("caffe", &names), Some("cafe"));
        assert_eq!(similar("zzz", &names), None);
    }
}
