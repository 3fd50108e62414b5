//! All accounts of a year.

use std::collections::HashMap;

use crate::account_state::AccountState;
use crate::plan::AccountPlan;

#[derive(Debug)]
pub(crate) struct SimulatedAccount {
    pub(crate) plan: AccountPlan,
    pub(crate) state: AccountState,
}

/// Accounts with an index by name. The accounts are in the order of their numbers.
#[derive(Debug)]
pub(crate) struct Accounts {
    by_number: Vec<SimulatedAccount>,
    index_by_name: HashMap<String, usize>,
    /// Indexes in the order in which the accounts connect.
    connection_order: Vec<usize>,
}

impl Accounts {
    pub(crate) fn new(plans: Vec<AccountPlan>) -> Self {
        let index_by_name = plans.iter().enumerate().map(|(index, plan)| (plan.name.clone(), index)).collect();
        let mut by_hour: Vec<_> = plans.iter().map(|plan| plan.connects_at).enumerate().collect();
        by_hour.sort_by_key(|(_, connects_at)| *connects_at);
        Self {
            index_by_name,
            connection_order: by_hour.into_iter().map(|(index, _)| index).collect(),
            by_number: plans
                .into_iter()
                .map(|plan| SimulatedAccount { plan, state: AccountState::default() })
                .collect(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.by_number.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &SimulatedAccount> {
        self.by_number.iter()
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut SimulatedAccount> {
        self.by_number.iter_mut()
    }

    pub(crate) fn get(&self, index: usize) -> Option<&SimulatedAccount> {
        self.by_number.get(index)
    }

    pub(crate) fn get_mut(&mut self, index: usize) -> Option<&mut SimulatedAccount> {
        self.by_number.get_mut(index)
    }

    pub(crate) fn index_of(&self, name: &str) -> Option<usize> {
        self.index_by_name.get(name).copied()
    }

    /// The plans of the accounts that are connected now, in the order in which they were connected.
    pub(crate) fn connected(&self) -> Vec<&AccountPlan> {
        let in_order = self.connection_order.iter().filter_map(|index| self.by_number.get(*index));
        in_order.filter(|account| account.state.is_connected()).map(|account| &account.plan).collect()
    }
}
