//! A refresh run on this machine, with the operator's own permissions.

use std::sync::Arc;

use evertoken_core::account::AccountName;
use evertoken_core::clock::Clock;
use evertoken_core::entropy::SystemEntropy;
use evertoken_core::refresh::{Refresher, Request};
use evertoken_core::variables;
use evertoken_https::Tls;
use evertoken_instagram::LoginSettings;

use super::observer::TerminalObserver;
use super::run_result::RunResult;
use crate::context::Context;
use crate::credentials::any_credentials::AnyApp;
use crate::error::Result;
use crate::events::event_targets::EventTargets;
use crate::server::shutdown::Shutdown;
use crate::vault::any_vault::AnyVault;
use crate::vault::location::VaultLocation;
use crate::vault::lookup;
use crate::vault::run_record::RunRecord;

/// Runs the request with a progress bar.
pub(super) async fn run(
    vault: &AnyVault,
    location: &VaultLocation,
    request: &Request,
    context: &Context,
) -> Result<RunResult> {
    if let Some(names) = &request.accounts {
        lookup::require_all(vault, names).await?;
    }
    let app = AnyApp::of_command(location, context).await?;
    let logins = LoginSettings::read(&context.variables)?.keeping_facebook(&context.variables)?;
    let refresher = Arc::new(Refresher {
        provider: logins.keeping(&Tls::with_system_roots(), Some(app), Arc::new(context.clock))?,
        vault: vault.clone(),
        clock: Arc::new(context.clock),
        entropy: Arc::new(SystemEntropy),
        events: EventTargets::of_command(location, context).await?,
        policy: variables::policy(&context.variables)?,
        limits: variables::limits(&context.variables)?,
    });
    let observer = TerminalObserver::new(refresher.policy, context.clock, Shutdown::on_signal()?);
    let report = refresher.run_observed(&observer, request, None).await?;
    let is_complete = report.left_for_next_run == 0;
    if request.accounts.is_none()
        && !request.dry_run
        && is_complete
        && let Some(record) = RunRecord::of(vault)
    {
        record.write(context.clock.now());
    }
    Ok(RunResult { report, accounts: observer.into_accounts() })
}

/// Refreshes one account now, even if it is not due.
pub(crate) async fn refresh_one(
    vault: &AnyVault,
    location: &VaultLocation,
    name: &AccountName,
    context: &Context,
) -> Result<RunResult> {
    let request = Request { accounts: Some(vec![name.clone()]), force: true, ..Request::default() };
    run(vault, location, &request, context).await
}
