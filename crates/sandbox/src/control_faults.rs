//! The control API of fault injection.

use axum::body::Bytes;
use axum::extract::State;

use crate::control_error::ControlError;
use crate::control_json::{ControlResponse, parse, respond};
use crate::fault_queue::FaultQueue;
use crate::injected_fault::InjectedFault;
use crate::sandbox::Sandbox;

pub(crate) async fn list(State(sandbox): State<Sandbox>) -> ControlResponse {
    respond(&sandbox.state().faults)
}

pub(crate) async fn inject(State(sandbox): State<Sandbox>, body: Bytes) -> ControlResponse {
    sandbox.inject_fault(parse(&body)?)?;
    list(State(sandbox)).await
}

pub(crate) async fn clear(State(sandbox): State<Sandbox>) -> ControlResponse {
    sandbox.state().faults = FaultQueue::default();
    list(State(sandbox)).await
}

impl Sandbox {
    /// Injects a fault. Among several faults for one request, the oldest applies.
    ///
    /// # Errors
    /// The fault's account does not exist, or its response cannot be sent.
    pub fn inject_fault(&self, mut fault: InjectedFault) -> Result<(), ControlError> {
        fault.validate()?;
        let mut state = self.state();
        if let Some(account) = &mut fault.account {
            *account = match state.facebook.persons.find(account) {
                Ok(person) => person.id.to_string(),
                Err(_) => state.accounts.find(account)?.app_scoped_id.to_string(),
            };
        }
        state.faults.push(fault);
        Ok(())
    }
}
