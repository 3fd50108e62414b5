//! Request counters by endpoint. Nothing in them comes from a request, so they cannot contain a token.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use crate::endpoint::Endpoint;

#[derive(Default, Serialize)]
pub(crate) struct Counters(BTreeMap<Endpoint, EndpointCounters>);

/// A request without an outcome is in progress, or its client has disconnected.
#[derive(Default, Serialize)]
struct EndpointCounters {
    requests: u64,
    outcomes: BTreeMap<&'static str, u64>,
    /// Processing time in microseconds, without the latency of injected faults.
    own_time_us: u64,
}

impl Counters {
    pub(crate) fn count_request(&mut self, endpoint: Endpoint) {
        let counters = self.0.entry(endpoint).or_default();
        counters.requests = counters.requests.saturating_add(1);
    }

    pub(crate) fn count_response(&mut self, endpoint: Endpoint, outcome: &'static str, own_time: Duration) {
        let counters = self.0.entry(endpoint).or_default();
        let count = counters.outcomes.entry(outcome).or_default();
        *count = count.saturating_add(1);
        let own_time = u64::try_from(own_time.as_micros()).unwrap_or(u64::MAX);
        counters.own_time_us = counters.own_time_us.saturating_add(own_time);
    }
}
