//! What has happened in a sandbox, for the control page. Contains neither tokens nor codes.

use std::collections::VecDeque;

use time::OffsetDateTime;

use crate::account::InstagramId;
use crate::endpoint::Endpoint;

/// How many activities are kept. A year of three accounts has fewer.
const MAX_ENTRIES: usize = 5_000;

pub(crate) enum Activity {
    /// A click on the control page, in words.
    Action(String),
    /// A request to one of Instagram's endpoints.
    Request { endpoint: Endpoint, account: Option<InstagramId>, outcome: &'static str },
    /// Something that the service reported.
    Notice(String),
}

/// The latest activities, oldest first.
#[derive(Default)]
pub(crate) struct ActivityLog(VecDeque<(OffsetDateTime, Activity)>);

impl ActivityLog {
    pub(crate) fn add(&mut self, at: OffsetDateTime, activity: Activity) {
        if self.0.len() == MAX_ENTRIES {
            self.0.pop_front();
        }
        self.0.push_back((at, activity));
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (OffsetDateTime, &Activity)> {
        self.0.iter().map(|(at, activity)| (*at, activity))
    }
}
