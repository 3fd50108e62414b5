//! Handles one request to an endpoint: injects a fault, runs the endpoint's operation, and counts the request.

use std::time::{Duration, Instant};

use axum::response::Response;
use time::OffsetDateTime;

use crate::account::InstagramId;
use crate::activity_log::Activity;
use crate::endpoint::Endpoint;
use crate::endpoint_response::EndpointResponse;
use crate::fault_response::fault_response;
use crate::graph_rejection::GraphRejection;
use crate::injected_fault::{FaultTiming, InjectedFault};
use crate::sandbox::Sandbox;
use crate::state::SandboxState;

pub(crate) struct RequestHandler<'a> {
    sandbox: &'a Sandbox,
    endpoint: Endpoint,
    received_at: Instant,
    /// Excluded from the endpoint's own time.
    fault_latency: Duration,
}

impl<'a> RequestHandler<'a> {
    /// Starts to measure the endpoint's own time.
    pub(crate) fn new(sandbox: &'a Sandbox, endpoint: Endpoint) -> Self {
        Self { sandbox, endpoint, received_at: Instant::now(), fault_latency: Duration::ZERO }
    }

    /// Handles a request to the Graph host.
    pub(crate) async fn handle_graph(
        self,
        account: Option<InstagramId>,
        operation: impl FnOnce(&mut SandboxState, OffsetDateTime) -> Result<EndpointResponse, GraphRejection>,
    ) -> Response {
        self.handle(account, |state, now| {
            let subcode_format = state.shapes.error_subcode;
            operation(state, now).unwrap_or_else(|rejection| rejection.response(subcode_format))
        })
        .await
    }

    /// Handles a request of `account`, if the request identifies one.
    pub(crate) async fn handle(
        mut self,
        account: Option<InstagramId>,
        operation: impl FnOnce(&mut SandboxState, OffsetDateTime) -> EndpointResponse,
    ) -> Response {
        let Some(fault) = self.start(account) else {
            let response = self.run(operation);
            return self.finish(account, response);
        };
        if fault.timing == FaultTiming::Before {
            self.delay(fault.latency_ms).await;
        }
        let response = match (fault.response, fault.timing) {
            (None, _) => self.run(operation),
            (Some(response), FaultTiming::Before) => fault_response(response, self.endpoint, None).await,
            (Some(response), FaultTiming::After) => {
                let original = self.run(operation).response;
                fault_response(response, self.endpoint, Some(original)).await
            }
        };
        if fault.timing == FaultTiming::After {
            self.delay(fault.latency_ms).await;
        }
        self.finish(account, response)
    }

    fn start(&self, account: Option<InstagramId>) -> Option<InjectedFault> {
        let mut state = self.sandbox.state();
        state.counters.count_request(self.endpoint);
        state.faults.take(self.endpoint, account)
    }

    fn run(&self, operation: impl FnOnce(&mut SandboxState, OffsetDateTime) -> EndpointResponse) -> EndpointResponse {
        let mut state = self.sandbox.state();
        let now = state.clock.now();
        operation(&mut state, now)
    }

    async fn delay(&mut self, latency_ms: u64) {
        let start = Instant::now();
        tokio::time::sleep(Duration::from_millis(latency_ms)).await;
        self.fault_latency = start.elapsed();
    }

    fn finish(self, account: Option<InstagramId>, response: EndpointResponse) -> Response {
        let (endpoint, outcome) = (self.endpoint, response.outcome);
        let own_time = self.received_at.elapsed().saturating_sub(self.fault_latency);
        let mut state = self.sandbox.state();
        state.counters.count_response(endpoint, outcome, own_time);
        let now = state.clock.now();
        state.activities.add(now, Activity::Request { endpoint, account, outcome });
        response.response
    }
}
