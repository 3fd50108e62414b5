//! The stored form of a pack: gzip of JSON.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use secrecy::zeroize::Zeroizing;
use serde::de::DeserializeOwned;

use super::Pack;
use super::entries::{Entries, Found, PackMembers, write_key};
use super::error::PackError;
use super::gzip::{compress, decompress};
use crate::ids::{Generation, PackId, PackSecret};
use crate::pack_secrets::PackValue;

/// The schema version that this code reads and writes.
const SCHEMA: u64 = 1;

/// The largest value of a secret, in bytes (AWS, "Secrets Manager quotas").
pub(crate) const LARGEST_VALUE: usize = 65_536;

impl Pack {
    /// Parses the value of a secret.
    pub fn decode(secret: &PackSecret, value: &PackValue) -> Result<Self, PackError> {
        let PackMembers { mut members, mut objects } = parse(decompress(value.expose())?).ok_or(PackError::NotJson)?;
        check_schema(&members)?;
        let pack: String = required(&members, "pack")?;
        let id: PackId = pack.parse().map_err(|_| PackError::Field { field: "pack" })?;
        if id != secret.pack {
            return Err(PackError::OtherPack { found: id });
        }
        let generation: u32 = required(&members, "generation")?;
        if generation != secret.generation.number() {
            return Err(PackError::OtherGeneration { found: generation });
        }
        let pack = Self {
            id,
            generation: secret.generation,
            next: required(&members, "next")?,
            accounts: object(&members, &mut objects, "accounts")?.ok_or(PackError::Field { field: "accounts" })?,
            revisions: optional(&members, "revisions")?.unwrap_or_default(),
            parked: object(&members, &mut objects, "parked")?.unwrap_or_default(),
            uses: optional(&members, "uses")?.unwrap_or_default(),
            moving: packs(&members, "moving")?,
            receiving: packs(&members, "receiving")?,
            in_transit: optional(&members, "in_transit")?.unwrap_or_default(),
            moved_to: optional(&members, "moved_to")?.map(Generation::new),
            unknown: {
                for known in KNOWN {
                    members.remove(known);
                }
                members
            },
        };
        Ok(pack)
    }

    /// The value to store. The same pack gives the same bytes.
    pub fn encode(&self) -> Result<PackValue, PackError> {
        let bytes = compress(&self.to_json())?;
        let length = bytes.len();
        // Wrapped before the check, so that the bytes are overwritten in any case.
        let value = PackValue::new(bytes);
        if length > LARGEST_VALUE { Err(PackError::TooLarge { bytes: length }) } else { Ok(value) }
    }

