//! The initial state of Facebook's side.

use crate::account::Account;
use crate::facebook::app::{ConfiguredToken, LoginConfiguration, LoginProduct};
use crate::facebook::id::FacebookId;
use crate::facebook::person::Person;
use crate::facebook::sample_persons;
use crate::facebook::shapes::FacebookShapes;

/// The permissions that Instagram's data on Facebook's Graph API needs (Meta, "Instagram API with Facebook Login").
pub(crate) const BASE_SCOPES: [&str; 4] =
    ["instagram_basic", "pages_show_list", "pages_read_engagement", "business_management"];

/// Further permissions that the app may request.
const FURTHER_SCOPES: [&str; 9] = [
    "public_profile",
    "email",
    "instagram_content_publish",
    "instagram_manage_comments",
    "instagram_manage_insights",
    "instagram_manage_messages",
    "pages_manage_metadata",
    "ads_read",
    "ads_management",
];

/// The initial state of Facebook's side. A reset restores it.
#[derive(Clone, Debug)]
pub struct FacebookSettings {
    /// The permissions that the app may request.
    pub scopes: Vec<String>,
    /// The configurations of Facebook Login for Business.
    pub configurations: Vec<LoginConfiguration>,
    /// Whether calls without `appsecret_proof` are rejected.
    pub require_proof: bool,
    /// Facebook Login for Business, or that for consumers.
    pub login: LoginProduct,
    /// The people who can log in, and the system users.
    pub persons: Vec<Person>,
    /// Instagram accounts that are reached through Facebook only.
    pub accounts: Vec<Account>,
    /// The response formats.
    pub shapes: FacebookShapes,
}

impl Default for FacebookSettings {
    /// An app with Facebook Login for Business and three configurations, and one person for each thing that can happen.
    fn default() -> Self {
        let configuration = |id, token| LoginConfiguration {
            id: FacebookId(id),
            token,
            scopes: BASE_SCOPES.map(str::to_owned).to_vec(),
        };
        Self {
            scopes: BASE_SCOPES.into_iter().chain(FURTHER_SCOPES).map(str::to_owned).collect(),
            configurations: vec![
                configuration(1_122_334_455_667_788, ConfiguredToken::User),
                configuration(2_233_445_566_778_899, ConfiguredToken::SystemUser),
                configuration(3_344_556_677_889_900, ConfiguredToken::SystemUserFor60Days),
            ],
            require_proof: true,
            login: LoginProduct::default(),
            persons: sample_persons::persons(),
            accounts: vec![sample_persons::system_user_account()],
            shapes: FacebookShapes::default(),
        }
    }
}
