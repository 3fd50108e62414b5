//! The keys of the table's items.

use std::collections::HashMap;
use std::fmt::Display;

use aws_sdk_dynamodb::types::AttributeValue;
use evertoken_core::account::{AccountId, AccountName};
use evertoken_core::group::Group;
use evertoken_core::invite::InviteId;
use evertoken_core::login_state::LoginId;
use evertoken_packed_vault::PackId;

/// The value of the partition key `key`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key(String);

/// The attribute that holds it.
const KEY: &str = "key";

impl Key {
    pub(super) fn place(name: &AccountName) -> Self {
        Self::with("A", name)
    }

    pub(super) fn names(id: &AccountId) -> Self {
        Self::with("I", id.as_str())
    }

    pub(super) fn pack(pack: &PackId) -> Self {
        Self::with("P", pack)
    }

    pub(super) fn group(group: &Group) -> Self {
        Self::with("G", group)
    }

    pub(super) fn groups() -> Self {
        Self("GROUPS".to_owned())
    }

    pub(super) fn gate() -> Self {
        Self("GATE".to_owned())
    }

    pub(super) fn claim(invite: &InviteId) -> Self {
        Self::with("C", invite.as_str())
    }

    pub(super) fn login(login: &LoginId) -> Self {
        Self::with("L", login.as_str())
    }

    fn with(kind: &str, id: impl Display) -> Self {
        Self(format!("{kind}#{id}"))
    }

    /// The key of an item that was read.
    pub(super) fn of(item: &HashMap<String, AttributeValue>) -> Option<Self> {
        item.get(KEY)?.as_s().ok().map(|key| Self(key.clone()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// The name and the value of the key's attribute.
    pub(super) fn attribute(self) -> (String, AttributeValue) {
        (KEY.to_owned(), AttributeValue::S(self.0))
    }
}