    fn to_json(&self) -> Zeroizing<String> {
        let moves = [&self.moving, &self.receiving];
        let names = self.revisions.keys().chain(moves.into_iter().flat_map(BTreeMap::keys));
        // A character of a key takes at most six, a number 20, and the name of a pack 45.
        let uses =
            self.uses.iter().chain(&self.in_transit).map(|(name, used_by)| 6 * (name.len() + used_by.len()) + 64);
        let maps = names.map(|name| 6 * name.len() + 64).chain(uses).sum::<usize>();
        let entries = [&self.accounts, &self.parked, &self.unknown].map(Entries::longest_text);
        // A text that grows moves, and leaves copies of the tokens behind.
        let capacity = entries.iter().sum::<usize>() + maps + 512;
        let mut text = Zeroizing::new(String::with_capacity(capacity));
        // Writing to a string cannot fail.
        let _ = write!(
            *text,
            r#"{{"schema":{SCHEMA},"pack":"{}","generation":{},"next":{},"accounts":{{"#,
            self.id, self.generation, self.next
        );
        self.accounts.write_members(&mut text);
        text.push_str(r#"},"revisions":{"#);
        write_map(&mut text, &self.revisions, |text, revision| {
            let _ = write!(text, "{revision}");
        });
        text.push_str(r#"},"parked":{"#);
        self.parked.write_members(&mut text);
        text.push_str(r#"},"uses":{"#);
        write_map(&mut text, &self.uses, write_string);
        text.push('}');
        if !self.in_transit.is_empty() {
            text.push_str(r#","in_transit":{"#);
            write_map(&mut text, &self.in_transit, write_string);
            text.push('}');
        }
        for (field, packs) in [("moving", &self.moving), ("receiving", &self.receiving)] {
            if !packs.is_empty() {
                let _ = write!(*text, r#","{field}":{{"#);
                write_map(&mut text, packs, |text, pack| {
                    let _ = write!(text, r#""{pack}""#);
                });
                text.push('}');
            }
        }
        if let Some(generation) = self.moved_to {
            let _ = write!(*text, r#","moved_to":{generation}"#);
        }
        if !self.unknown.is_empty() {
            text.push(',');
            self.unknown.write_members(&mut text);
        }
        text.push('}');
        text
    }
}

/// All keys of the schema.
const KNOWN: [&str; 12] = [
    "schema",
    "pack",
    "generation",
    "next",
    "accounts",
    "revisions",
    "parked",
    "uses",
    "moving",
    "receiving",
    "in_transit",
    "moved_to",
];

/// Parses the text of a pack. If its documents are not objects, they are members, so that the right error is reported.
fn parse(mut text: Zeroizing<Vec<u8>>) -> Option<PackMembers> {
    std::str::from_utf8(&text).ok()?;
    let text = Arc::new(Zeroizing::new(String::from_utf8(std::mem::take(&mut *text)).ok()?));
    PackMembers::parse(&text, &["accounts", "parked"])
        .or_else(|| Some(PackMembers { members: Entries::parse(&text)?, objects: Vec::new() }))
}

fn check_schema(members: &Entries) -> Result<(), PackError> {
    match members.get("schema") {
        Found::Nothing => Err(PackError::Foreign),
        Found::One(schema) if schema.parse() == Ok(SCHEMA) => Ok(()),
        Found::One(schema) => {
            // Anything but a number may be a secret, so it is not quoted.
            let is_number = schema.len() <= 20 && schema.bytes().all(|b| b.is_ascii_digit());
            let found = if is_number { schema } else { "(not a number)" };
            Err(PackError::UnknownSchema { found: found.to_owned() })
        }
        Found::Several => Err(PackError::Field { field: "schema" }),
    }
}

fn optional<T: DeserializeOwned>(members: &Entries, field: &'static str) -> Result<Option<T>, PackError> {
    match members.get(field) {
        Found::Nothing => Ok(None),
        Found::One(text) => serde_json::from_str(text).map(Some).map_err(|_| PackError::Field { field }),
        Found::Several => Err(PackError::Field { field }),
    }
}

fn required<T: DeserializeOwned>(members: &Entries, field: &'static str) -> Result<T, PackError> {
    optional(members, field)?.ok_or(PackError::Field { field })
}

/// The documents of an object, which is a member only if it could not be parsed.
fn object(
    members: &Entries,
    objects: &mut Vec<(String, Entries)>,
    field: &'static str,
) -> Result<Option<Entries>, PackError> {
    let mut found: Vec<_> = objects.extract_if(.., |(key, _)| key == field).map(|(_, object)| object).collect();
    match (found.pop(), found.is_empty(), members.get(field)) {
        (None, _, Found::Nothing) => Ok(None),
        (None, _, Found::One(text)) => Entries::parse(text).map(Some).ok_or(PackError::Field { field }),
        (Some(object), true, _) => Ok(Some(object)),
        _ => Err(PackError::Field { field }),
    }
}

fn packs(members: &Entries, field: &'static str) -> Result<BTreeMap<String, PackId>, PackError> {
    let packs: BTreeMap<String, String> = optional(members, field)?.unwrap_or_default();
    let parsed = packs.into_iter().map(|(name, pack)| Some((name, pack.parse().ok()?)));
    parsed.collect::<Option<_>>().ok_or(PackError::Field { field })
}

fn write_string(text: &mut String, value: &String) {
    // A string is always valid JSON.
    text.push_str(&serde_json::to_string(value).unwrap_or_default());
}

fn write_map<T>(text: &mut String, map: &BTreeMap<String, T>, write_value: impl Fn(&mut String, &T)) {
    for (at, (key, value)) in map.iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        write_key(text, key);
        write_value(text, value);
    }
}
