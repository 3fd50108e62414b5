//! The plan of a person who connects an account through Facebook.

use crate::clock::{HOURS_PER_DAY, Hour};
use crate::seeded_rng::{SeededRng, Stream};
use crate::settings::YearSettings;

/// The beginning of the IDs of all pages.
pub(crate) const FACEBOOK_PAGE_PREFIX: &str = "1006412";

/// A person with one page, or with two of which only the first one's account is connected.
#[derive(Clone, Debug)]
pub(crate) struct FacebookPerson {
    /// Counted from 1, as the accounts are.
    number: u64,
    pub(crate) has_second_page: bool,
    /// When something happens to the page, if the plan has such an incident.
    pub(crate) page_incident_at: Hour,
    reaction: Option<Reaction>,
}

/// Which reminder the person acts on, and how soon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Reaction {
    /// 1 for the first one.
    reminder: u32,
    after: Hour,
}

impl FacebookPerson {
    /// Uses a random stream of its own, so that the number of people does not change other plans.
    pub(crate) fn new(settings: &YearSettings, number: u32) -> Self {
        let mut rng = SeededRng::new(settings.seed, Stream::FacebookPerson(number));
        let reaction = match rng.in_range(0..20) {
            0..=8 => Some((1, 7)),
            9..=13 => Some((2, 7)),
            14..=16 => Some((3, 3)),
            17 => Some((4, 1)),
            _ => None,
        };
        // Within the days until the next reminder or, for the last one, soon. A link is valid for seven days.
        let reaction =
            reaction.map(|(reminder, days)| Reaction { reminder, after: rng.in_range(1..days * HOURS_PER_DAY) });
        let has_second_page = rng.in_range(0..4) == 0;
        let day = rng.in_range(settings.days / 5..settings.days * 4 / 5).max(20);
        let page_incident_at = day * HOURS_PER_DAY + rng.in_range(8..20);
        Self { number: number.into(), has_second_page, page_incident_at, reaction }
    }

    /// Whether the person follows a link in time or, at the latest, the link in the message that access has ended.
    pub(crate) fn follows_links(&self) -> bool {
        self.reaction.is_some()
    }

    /// How long after this reminder, counted from 1, the person follows its link; `None` if the person does not act on it.
    pub(crate) fn follows_after(&self, reminder: u32) -> Option<Hour> {
        self.reaction.filter(|reaction| reaction.reminder == reminder).map(|reaction| reaction.after)
    }

    /// The app-scoped ID of the person.
    pub(crate) fn id(&self) -> u64 {
        10_224_866_100_000_000 + self.number
    }

    /// The ID of the page whose account is connected.
    pub(crate) fn page(&self) -> u64 {
        100_641_205_800_000 + 2 * self.number
    }

    /// The ID of the other page.
    pub(crate) fn second_page(&self) -> u64 {
        self.page() + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people() -> Vec<FacebookPerson> {
        (1..=400).map(|number| FacebookPerson::new(&YearSettings::default(), number)).collect()
    }

    #[test]
    fn some_people_act_on_each_reminder_and_some_on_none() {
        for reminder in 1..=4 {
            assert!(people().iter().any(|person| person.follows_after(reminder).is_some()), "{reminder}");
        }
        let never = people().iter().filter(|person| !person.follows_links()).count();
        assert!((20..=60).contains(&never), "{never}");
    }

    #[test]
    fn people_act_while_the_link_of_the_reminder_is_valid_and_before_the_next_one() {
        for person in people() {
            for (reminder, hours_until_next) in [(1, 16 * 24), (2, 7 * 24), (3, 4 * 24), (4, 3 * 24)] {
                let follows_after = person.follows_after(reminder).unwrap_or_default();
                assert!(follows_after < hours_until_next.min(7 * 24), "{person:?}");
            }
        }
    }

    #[test]
    fn the_ids_of_pages_have_the_prefix() {
        for person in people() {
            assert!(person.page().to_string().starts_with(FACEBOOK_PAGE_PREFIX), "{person:?}");
        }
    }
}
