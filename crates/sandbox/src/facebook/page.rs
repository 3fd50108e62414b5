//! Facebook Pages, as one person reaches them.

use serde::{Deserialize, Serialize};

use crate::account::InstagramId;
use crate::facebook::id::FacebookId;

/// The tasks of a person who manages a page alone (Meta, "Pages: tasks").
const ALL_TASKS: [&str; 6] = ["ADVERTISE", "ANALYZE", "CREATE_CONTENT", "MESSAGING", "MODERATE", "MANAGE"];

/// A page on which a person has a role. Several pages can be linked to the same Instagram account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Page {
    /// The id. The sandbox assigns one if it is 0.
    pub id: FacebookId,
    /// The name, which may contain any character.
    pub name: String,
    /// The category, as Facebook names it.
    pub category: String,
    /// What the person may do on the page.
    pub tasks: Vec<String>,
    /// The linked professional account: its `account_id` (17841...).
    pub instagram_account: Option<InstagramId>,
    /// Whether the link to the Instagram account has been removed. Facebook then leaves `instagram_business_account` out.
    pub unlinked: bool,
    /// Whether `/me/accounts` leaves the page out although access to it was granted, as Facebook does for some pages of
    /// business portfolios (`trypostit/trypost#291`).
    pub hidden: bool,
    /// Whether the person has lost the role on the page: its tokens are rejected with code 190, subcode 492.
    pub role_lost: bool,
    /// The business portfolio that the page belongs to.
    pub business: Option<Business>,
}

/// A business portfolio.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Business {
    /// The id.
    pub id: FacebookId,
    /// The name.
    pub name: String,
    /// How the business has the page.
    #[serde(default)]
    pub relation: BusinessRelation,
}

/// How a business has a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BusinessRelation {
    /// The business owns it: `/{business}/owned_pages`.
    #[default]
    Owned,
    /// A client has shared it: `/{business}/client_pages`.
    Client,
}

impl Default for Page {
    /// A page without a linked account.
    fn default() -> Self {
        Self {
            id: FacebookId(0),
            name: String::new(),
            category: "Local business".to_owned(),
            tasks: ALL_TASKS.map(str::to_owned).to_vec(),
            instagram_account: None,
            unlinked: false,
            hidden: false,
            role_lost: false,
            business: None,
        }
    }
}

impl Page {
    /// A page that is linked to the Instagram account with this `account_id`.
    pub fn linked(id: u64, name: impl Into<String>, instagram_account: u64) -> Self {
        Self { instagram_account: Some(InstagramId(instagram_account)), ..Self::without_account(id, name) }
    }

    /// A page that is not linked to an Instagram account.
    pub fn without_account(id: u64, name: impl Into<String>) -> Self {
        Self { id: FacebookId(id), name: name.into(), ..Self::default() }
    }

    /// The linked account's `account_id`.
    pub(crate) fn account(&self) -> Option<InstagramId> {
        self.instagram_account.filter(|_| !self.unlinked)
    }
}
