//! A run on this machine, with the operator's own rights.

use std::sync::Arc;

use anyhow::Result;
use evertoken_core::account::AccountName;
use evertoken_core::clock::SystemClock;
use evertoken_core::entropy::SystemEntropy;
use evertoken_core::refresh::{Refresher, Request};
use evertoken_core::variables::{self, Variables};
use evertoken_core::vault::Vault;
use evertoken_instagram::{Endpoints, InstagramLogin};

use super::progress::Progress;
use super::result::RunResult;
use crate::events::event_targets;
use crate::server::shutdown::Shutdown;
use crate::vault::location::VaultLocation;
use crate::vault::lookup;

/// Does what `request` says, before the eyes of the person at the terminal.
pub(super) async fn run<V: Vault + Clone>(
    vault: &V,
    place: &VaultLocation,
    request: &Request,
    variables: &Variables,
) -> Result<RunResult> {
    if let Some(names) = &request.accounts {
        lookup::all(vault, names).await?;
    }
    let refresher = Arc::new(Refresher {
        provider: InstagramLogin::new(Endpoints::read(variables)?)?,
        vault: vault.clone(),
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        events: event_targets::of_command(place, variables).await?,
        policy: variables::policy(variables)?,
        limits: variables::limits(variables)?,
    });
    let progress = Progress::new(refresher.policy, Shutdown::on_signal()?);
    let report = refresher.run_observed(&progress, request, None).await?;
    RunResult::new(serde_json::to_value(&report)?, progress.into_accounts())
}

/// Renews one account now, due or not.
pub(crate) async fn renew<V: Vault + Clone>(
    vault: &V,
    place: &VaultLocation,
    name: &AccountName,
    variables: &Variables,
) -> Result<RunResult> {
    let request = Request { accounts: Some(vec![name.clone()]), force: true, dry_run: false };
    run(vault, place, &request, variables).await
}
