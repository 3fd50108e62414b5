//! Account documents, as somebody else may have written them into the vault. Whatever is accepted survives a write, unknown
//! keys included. No error and no debug output contains the token.

use evertoken_core::account::AccountName;
use evertoken_core::document::Document;
use secrecy::ExposeSecret;
use serde_json::Value;

use crate::planted_token::{TOKEN, assert_absent, plant};

/// Checks a document. `{token}` stands for a token.
pub fn check(data: &[u8]) -> bool {
    let Some(text) = plant(data) else { return false };
    // Under its own name. Otherwise nearly everything would be refused for its name.
    let value: Option<Value> = serde_json::from_str(&text).ok();
    let own = value.as_ref().and_then(|value| value.get("name")?.as_str()?.parse().ok());
    let name: AccountName = own.unwrap_or_else(|| "shop-de".parse().expect("a name"));
    let document = match Document::decode(&name, &text) {
        Ok(document) => document,
        Err(error) => {
            assert_absent(&format!("{error} {error:?}"));
            return false;
        }
    };
    assert!(!document.access_token.is_empty() && document.name == name);
    if document.access_token.expose() == TOKEN && text.matches(TOKEN).count() == 1 {
        assert_absent(&format!("{document:?}"));
    }
    let encoded = document.encode();
    assert_eq!(Document::decode(&name, encoded.expose_secret()).as_ref(), Ok(&document));
    let (read, written) = (value.expect("JSON"), serde_json::from_str::<Value>(encoded.expose_secret()).expect("JSON"));
    for (parent, unknown) in [
        ("", &document.unknown),
        ("/health", &document.health.unknown),
        ("/last_attempt", &document.last_attempt.unknown),
    ] {
        let keys = |value: &Value| value.pointer(parent).and_then(Value::as_object).cloned().unwrap_or_default();
        let (read, written) = (keys(&read), keys(&written));
        for key in unknown.keys() {
            assert_eq!(read.get(key), written.get(key), "the unknown key {key:?} changed");
        }
    }
    true
}
