//! What one account goes through, and what its owner knows.

use evertoken_sandbox::TokenRejection;
use url::Url;

use crate::clock::Hour;
use crate::day::Mark;
use crate::plan::{DAY, Person};

/// How Instagram stands to the token that is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It works.
    Works,
    /// It has ended by its age, or is none of Instagram's: a machine could have kept it.
    Lost,
    /// The owner alone can help.
    OwnerNeeded,
    /// The same, and the token revives.
    Checkpointed,
}

impl Standing {
    pub(crate) fn of(checked: Result<(), TokenRejection>) -> Self {
        match checked {
            Ok(()) => Self::Works,
            Err(TokenRejection::Checkpointed) => Self::Checkpointed,
            Err(TokenRejection::Revoked { .. } | TokenRejection::PasswordChanged) => Self::OwnerNeeded,
            Err(_) => Self::Lost,
        }
    }
}

/// How far an account has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Not connected yet.
    #[default]
    Before,
    /// Ours to keep.
    Connected,
    /// Its owner has taken it away.
    Left,
}

/// One account's year so far.
#[derive(Debug, Default)]
pub(crate) struct Life {
    pub(crate) stage: Stage,
    /// Today's.
    pub(crate) mark: Mark,
    /// As of the end of yesterday.
    pub(crate) dark: bool,
    /// Whether it was ever lost for want of a machine.
    pub(crate) lost: bool,
    /// Whether something befell it that needs its owner.
    pub(crate) needed_owner: bool,
    /// When the owner will do something about it.
    pub(crate) repair_at: Option<Hour>,
    /// The link that came with the news, and when.
    pub(crate) link: Option<(Hour, Url)>,
}

impl Life {
    /// Keeps the most telling mark of the day.
    pub(crate) fn mark(&mut self, mark: Mark) {
        self.mark = self.mark.max(mark);
    }

    /// The owner was told, or finds a blank page. When they will act, if that is sooner than was planned.
    pub(crate) fn hears(&mut self, hour: Hour, told: bool, person: &Person) -> Option<Hour> {
        let notices = if told { 0 } else { person.notices_after };
        let acts_at = hour + notices + person.acts_after;
        let sooner = self.repair_at.is_none_or(|planned| acts_at < planned);
        sooner.then(|| *self.repair_at.insert(acts_at))
    }

    /// The link that the owner was told of, while its invite holds.
    pub(crate) fn link_at(&self, hour: Hour) -> Option<Url> {
        let (told_at, link) = self.link.as_ref()?;
        (hour < told_at + 7 * DAY).then(|| link.clone())
    }
}
