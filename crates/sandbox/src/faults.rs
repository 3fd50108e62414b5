//! Faults that are waiting for a request.

use std::collections::BTreeMap;

use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::account::InstagramId;
use crate::counters::Endpoint;

/// What shall go wrong, where, for whom and how often.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fault {
    pub(crate) endpoint: Endpoint,
    /// Only for requests of this account, by user name or either id. The setter replaces it by the app-scoped id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) account: Option<String>,
    /// How many requests it meets.
    #[serde(default)]
    pub(crate) times: Times,
    /// How long the answer waits.
    #[serde(default)]
    pub(crate) latency_ms: u64,
    #[serde(default)]
    pub(crate) when: When,
    /// The answer in place of Instagram's; none leaves Instagram's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) answer: Option<FaultAnswer>,
}

/// How many requests a fault meets: a number, or `"always"`.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "a number of requests, or \"always\"")]
pub(crate) enum Times {
    Count(u64),
    Word(Always),
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Always {
    Always,
}

impl Default for Times {
    fn default() -> Self {
        Self::Count(1)
    }
}

/// Whether the sandbox does what was asked before the fault takes the answer away.
#[derive(Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum When {
    /// The fault comes first: nothing has happened.
    #[default]
    Before,
    /// The work is done (a code is used, a token is issued), and its answer is lost.
    After,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum FaultAnswer {
    /// Any answer. Without a body, the error of a service that is down in the endpoint's own form.
    Status {
        status: FinalStatus,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        body: Option<Value>,
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        headers: BTreeMap<String, String>,
    },
    /// Status 200 and the beginning of an answer, then the connection is closed.
    Cut,
    /// Status 200 and a body that says it is JSON and is not.
    WrongJson,
    /// The app's limit is reached: code 4 with `X-App-Usage`.
    RateLimit {
        /// Instagram's throttling comes as 400, 403 or 429.
        #[serde(default)]
        status: FinalStatus,
        /// Sent as `Retry-After`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after_seconds: Option<u64>,
    },
    /// Status 200 and JSON of at least this many bytes.
    Huge { bytes: u64 },
}

/// The faults that are set, oldest first.
#[derive(Default, Serialize)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    /// The oldest fault that meets this request. It is used up by one.
    pub(crate) fn take(&mut self, endpoint: Endpoint, account: Option<InstagramId>) -> Option<Fault> {
        let account = account.map(|id| id.to_string());
        let meets =
            |fault: &&mut Fault| fault.endpoint == endpoint && (fault.account.is_none() || fault.account == account);
        let fault = self.0.iter_mut().find(meets)?;
        if let Times::Count(left) = &mut fault.times {
            *left = left.saturating_sub(1);
        }
        let taken = fault.clone();
        self.0.retain(|fault| fault.times != Times::Count(0));
        Some(taken)
    }
}

/// The status of a final answer.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub(crate) struct FinalStatus(pub(crate) StatusCode);

impl Default for FinalStatus {
    fn default() -> Self {
        Self(StatusCode::FORBIDDEN)
    }
}

impl TryFrom<u16> for FinalStatus {
    type Error = String;

    /// An informational status is no answer: the client would wait on.
    fn try_from(status: u16) -> Result<Self, Self::Error> {
        let known = StatusCode::from_u16(status).ok().filter(|status| !status.is_informational());
        known.map(Self).ok_or_else(|| format!("{status} is no final HTTP status"))
    }
}

impl From<FinalStatus> for u16 {
    fn from(status: FinalStatus) -> Self {
        status.0.as_u16()
    }
}
