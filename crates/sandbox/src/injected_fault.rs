//! Fault injection: which requests get a fault, and the response that replaces Instagram's.

use std::collections::BTreeMap;

use http::{HeaderName, HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::control_error::ControlError;
use crate::endpoint::Endpoint;

/// A fault for the requests of one endpoint. Serializes to the body of `POST /_sandbox/faults`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InjectedFault {
    /// The endpoint whose requests get the fault.
    pub endpoint: Endpoint,
    /// Limits the fault to requests of one account, by username or either id, or of a person on Facebook, by label or
    /// id. The sandbox lists it as the app-scoped id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// How many requests get the fault.
    #[serde(default)]
    pub times: Repeat,
    /// How long the response is delayed, in milliseconds.
    #[serde(default)]
    pub latency_ms: u64,
    /// Whether Instagram processes the request first.
    #[serde(rename = "when", default)]
    pub timing: FaultTiming,
    /// The response that replaces Instagram's. `None` keeps Instagram's response.
    #[serde(rename = "answer", default, skip_serializing_if = "Option::is_none")]
    pub response: Option<FaultResponse>,
}

impl InjectedFault {
    /// A fault for the next request of any account. Instagram does not process that request.
    pub fn new(endpoint: Endpoint, response: FaultResponse) -> Self {
        Self { response: Some(response), ..Self::latency(endpoint, 0) }
    }

    /// Delays the next response of any account and leaves it unchanged otherwise.
    pub fn latency(endpoint: Endpoint, latency_ms: u64) -> Self {
        Self {
            endpoint,
            account: None,
            times: Repeat::default(),
            latency_ms,
            timing: FaultTiming::default(),
            response: None,
        }
    }

    /// Limits the fault to one account, by username or either id.
    #[must_use]
    pub fn for_account(self, account: impl Into<String>) -> Self {
        Self { account: Some(account.into()), ..self }
    }

    /// Applies the fault to this many requests.
    #[must_use]
    pub fn times(self, times: u64) -> Self {
        Self { times: Repeat::Times(times), ..self }
    }

    /// Applies the fault until it is removed.
    #[must_use]
    pub fn always(self) -> Self {
        Self { times: Repeat::Always, ..self }
    }

    /// Lets Instagram process the request, then replaces its response.
    #[must_use]
    pub fn after_processing(self) -> Self {
        Self { timing: FaultTiming::After, ..self }
    }

    /// Checks that the response can be sent.
    pub(crate) fn validate(&self) -> Result<(), ControlError> {
        let (status, headers) = match &self.response {
            Some(FaultResponse::Status { status, headers, .. }) => (*status, Some(headers)),
            Some(FaultResponse::RateLimit { status, .. }) => (*status, None),
            _ => return Ok(()),
        };
        // After an informational response, a client waits for the final one.
        if status.is_informational() {
            return Err(ControlError::InformationalStatus(status.as_u16()));
        }
        let is_valid =
            |name: &String, value: &String| HeaderName::try_from(name).is_ok() && HeaderValue::try_from(value).is_ok();
        match headers.into_iter().flatten().find(|(name, value)| !is_valid(name, value)) {
            Some((name, _)) => Err(ControlError::InvalidHeader(name.clone())),
            None => Ok(()),
        }
    }
}

impl From<InjectedFault> for Value {
    fn from(fault: InjectedFault) -> Self {
        json!(fault)
    }
}

/// How many requests get a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", expecting = "a number of requests, or \"always\"")]
pub enum Repeat {
    /// Every request, until the fault is removed.
    Always,
    /// This many requests.
    #[serde(untagged)]
    Times(u64),
}

impl Default for Repeat {
    fn default() -> Self {
        Self::Times(1)
    }
}

/// Whether Instagram processes a request that gets a fault.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultTiming {
    /// The fault comes first, and the request has no effect.
    #[default]
    Before,
    /// The request takes effect (a code is used, a token is issued), but its response is lost.
    After,
}

/// The response that replaces Instagram's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum FaultResponse {
    /// Any status.
    Status {
        /// A final status, which excludes 1xx.
        #[serde(with = "status_code")]
        status: StatusCode,
        /// A string is sent as text, any other value as JSON. `None` sends the endpoint's "service down" error.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        body: Option<Value>,
        /// Additional headers.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        headers: BTreeMap<String, String>,
    },
    /// Status 200 and the first half of a body, then the connection is closed.
    #[serde(rename = "cut")]
    Truncated,
    /// Status 200 and a body that is not JSON, although its content type says so.
    #[serde(rename = "wrong_json")]
    InvalidJson,
    /// The app's rate limit is reached: code 4 with `X-App-Usage`.
    RateLimit {
        /// Instagram sends 400, 403 or 429.
        #[serde(with = "status_code", default = "status_code::forbidden")]
        status: StatusCode,
        /// The `Retry-After` header.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after_seconds: Option<u64>,
    },
    /// Status 200 and JSON of at least this size.
    #[serde(rename = "huge")]
    Oversized {
        /// The minimum size of the body.
        bytes: u64,
    },
}

impl FaultResponse {
    /// This status with the endpoint's "service down" error.
    pub fn status(status: StatusCode) -> Self {
        Self::Status { status, body: None, headers: BTreeMap::new() }
    }

    /// This status with a body: a [`GraphError`](crate::GraphError), a
    /// [`CodeExchangeError`](crate::CodeExchangeError), a text, or any JSON.
    pub fn with_body(status: StatusCode, body: impl Into<Value>) -> Self {
        Self::Status { status, body: Some(body.into()), headers: BTreeMap::new() }
    }
}

mod status_code {
    use http::StatusCode;
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    pub(super) fn serialize<S: Serializer>(status: &StatusCode, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u16(status.as_u16())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<StatusCode, D::Error> {
        let status = u16::deserialize(deserializer)?;
        StatusCode::from_u16(status)
            .map_err(|_| serde::de::Error::custom(format_args!("{status} is not an HTTP status")))
    }

    pub(super) fn forbidden() -> StatusCode {
        StatusCode::FORBIDDEN
    }
}
