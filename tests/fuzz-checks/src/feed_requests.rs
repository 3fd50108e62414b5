//! Requests to the function that publishes feeds, and the settings that it stores. Whatever is accepted survives a write, and
//! a change of settings never makes them unreadable.

use evertoken_core::account::AccountName;
use evertoken_feed::feed_key::FeedKey;
use evertoken_feed::request::Request;
use evertoken_feed::settings::FeedSettings;
use serde_json::Value;

/// The account whose settings are read.
const ACCOUNT: &str = "shop-de";

/// Checks a request, or settings.
pub fn check(data: &[u8]) -> bool {
    let account: AccountName = ACCOUNT.parse().expect("a name");
    let settings = FeedSettings::parse(data, &account);
    if let Ok(settings) = &settings {
        check_settings(settings, &account);
    }
    let Ok(input) = serde_json::from_slice::<Value>(data) else { return false };
    let Ok(request) = Request::parse(&input) else { return settings.is_ok() };
    let written = serde_json::to_value(&request).expect("JSON");
    assert_eq!(Request::parse(&written), Ok(request.clone()));
    if let Request::Enable { settings: change, .. } = request {
        let key: FeedKey = ACCOUNT.parse().expect("a key");
        check_settings(&change.clone().apply(FeedSettings::new(key)), &account);
        if let Ok(settings) = settings {
            check_settings(&change.apply(settings), &account);
        }
    }
    true
}

/// The settings can be stored and read again, and their posts fit into one response of Instagram.
fn check_settings(settings: &FeedSettings, account: &AccountName) {
    let json = serde_json::to_vec(settings).expect("JSON");
    assert_eq!(FeedSettings::parse(&json, account).as_ref(), Ok(settings));
    assert!((1..=100).contains(&settings.posts.get()));
    assert!((settings.posts.get()..=100).contains(&settings.posts_to_list()));
}
