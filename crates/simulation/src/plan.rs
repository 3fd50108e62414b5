//! What happens to whom in a year, and when. Pure: a seed makes it, and no policy of renewal changes it.

use std::ops::Range;

use crate::clock::Hour;
use crate::dice::Dice;
use crate::year::Year;

/// A day's hours.
pub(crate) const DAY: Hour = 24;

/// What befalls one account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Happening {
    /// The owner changes the password: Instagram ends the token.
    PasswordChanged,
    /// Instagram wants the owner to confirm something: the token rests until then.
    Checkpoint,
    /// The owner removes the app.
    Leaves,
}

/// One account and its owner.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    /// The Instagram user name, and the account's name in the vault.
    pub(crate) name: String,
    pub(crate) connects_at: Hour,
    pub(crate) happening: Option<(Hour, Happening)>,
    /// How long it takes to notice a blank page.
    pub(crate) notices_after: Hour,
    /// How long it takes from knowing to doing.
    pub(crate) acts_after: Hour,
    /// Every so many days somebody looks at the page, from this day on.
    pub(crate) looks_every: u32,
    pub(crate) looks_from: u32,
}

/// A year, before it has begun.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) people: Vec<Person>,
    /// When nothing answers: two days, in a year of ten days or more.
    pub(crate) outage: Option<Range<Hour>>,
    /// When the operator changes the app's secret, in a year of thirty days or more.
    pub(crate) secret_changes_at: Option<Hour>,
}

impl Plan {
    pub(crate) fn new(year: &Year) -> Self {
        let (days, mut dice) = (year.days, Dice::new(year.seed, 3));
        let outage = (days >= 10).then(|| {
            let begin = dice.between(days * 3 / 10, days * 7 / 10) * DAY + dice.between(0, DAY);
            begin..begin + 2 * DAY
        });
        let secret_changes_at = (days >= 30).then(|| dice.between(days / 2, days * 6 / 10) * DAY + 10);
        let mut people: Vec<Person> = (1..=year.accounts).map(|number| person(year, number)).collect();
        let mut order: Vec<usize> = (0..people.len()).collect();
        shuffle(&mut order, &mut dice);
        // Somebody logs in with the new secret.
        if let (Some(changed), [_, .., last]) = (secret_changes_at, order.as_slice())
            && let Some(person) = people.get_mut(*last)
        {
            person.connects_at = changed + DAY;
        }
        let (few, fewer) = (year.accounts.div_ceil(20), year.accounts.div_ceil(50));
        let whats = [(few, Happening::PasswordChanged), (few, Happening::Checkpoint), (fewer, Happening::Leaves)];
        let whats = whats.into_iter().flat_map(|(number, what)| (0..number).map(move |_| what));
        // The last in the order is spared, so that there is always one that needs nothing but a machine.
        for (place, what) in order.iter().take(order.len().saturating_sub(1)).zip(whats) {
            let hour = dice.between(days / 5, days * 4 / 5) * DAY + dice.between(8, 20);
            if let Some(person) = people.get_mut(*place) {
                person.happening = Some((hour.max(person.connects_at + 2 * DAY), what));
            }
        }
        Self { people, outage, secret_changes_at }
    }
}

/// Each from a row of its own: another number of accounts gives nobody another life.
fn person(year: &Year, number: u32) -> Person {
    let mut dice = Dice::new(year.seed, 1_000 + u64::from(number));
    let connects_on = dice.between(0, (year.days / 10 + 1).min(14));
    let looks_every = match dice.between(0, 20) {
        0..=11 => 1,
        12..=16 => 7,
        17..=18 => 30,
        _ => 90,
    };
    Person {
        name: format!("shop-{number:03}"),
        connects_at: connects_on * DAY + dice.between(8, 20),
        happening: None,
        notices_after: dice.between(7 * DAY, 28 * DAY),
        acts_after: dice.between(DAY, 3 * DAY),
        looks_every,
        looks_from: dice.between(0, looks_every),
    }
}

/// Fisher and Yates.
fn shuffle(order: &mut [usize], dice: &mut Dice) {
    for place in (1..order.len()).rev() {
        let other = dice.between(0, u32::try_from(place + 1).unwrap_or(u32::MAX));
        order.swap(place, usize::try_from(other).unwrap_or(place));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Keeping;

    fn plan(accounts: u32, days: u32) -> Plan {
        Plan::new(&Year { accounts, days, faults: 5.0, seed: 1, keeping: Keeping::Evertoken })
    }

    #[test]
    fn a_year_of_twenty_has_one_of_each_and_one_who_needs_nothing() {
        let plan = plan(20, 365);
        for what in [Happening::PasswordChanged, Happening::Checkpoint, Happening::Leaves] {
            let befallen = plan.people.iter().filter(|person| person.happening.is_some_and(|(_, is)| is == what));
            assert_eq!(befallen.count(), 1, "{what:?}");
        }
        assert_eq!(plan.outage.map(|outage| outage.len()), Some(48));
    }

    #[test]
    fn one_account_lives_in_peace_and_a_day_has_no_outage() {
        let plan = plan(1, 1);
        assert_eq!((plan.people.len(), plan.outage, plan.secret_changes_at), (1, None, None));
        assert!(plan.people[0].happening.is_none());
    }
}
