//! The faults that are waiting for a request.

use serde::Serialize;

use crate::account::InstagramId;
use crate::endpoint::Endpoint;
use crate::injected_fault::{InjectedFault, Repeat};

/// Faults in the order in which they were injected.
#[derive(Default, Serialize)]
pub(crate) struct FaultQueue(Vec<InjectedFault>);

impl FaultQueue {
    /// `fault.account` must be an app-scoped id.
    pub(crate) fn push(&mut self, fault: InjectedFault) {
        self.0.push(fault);
    }

    /// Takes the oldest fault that applies to this request, and counts it down.
    pub(crate) fn take(&mut self, endpoint: Endpoint, account: Option<InstagramId>) -> Option<InjectedFault> {
        let account = account.map(|id| id.to_string());
        let applies = |fault: &&mut InjectedFault| {
            fault.endpoint == endpoint && (fault.account.is_none() || fault.account == account)
        };
        let fault = self.0.iter_mut().find(applies)?;
        if let Repeat::Times(remaining) = &mut fault.times {
            *remaining = remaining.saturating_sub(1);
        }
        let taken = fault.clone();
        self.0.retain(|fault| fault.times != Repeat::Times(0));
        Some(taken)
    }
}
