//! The logins that this process has finished or is finishing.
//!
//! A login's callback can be repeated: by a double click, a reload, or a stranger who sends it a thousand times. Each
//! process therefore finishes a login once, and answers every repetition from memory.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use evertoken_core::login_state::{LoginId, LoginState};
use evertoken_core::receipt::Receipt;
use evertoken_core::signing::Claims;
use time::OffsetDateTime;
use tokio::sync::watch;

/// How many logins are kept, about a megabyte. A login is kept for as long as its state is valid, and the soonest to
/// expire makes room for a new one.
const CAPACITY: usize = 4096;

/// How a login went on; `None` as long as that is open, and if it failed.
type Outcome = Option<Advance>;

/// What a login leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Advance {
    /// Everything is stored.
    Connected(Box<Receipt>),
    /// The person must choose, with this sealed cookie.
    Choose(String),
}

#[derive(Debug, Default)]
pub(crate) struct SeenLogins(Mutex<HashMap<LoginId, Seen>>);

#[derive(Debug)]
struct Seen {
    expires_at: OffsetDateTime,
    outcome: watch::Receiver<Outcome>,
}

/// Whose turn it is to finish a login.
pub(crate) enum Turn {
    /// This request's. Everyone else waits for the outcome.
    First(Ending),
    /// Another request's.
    Later(Later),
}

/// The duty to report how a login ended. If it is dropped, the login has failed.
#[derive(Debug)]
pub(crate) struct Ending(watch::Sender<Outcome>);

#[derive(Debug)]
pub(crate) struct Later(watch::Receiver<Outcome>);

impl SeenLogins {
    pub(crate) fn enter(&self, state: &LoginState, now: OffsetDateTime) -> Turn {
        let mut logins = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let id = state.login_id();
        if let Some(seen) = logins.get(&id) {
            return Turn::Later(Later(seen.outcome.clone()));
        }
        if logins.len() >= CAPACITY {
            logins.retain(|_, seen| seen.expires_at > now);
        }
        if logins.len() >= CAPACITY
            && let Some(soonest) = logins.iter().min_by_key(|(_, seen)| seen.expires_at).map(|(id, _)| id.clone())
        {
            logins.remove(&soonest);
        }
        let (sender, outcome) = watch::channel(None);
        logins.insert(id, Seen { expires_at: state.expires_at(), outcome });
        Turn::First(Ending(sender))
    }
}

impl SeenLogins {
    /// Forgets a login, so that the next request may try it again.
    pub(crate) fn forget(&self, state: &LoginState) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&state.login_id());
    }
}

impl Ending {
    pub(crate) fn succeeded(self, advance: Advance) {
        self.0.send_replace(Some(advance));
    }
}

impl Later {
    /// The outcome of the first request, as soon as it is known.
    pub(crate) async fn outcome(mut self) -> Outcome {
        self.0.wait_for(Option::is_some).await.ok()?.clone()
    }
}

#[cfg(test)]
mod tests {
    use evertoken_core::entropy::SystemEntropy;
    use time::Duration;
    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-11-22 05:00 UTC);

    fn login(started_at: OffsetDateTime) -> LoginState {
        LoginState::start(None, started_at, &SystemEntropy).unwrap()
    }

    #[tokio::test]
    async fn a_login_whose_first_request_vanished_has_failed() {
        let (logins, state) = (SeenLogins::default(), login(NOW));
        drop(logins.enter(&state, NOW));
        let Turn::Later(later) = logins.enter(&state, NOW) else { panic!("the login started twice") };
        assert_eq!(later.outcome().await, None);
    }

    #[test]
    fn a_full_memory_forgets_expired_logins_and_then_the_oldest() {
        let logins = SeenLogins::default();
        let (old, oldest) = (login(NOW), login(NOW - Duration::minutes(5)));
        for state in [&old, &oldest] {
            logins.enter(state, NOW);
        }
        for _ in 0..CAPACITY - 1 {
            logins.enter(&login(NOW + Duration::seconds(1)), NOW);
        }
        assert_eq!(logins.0.lock().unwrap().len(), CAPACITY);
        assert!(matches!(logins.enter(&old, NOW), Turn::Later(_)));
        assert!(matches!(logins.enter(&oldest, NOW), Turn::First(_)));
        let end = login(NOW + Duration::seconds(1)).expires_at();
        logins.enter(&login(end), end);
        assert_eq!(logins.0.lock().unwrap().len(), 1);
    }
}
