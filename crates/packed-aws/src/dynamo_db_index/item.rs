//! Converts between items and what they stand for.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Display;
use std::str::FromStr;

use aws_sdk_dynamodb::types::AttributeValue;
use evertoken_core::account::AccountName;
use evertoken_core::group::Group;
use evertoken_packed_vault::{Departure, Generation, GroupState, PackState, Place, UseId};
use time::format_description::FormatItem;
use time::macros::format_description;
use time::{Date, OffsetDateTime};

const DAY: &[FormatItem<'static>] = format_description!("[year]-[month]-[day]");

/// An attribute has another type or form than this release writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed;

/// The attributes of an item that was read.
#[derive(Clone, Debug, Default)]
pub(super) struct Item(HashMap<String, AttributeValue>);

impl Item {
    pub(super) fn new(attributes: HashMap<String, AttributeValue>) -> Self {
        Self(attributes)
    }

    /// The place that the item `A#` holds.
    pub(super) fn place(&self) -> Result<Option<Place>, Malformed> {
        let Some(pack) = self.text("pack")? else { return Ok(None) };
        let pack = pack.parse().map_err(|_| Malformed)?;
        let mut earlier: BTreeSet<_> = self.texts("earlier")?;
        // An account can return to a pack that it has left.
        earlier.remove(&pack);
        Ok(Some(Place {
            earlier,
            ids: self.texts("ids")?,
            uses: self.strings("uses")?.iter().map(UseId::new).collect(),
            removed_until: self.time("removed_until")?,
            pack,
        }))
    }

    /// The state of the pack that the item `P#` holds.
    pub(super) fn pack(&self) -> Result<Option<PackState>, Malformed> {
        let Some(generation) = self.number("generation")? else { return Ok(None) };
        let day = self.text("day")?.map(|day| Date::parse(day, DAY).map_err(|_| Malformed)).transpose()?;
        Ok(Some(PackState {
            generation: Generation::new(generation),
            retiring: self.number("retiring")?.map(Generation::new),
            // `ADD used -1` has no lower bound. A wrong count must not stop the renewals of a whole pack.
            used: self.number::<i64>("used")?.map_or(0, |used| u32::try_from(used.max(0)).unwrap_or(u32::MAX)),
            day,
            day_logins: self.number("day_logins")?.unwrap_or(0),
            purge_after: self.time("purge_after")?,
            removed: self.texts("removed")?,
            departures: self
                .strings("departures")?
                .iter()
                .map(|text| Departure::parse(text))
                .collect::<Option<_>>()
                .ok_or(Malformed)?,
        }))
    }

    /// The packs of the group that the item `G#` holds.
    pub(super) fn group(&self) -> Result<GroupState, Malformed> {
        let open = match self.0.get("open") {
            None => BTreeSet::new(),
            Some(open) => parse_all(open.as_ns().map_err(|_| Malformed)?)?,
        };
        Ok(GroupState { packs: self.number("packs")?.unwrap_or(0), open })
    }

    /// The groups in the item `GROUPS`.
    pub(super) fn groups(&self) -> Result<BTreeSet<Group>, Malformed> {
        self.texts("groups")
    }

    /// The names in an item `I#`.
    pub(super) fn names(&self) -> Result<BTreeSet<AccountName>, Malformed> {
        self.texts("names")
    }

    /// The name in an item `L#`.
    pub(super) fn name(&self) -> Result<Option<AccountName>, Malformed> {
        self.text("name")?.map(|name| name.parse().map_err(|_| Malformed)).transpose()
    }

    /// The time in the item `GATE`.
    pub(super) fn limited_until(&self) -> Result<Option<OffsetDateTime>, Malformed> {
        self.time("limited_until")
    }

    fn text(&self, attribute: &str) -> Result<Option<&str>, Malformed> {
        self.0.get(attribute).map(|value| value.as_s().map(String::as_str).map_err(|_| Malformed)).transpose()
    }

    fn strings(&self, attribute: &str) -> Result<&[String], Malformed> {
        self.0.get(attribute).map_or(Ok(&[]), |value| value.as_ss().map(Vec::as_slice).map_err(|_| Malformed))
    }

    fn texts<T: FromStr + Ord>(&self, attribute: &str) -> Result<BTreeSet<T>, Malformed> {
        parse_all(self.strings(attribute)?)
    }

    fn number<T: FromStr>(&self, attribute: &str) -> Result<Option<T>, Malformed> {
        let parse = |value: &AttributeValue| value.as_n().ok()?.parse().ok();
        self.0.get(attribute).map(|value| parse(value).ok_or(Malformed)).transpose()
    }

    fn time(&self, attribute: &str) -> Result<Option<OffsetDateTime>, Malformed> {
        let seconds = self.number(attribute)?;
        seconds.map(|seconds| OffsetDateTime::from_unix_timestamp(seconds).map_err(|_| Malformed)).transpose()
    }
}

fn parse_all<T: FromStr + Ord>(values: &[String]) -> Result<BTreeSet<T>, Malformed> {
    values.iter().map(|value| value.parse().map_err(|_| Malformed)).collect()
}

pub(super) fn text(value: impl Display) -> AttributeValue {
    AttributeValue::S(value.to_string())
}

pub(super) fn number(value: impl Display) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// Unix seconds.
pub(super) fn time(value: OffsetDateTime) -> AttributeValue {
    number(value.unix_timestamp())
}

/// A date such as `2026-11-26`.
pub(super) fn day(value: Date) -> AttributeValue {
    text(format_args!("{:04}-{:02}-{:02}", value.year(), u8::from(value.month()), value.day()))
}

/// A string set. DynamoDB has no empty sets.
pub(super) fn texts(values: impl IntoIterator<Item = impl Display>) -> AttributeValue {
    AttributeValue::Ss(values.into_iter().map(|value| value.to_string()).collect())
}

/// A number set of one number.
pub(super) fn number_set(value: u32) -> AttributeValue {
    AttributeValue::Ns(vec![value.to_string()])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(attributes: &[(&str, AttributeValue)]) -> Item {
        Item::new(attributes.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
    }

    #[test]
    fn an_absent_attribute_is_an_absent_item_or_an_empty_set() {
        assert_eq!(item(&[]).place(), Ok(None));
        assert_eq!(item(&[("removed", texts(["shop-de"]))]).pack(), Ok(None));
        assert_eq!(item(&[]).group(), Ok(GroupState::default()));
        assert_eq!((item(&[]).groups(), item(&[]).names()), (Ok(BTreeSet::new()), Ok(BTreeSet::new())));
        assert_eq!(item(&[("generation", number(1))]).pack(), Ok(Some(PackState::new())));
    }

    #[test]
    fn a_count_below_zero_does_not_hide_the_pack() {
        let counted =
            |used: i64| item(&[("generation", number(3)), ("used", number(used))]).pack().unwrap().unwrap().used;
        assert_eq!([-1, 0, 128, i64::MAX].map(counted), [0, 0, 128, u32::MAX]);
    }

    #[test]
    fn a_pack_that_the_account_is_in_is_not_an_earlier_one() {
        let place =
            item(&[("pack", text("main-00001")), ("use", text("u")), ("earlier", texts(["main-00001", "main-00002"]))]);
        let earlier = place.place().unwrap().unwrap().earlier;
        assert_eq!(earlier.iter().map(ToString::to_string).collect::<Vec<_>>(), ["main-00002"]);
    }

    #[test]
    fn a_day_has_ten_characters() {
        let date = time::macros::date!(2026 - 03 - 07);
        assert_eq!(day(date), text("2026-03-07"));
        let pack = item(&[("generation", number(1)), ("day", day(date))]).pack().unwrap().unwrap();
        assert_eq!(pack.day, Some(date));
    }

    #[test]
    fn an_attribute_of_another_form_is_malformed() {
        let place = |pack, uses| item(&[("pack", pack), ("uses", uses)]).place();
        assert_eq!(place(text("main-1"), texts(["u"])), Err(Malformed));
        assert_eq!(place(text("main-00001"), text("u")), Err(Malformed));
        for (attribute, value) in [
            ("day", text("26.11.2026")),
            ("retiring", text("1")),
            ("purge_after", number("x")),
            ("removed", text("a")),
            ("departures", texts(["shop-de"])),
        ] {
            assert_eq!(item(&[("generation", number(1)), (attribute, value)]).pack(), Err(Malformed), "{attribute}");
        }
        assert_eq!(item(&[("open", texts(["1"]))]).group(), Err(Malformed));
        assert_eq!(item(&[("groups", texts(["Main"]))]).groups(), Err(Malformed));
        assert_eq!(item(&[("name", text("Shop"))]).name(), Err(Malformed));
    }
}
