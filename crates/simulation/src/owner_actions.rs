//! Performs the scheduled actions of owners and of the operator.

use crate::account_state::Connection;
use crate::accounts::SimulatedAccount;
use crate::breakdown::Breakdown;
use crate::clock::Hour;
use crate::day::DayStatus;
use crate::error::SimulationError;
use crate::incident::Incident;
use crate::notifications;
use crate::schedule::ScheduledAction;
use crate::simulated_year::SimulatedYear;
use crate::timeline::TimelineEvent;
use crate::token_status::TokenStatus;

/// How long an owner waits after failed login attempts.
const RETRY_AFTER: Hour = 6;

/// The number of login attempts without a wait.
const LOGIN_ATTEMPTS: usize = 3;

pub(crate) async fn perform(
    year: &mut SimulatedYear,
    action: ScheduledAction,
    hour: Hour,
) -> Result<(), SimulationError> {
    match action {
        ScheduledAction::Connect(index) => connect(year, index, hour).await,
        ScheduledAction::ApplyIncident(index, incident) => apply_incident(year, index, incident, hour).await?,
        ScheduledAction::Resolve(index) => resolve(year, index, hour).await?,
        ScheduledAction::RenewAccess(index) => renew_access(year, index, hour).await,
        ScheduledAction::StartOutage => {
            year.testbed.faults.start_outage();
            year.log(None, TimelineEvent::OutageStarted);
        }
        ScheduledAction::EndOutage => {
            year.testbed.faults.end_outage();
            year.log(None, TimelineEvent::OutageEnded);
        }
        ScheduledAction::ChangeAppSecret => {
            year.testbed.change_app_secret_at_meta();
            year.log(None, TimelineEvent::AppSecretChanged);
        }
        ScheduledAction::ConfigureAppSecret => {
            year.testbed.credentials.configure_new_app_secret();
            year.log(None, TimelineEvent::AppSecretConfigured);
        }
    }
    Ok(())
}

async fn connect(year: &mut SimulatedYear, index: usize, hour: Hour) {
    if !log_in(year, index, hour).await {
        year.schedule.add(hour + RETRY_AFTER, ScheduledAction::Connect(index));
        return;
    }
    if let Some(account) = year.accounts.get_mut(index) {
        account.state.connection = Connection::Connected;
        account.state.record(DayStatus::Connected);
    }
    year.outcome.connected += 1;
}

/// Completes a login on the real pages, through the link in the last notification or a new invite.
async fn log_in(year: &SimulatedYear, index: usize, hour: Hour) -> bool {
    let Some(account) = year.accounts.get(index) else { return false };
    for _ in 0..LOGIN_ATTEMPTS {
        let link = match account.state.valid_reconnect_link(hour) {
            Some(link) => Some(link),
            None => year.testbed.invite(&account.plan).await,
        };
        if let Some(link) = link
            && year.testbed.log_in(&account.plan, &link).await
        {
            return true;
        }
    }
    false
}

async fn apply_incident(
    year: &mut SimulatedYear,
    index: usize,
    incident: Incident,
    hour: Hour,
) -> Result<(), SimulationError> {
    let Some(account) = year.accounts.get_mut(index).filter(|account| account.state.is_connected()) else {
        return Ok(());
    };
    let (testbed, plan) = (&year.testbed, &account.plan);
    let event = match incident {
        Incident::PasswordChanged => {
            testbed.change_password(plan)?;
            TimelineEvent::PasswordChanged
        }
        Incident::Checkpoint => {
            testbed.set_checkpoint(plan, true)?;
            TimelineEvent::Checkpoint
        }
        Incident::AppRemoved => {
            testbed.remove_app(plan).await?;
            TimelineEvent::AppRemoved
        }
        Incident::RoleLost => {
            testbed.change_page(plan, |page| page.role_lost = true)?;
            TimelineEvent::RoleLost
        }
        Incident::Unlinked => {
            testbed.change_page(plan, |page| page.unlinked = true)?;
            TimelineEvent::Unlinked
        }
    };
    if incident == Incident::AppRemoved {
        account.state.connection = Connection::Left;
        account.state.record(DayStatus::Left);
        year.outcome.left += 1;
    } else {
        account.state.needed_owner = true;
        account.state.breakdown.get_or_insert(Breakdown::new(hour));
    }
    year.log(Some(index), event);
    Ok(())
}

/// The owner follows the link in a reminder, unless a login for another reason came first.
async fn renew_access(year: &mut SimulatedYear, index: usize, hour: Hour) {
    let is_waiting = |account: &SimulatedAccount| account.state.is_connected() && account.state.reminders > 0;
    if !year.accounts.get(index).is_some_and(is_waiting) {
        return;
    }
    if log_in(year, index, hour).await {
        if let Some(account) = year.accounts.get_mut(index) {
            account.state.reconnect_link = None;
        }
    } else {
        year.schedule.add(hour + RETRY_AFTER, ScheduledAction::RenewAccess(index));
    }
}

/// The owner clears the checkpoint, or restores what is missing on Facebook and logs in again.
async fn resolve(year: &mut SimulatedYear, index: usize, hour: Hour) -> Result<(), SimulationError> {
    let Some(account) = year.accounts.get(index).filter(|account| account.state.is_connected()) else {
        return Ok(());
    };
    // An earlier action replaces the ones that were scheduled before it.
    if account.state.owner_acts_at != Some(hour) {
        return Ok(());
    }
    let plan = account.plan.clone();
    let status = year.token_status(index).await;
    if status != TokenStatus::Working {
        notifications::record_owner_action(year, index, hour);
    }
    // A page that was restored makes the token work again, but the service does not check it before the next login.
    let awaits_login = plan.facebook.is_some() && year.awaits_login(index).await;
    let is_resolved = match status {
        TokenStatus::Working if awaits_login => log_in(year, index, hour).await,
        TokenStatus::Working => true,
        TokenStatus::Checkpointed => {
            year.testbed.set_checkpoint(&plan, false)?;
            true
        }
        TokenStatus::OwnerNeeded | TokenStatus::AccessEnded | TokenStatus::Lost => {
            year.testbed.change_page(&plan, |page| (page.role_lost, page.unlinked) = (false, false))?;
            log_in(year, index, hour).await
        }
    };
    let retry_at = (!is_resolved).then_some(hour + RETRY_AFTER);
    if let Some(account) = year.accounts.get_mut(index) {
        account.state.owner_acts_at = retry_at;
        if is_resolved {
            account.state.reconnect_link = None;
            if status != TokenStatus::Working {
                account.state.breakdown = None;
            }
        }
    }
    if let Some(retry_at) = retry_at {
        year.schedule.add(retry_at, ScheduledAction::Resolve(index));
    }
    Ok(())
}
