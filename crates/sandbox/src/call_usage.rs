//! The budget of calls for an account and app (Meta, "Rate Limits").

use http::HeaderValue;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::account::InstagramId;

/// How much of the budget is used. Instagram rejects calls at 100 percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallUsage {
    /// The used part in percent.
    pub percent: u32,
    /// Minutes until Instagram accepts calls again.
    #[serde(default)]
    pub regain_minutes: u32,
}

impl CallUsage {
    pub(crate) fn is_exhausted(self) -> bool {
        self.percent >= 100
    }

    /// The value of `X-Business-Use-Case-Usage`. Calls use more of the budget than time does.
    pub(crate) fn header(self, account: InstagramId) -> Option<HeaderValue> {
        let usage = json!({account.to_string(): [{
            "type": "instagram",
            "call_count": self.percent,
            "total_cputime": self.percent / 2,
            "total_time": self.percent / 3,
            "estimated_time_to_regain_access": self.regain_minutes,
        }]});
        HeaderValue::try_from(usage.to_string()).ok()
    }
}
