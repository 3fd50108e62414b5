//! The initial state of a sandbox.

use std::fmt;

use time::OffsetDateTime;

use crate::account::{Account, AccountType, Role};
use crate::facebook::settings::FacebookSettings;
use crate::sample_posts::SamplePosts;
use crate::shapes::Shapes;

/// The scope that every request requires: the Graph host rejects a token without it.
pub(crate) const BASE_SCOPE: &str = "instagram_business_basic";

/// The scopes of the Instagram API with Instagram Login, from Meta's "Business Login for Instagram" page and the embed
/// URL that Meta's dashboard generates.
const SCOPES: [&str; 5] = [
    BASE_SCOPE,
    "instagram_business_content_publish",
    "instagram_business_manage_messages",
    "instagram_business_manage_comments",
    "instagram_business_manage_insights",
];

/// The initial state of a sandbox. A reset restores it.
#[derive(Clone)]
pub struct Settings {
    /// The Instagram app id: `client_id` in requests.
    pub app_id: String,
    /// The Instagram app secret.
    pub app_secret: String,
    /// The registered redirect URIs, compared byte by byte. Unlike Instagram, the sandbox accepts plain HTTP.
    pub redirect_uris: Vec<String>,
    /// The scopes that the app may request.
    pub scopes: Vec<String>,
    /// The accounts that can log in.
    pub accounts: Vec<Account>,
    /// The response formats.
    pub shapes: Shapes,
    /// The Meta app's id: `client_id` on Facebook.
    pub meta_app_id: String,
    /// The Meta app's secret.
    pub meta_app_secret: String,
    /// The rest of Facebook's side.
    pub facebook: FacebookSettings,
    /// The time at which the clock starts. `None` follows the time source.
    pub start: Option<OffsetDateTime>,
}

impl Default for Settings {
    /// A fictional app with three accounts. Register a redirect URI before the first login.
    fn default() -> Self {
        Self {
            app_id: "1234567890123456".to_owned(),
            app_secret: "0123456789abcdef0123456789abcdef".to_owned(),
            redirect_uris: Vec::new(),
            scopes: SCOPES.map(str::to_owned).to_vec(),
            accounts: vec![
                Account {
                    sample_posts: SamplePosts::EveryKind,
                    ..Account::new("blue_bottle", 17_841_405_793_187_218, 27_640_875_392_278_831)
                },
                Account {
                    sample_posts: SamplePosts::Many,
                    ..Account::new("corner_bakery", 17_841_405_793_187_219, 27_640_875_392_278_833)
                },
                Account {
                    account_type: AccountType::MediaCreator,
                    sample_posts: SamplePosts::Reels,
                    ..Account::new("maya.makes", 17_841_405_793_187_220, 27_640_875_392_278_835)
                },
            ],
            shapes: Shapes::default(),
            meta_app_id: "9876543210987654".to_owned(),
            meta_app_secret: "fedcba9876543210fedcba9876543210".to_owned(),
            facebook: FacebookSettings::default(),
            start: None,
        }
    }
}

impl Settings {
    /// Adds accounts whose login fails, each in another way.
    #[must_use]
    pub fn with_failing_accounts(mut self) -> Self {
        let account = |username, number: u64| {
            Account::new(username, 17_841_405_793_187_300 + number, 27_640_875_392_278_900 + number)
        };
        self.accounts.extend([
            Account { role: Role::Invited, ..account("new_tester", 1) },
            Account { role: Role::None, ..account("no_tester", 2) },
            Account { account_type: AccountType::Personal, ..account("personal_diary", 3) },
            Account { password_changes_during_login: true, ..account("new_password", 4) },
        ]);
        self
    }
}

impl fmt::Debug for Settings {
    /// Redacts the app secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("app_id", &self.app_id)
            .field("app_secret", &"[redacted]")
            .field("redirect_uris", &self.redirect_uris)
            .field("scopes", &self.scopes)
            .field("accounts", &self.accounts.len())
            .field("shapes", &self.shapes)
            .field("meta_app_id", &self.meta_app_id)
            .field("meta_app_secret", &"[redacted]")
            .field("persons", &self.facebook.persons.len())
            .field("start", &self.start)
            .finish_non_exhaustive()
    }
}
