//! The plan of a year: what happens to which account, and when. It depends on the settings only, not on the renewal
//! strategy.

use std::ops::Range;

use crate::clock::{HOURS_PER_DAY, Hour};
use crate::facebook_person::FacebookPerson;
use crate::incident::Incident;
use crate::seeded_rng::{SeededRng, Stream};
use crate::settings::YearSettings;

/// The plan of one account and its owner.
#[derive(Clone, Debug)]
pub(crate) struct AccountPlan {
    /// The Instagram username, and the account name in the vault.
    pub(crate) name: String,
    pub(crate) connects_at: Hour,
    pub(crate) incident: Option<(Hour, Incident)>,
    /// How long the owner takes to notice a broken page without a notification.
    pub(crate) notices_after: Hour,
    /// How long the owner takes to act on a problem.
    pub(crate) acts_after: Hour,
    /// The interval of page views in days.
    pub(crate) view_interval: u32,
    /// The day of the first page view.
    pub(crate) first_view: u32,
    /// The person who connects the account through Facebook; `None` with Instagram Login.
    pub(crate) facebook: Option<FacebookPerson>,
}

/// The plan of a year.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) accounts: Vec<AccountPlan>,
    /// Two days, in a year of ten days or more.
    pub(crate) outage: Option<Range<Hour>>,
    /// When the operator changes the app secret, in a year of thirty days or more.
    pub(crate) app_secret_changes_at: Option<Hour>,
}

impl Plan {
    pub(crate) fn new(settings: &YearSettings) -> Self {
        let (days, mut rng) = (settings.days, SeededRng::new(settings.seed, Stream::Plan));
        let outage = (days >= 10).then(|| {
            let start = rng.in_range(days * 3 / 10..days * 7 / 10) * HOURS_PER_DAY + rng.in_range(0..HOURS_PER_DAY);
            start..start + 2 * HOURS_PER_DAY
        });
        let app_secret_changes_at = (days >= 30).then(|| rng.in_range(days / 2..days * 6 / 10) * HOURS_PER_DAY + 10);
        let mut accounts: Vec<AccountPlan> =
            (1..=settings.accounts).map(|number| AccountPlan::new(settings, number)).collect();
        let mut shuffled: Vec<&mut AccountPlan> = accounts.iter_mut().collect();
        rng.shuffle(&mut shuffled);
        // The last account is spared, so that there is always one that needs no owner.
        if let Some((last, others)) = shuffled.split_last_mut() {
            // It logs in after the change, which tests the new app secret.
            if let Some(changed_at) = app_secret_changes_at
                && !others.is_empty()
            {
                last.connects_at = changed_at + HOURS_PER_DAY;
            }
            for (account, incident) in others.iter_mut().zip(incidents(settings.accounts)) {
                let hour = rng.in_range(days / 5..days * 4 / 5) * HOURS_PER_DAY + rng.in_range(8..20);
                account.incident = Some((hour.max(account.connects_at + 2 * HOURS_PER_DAY), incident));
            }
        }
        plan_page_incidents(settings, &mut accounts);
        Self { accounts, outage, app_secret_changes_at }
    }
}

/// One in 50 people who connect an account through Facebook loses the role on the page, and one in 50 of their accounts is
/// unlinked. Uses a random stream of its own, so that these people do not change other plans.
fn plan_page_incidents(settings: &YearSettings, accounts: &mut [AccountPlan]) {
    let mut rng = SeededRng::new(settings.seed, Stream::FacebookPerson(0));
    let mut spared: Vec<_> = accounts
        .iter_mut()
        .filter(|account| account.incident.is_none())
        .filter_map(|account| Some((account.facebook.as_ref()?.page_incident_at, &mut account.incident)))
        .collect();
    rng.shuffle(&mut spared);
    let one_in_50 = settings.facebook_accounts.div_ceil(50);
    let incidents = [Incident::RoleLost, Incident::Unlinked].into_iter();
    let incidents = incidents.flat_map(|incident| (0..one_in_50).map(move |_| incident));
    for ((hour, planned), incident) in spared.into_iter().zip(incidents) {
        *planned = Some((hour, incident));
    }
}

/// One incident for each affected account.
fn incidents(accounts: u32) -> impl Iterator<Item = Incident> {
    let (one_in_20, one_in_50) = (accounts.div_ceil(20), accounts.div_ceil(50));
    let counts =
        [(one_in_20, Incident::PasswordChanged), (one_in_20, Incident::Checkpoint), (one_in_50, Incident::AppRemoved)];
    counts.into_iter().flat_map(|(count, incident)| (0..count).map(move |_| incident))
}

impl AccountPlan {
    /// Whether the owner acts on messages and broken pages.
    pub(crate) fn owner_acts(&self) -> bool {
        self.facebook.as_ref().is_none_or(FacebookPerson::follows_links)
    }

    /// Uses a random stream of its own, so that the number of accounts does not change the plan of one account.
    fn new(settings: &YearSettings, number: u32) -> Self {
        let mut rng = SeededRng::new(settings.seed, Stream::Account(number));
        let connects_on = rng.in_range(0..(settings.days / 10 + 1).min(14));
        let view_interval = match rng.in_range(0..20) {
            0..=11 => 1,
            12..=16 => 7,
            17..=18 => 30,
            _ => 90,
        };
        Self {
            name: format!("shop-{number:03}"),
            connects_at: connects_on * HOURS_PER_DAY + rng.in_range(8..20),
            incident: None,
            notices_after: rng.in_range(7 * HOURS_PER_DAY..28 * HOURS_PER_DAY),
            acts_after: rng.in_range(HOURS_PER_DAY..3 * HOURS_PER_DAY),
            view_interval,
            first_view: rng.in_range(0..view_interval),
            facebook: (number <= settings.facebook_accounts).then(|| FacebookPerson::new(settings, number)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(accounts: u32, days: u32) -> Plan {
        Plan::new(&YearSettings { accounts, days, ..YearSettings::default() })
    }

    #[test]
    fn twenty_accounts_have_one_incident_of_each_kind_and_one_outage() {
        let plan = plan(20, 365);
        for incident in [Incident::PasswordChanged, Incident::Checkpoint, Incident::AppRemoved] {
            let is_affected = |account: &&AccountPlan| account.incident.is_some_and(|(_, other)| other == incident);
            assert_eq!(plan.accounts.iter().filter(is_affected).count(), 1, "{incident:?}");
        }
        assert_eq!(plan.outage.map(|outage| outage.len()), Some(48));
    }

    #[test]
    fn a_single_account_has_no_incident_and_a_single_day_no_outage() {
        let plan = plan(1, 1);
        assert_eq!((plan.accounts.len(), plan.outage, plan.app_secret_changes_at), (1, None, None));
        assert!(plan.accounts[0].incident.is_none());
    }

    #[test]
    fn the_number_of_accounts_does_not_change_the_plan_of_an_account() {
        let [few, many] = [plan(3, 365), plan(30, 365)].map(|plan| plan.accounts[0].clone());
        assert_eq!((few.notices_after, few.acts_after), (many.notices_after, many.acts_after));
    }
}
