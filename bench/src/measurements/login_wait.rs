//! How long a person waits for Evertoken during a login.

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::results::{Measurements, require};
use crate::samples::Samples;
use crate::table::{markdown, number};

/// When Instagram responds to a request, in milliseconds.
pub const INSTAGRAM_LATENCY_MS: u32 = 100;

/// When AWS responds to a request, in milliseconds.
pub const AWS_LATENCY_MS: u32 = 10;

/// The steps of a login in which a person waits, and all of them together. Each requires one request to the login pages.
pub const STEPS: [&str; 4] = ["Invite link to Instagram", "Callback", "Connected page", "Whole login"];

/// The waits of warm logins.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoginWaits(pub Vec<Step>);

/// The waits for one step.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// One of [`STEPS`].
    pub name: String,
    /// How long the person waits, in milliseconds.
    pub wait_ms: Samples,
    /// The time that the unavoidable requests take one after another, in milliseconds.
    pub lower_bound_ms: u32,
    /// Requests to Instagram in each login.
    pub instagram_requests: Samples,
    /// Requests to AWS in each login.
    pub aws_requests: Samples,
}

impl Measurements for LoginWaits {
    const NAME: &'static str = "login_wait";

    fn check(&self) -> Result<()> {
        require(&STEPS, self.0.iter().map(|step| step.name.as_str()))?;
        super::check_samples(self.0.iter().map(|step| {
            let samples = vec![&step.wait_ms, &step.instagram_requests, &step.aws_requests];
            (step.name.clone(), samples)
        }))
    }
}

impl LoginWaits {
    /// No samples yet. The callback needs three requests to Instagram (code, long-lived token, profile) and one write; the other
    /// steps need none.
    pub fn new() -> Self {
        let callback = 3 * INSTAGRAM_LATENCY_MS + AWS_LATENCY_MS;
        let lower_bounds = [0, callback, 0, callback];
        let step =
            |(name, lower_bound_ms): (&&str, u32)| Step { name: (*name).to_owned(), lower_bound_ms, ..Step::default() };
        Self(STEPS.iter().zip(lower_bounds).map(step).collect())
    }

    /// The number of logins.
    pub fn logins(&self) -> usize {
        self.0.first().map_or(0, |step| step.wait_ms.count())
    }

    /// The table of the documentation.
    pub fn table(&self) -> String {
        let row = |step: &Step| {
            let lower_bound = f64::from(step.lower_bound_ms);
            [
                step.name.clone(),
                number(step.wait_ms.median()),
                number(step.wait_ms.percentile(90)),
                step.lower_bound_ms.to_string(),
                number(step.wait_ms.median() - lower_bound),
                step.instagram_requests.median().to_string(),
                step.aws_requests.median().to_string(),
            ]
        };
        markdown(
            ["", "Wait", "90%", "Lower bound", "Overhead", "Instagram requests", "AWS requests"],
            &self.0.iter().map(row).collect::<Vec<_>>(),
        )
    }
}
