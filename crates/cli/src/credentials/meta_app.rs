//! The ID and secret of the Meta app itself, which Facebook requires. They are optional keys of the app secret.

use evertoken_core::app::MetaApp;
use evertoken_core::secrets::AppSecret;
use secrecy::ExposeSecret;
use serde_json::Value;

use super::app_store::AppStore;
use super::local_credentials::APP_SECRET;
use crate::context::Context;
use crate::error::Result;
use crate::vault::location::VaultLocation;

/// The Meta app, or `None` if the app secret does not contain it.
pub(crate) async fn find(location: &VaultLocation, context: &Context) -> Result<Option<MetaApp>> {
    if location.local.is_some()
        && let Some(text) = context.variables.get(APP_SECRET)
    {
        return Ok(parse(text));
    }
    let text = AppStore::at(location, context).await?.read().await?;
    Ok(text.and_then(|text| parse(text.expose_secret())))
}

fn parse(text: &str) -> Option<MetaApp> {
    let value: Value = serde_json::from_str(text).ok()?;
    let field = |key: &str| value.get(key)?.as_str().map(str::trim).filter(|text| !text.is_empty());
    let id = field("meta_app_id").filter(|id| id.bytes().all(|b| b.is_ascii_digit()))?;
    Some(MetaApp { id: id.to_owned(), secret: AppSecret::new(field("meta_app_secret")?) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_keys_are_required_and_the_id_has_digits_only() {
        let app = parse(r#"{"app_id":"1","app_secret":"a","meta_app_id":" 2 ","meta_app_secret":"b"}"#).unwrap();
        assert_eq!((app.id.as_str(), app.secret.expose()), ("2", "b"));
        for text in [
            "0123456789abcdef",
            r#"{"app_id":"1","app_secret":"a"}"#,
            r#"{"meta_app_id":"2"}"#,
            r#"{"meta_app_id":"2|","meta_app_secret":"b"}"#,
            r#"{"meta_app_id":"","meta_app_secret":"b"}"#,
            r#"{"meta_app_id":2,"meta_app_secret":["b"]}"#,
        ] {
            assert!(parse(text).is_none(), "{text}");
        }
    }
}
