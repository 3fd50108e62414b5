//! Checks the layout: a stack with one secret per account does not refresh accounts in packs.

use evertoken_aws::Aws;
use evertoken_aws::settings::VaultSettings;
use evertoken_core::vault::VaultError;
use evertoken_packed_aws::{PackedLayout, SecretsManagerPacks};
use evertoken_packed_vault::{Pack, PackSecret, PackSecrets};

use super::finding::Finding;
use super::{accounts, configuration};
use crate::context::Context;
use crate::terminal::plural::counted;

/// `None` if all is well.
pub(super) async fn check(aws: &Aws, context: &Context) -> Option<Finding> {
    match PackedLayout::read(&context.variables) {
        Err(error) => return Some(configuration::of(error, &context.vault_option)),
        Ok(Some(_)) => return None,
        Ok(None) => {}
    }
    // The configuration check reports settings that cannot be used.
    let settings = VaultSettings::read(&context.variables).ok()?;
    let packs = SecretsManagerPacks::new(aws.secrets_manager(), &settings);
    match first_used(&packs).await {
        Ok(used) => used.map(|(secret, accounts)| not_refreshed(&secret, accounts)),
        Err(error) => Some(Finding::warning("layout", format!("not checked ({error})"), accounts::remedy(&error))),
    }
}

/// The first secret of a pack that holds accounts, with their number. One that cannot be read counts as one account.
async fn first_used(packs: &SecretsManagerPacks) -> Result<Option<(PackSecret, usize)>, VaultError> {
    let mut next = None;
    loop {
        let page = packs.list(None, next).await?;
        for secret in page.secrets {
            let Some(stored) = packs.current(&secret).await? else { continue };
            let accounts = Pack::decode(&secret, &stored.value).map_or(1, |pack| pack.len());
            if accounts > 0 {
                return Ok(Some((secret, accounts)));
            }
        }
        next = page.next;
        if next.is_none() {
            return Ok(None);
        }
    }
}

fn not_refreshed(secret: &PackSecret, accounts: usize) -> Finding {
    let accounts = counted(accounts, "account");
    Finding::problem(
        "layout",
        format!("{secret} holds {accounts}, and with Layout=single, nothing refreshes the tokens in packs"),
        "Deploy with Layout=packed and run `evertoken reindex`. To return to Layout=single, first run `evertoken unpack --all`.",
    )
}
