//! Pages and their accounts as Facebook writes them. A key without a value is left out.

use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use crate::account::Account;
use crate::facebook::caller::Caller;
use crate::facebook::fields::LINKED_ACCOUNT;
use crate::facebook::page::Page;
use crate::facebook::rejection::FacebookRejection;
use crate::facebook::token::TokenOwner;
use crate::media_fields::Field;
use crate::state::SandboxState;

/// The requested fields of a page.
pub(crate) fn page(
    state: &mut SandboxState,
    caller: &Caller,
    page: &Page,
    fields: &[Field<'_>],
    now: OffsetDateTime,
) -> Result<Value, FacebookRejection> {
    let mut object = Map::new();
    for field in fields {
        let value = match field.name {
            "id" => Some(state.facebook.shapes.id(page.id)),
            "name" => Some(json!(page.name)),
            "category" => Some(json!(page.category)),
            "tasks" => Some(json!(page.tasks)),
            "access_token" => access_token(state, caller, page, now).map(Value::from),
            LINKED_ACCOUNT => {
                caller.require("instagram_basic")?;
                linked_account(state, page, &field.nested)
            }
            _ => None,
        };
        object.extend(value.map(|value| (field.name.to_owned(), value)));
    }
    Ok(object.into())
}

fn access_token(state: &mut SandboxState, caller: &Caller, page: &Page, now: OffsetDateTime) -> Option<String> {
    match caller.token.owner {
        TokenOwner::Page(_) => Some(caller.text.clone()),
        TokenOwner::User | TokenOwner::SystemUser => state.facebook.page_token(&caller.text, page.id, now),
    }
}

fn linked_account(state: &mut SandboxState, page: &Page, nested: &[Field<'_>]) -> Option<Value> {
    let linked = state.professional_account(page.account()?)?.clone();
    let only_id = [Field { name: "id", nested: Vec::new() }];
    Some(account(state, &linked, if nested.is_empty() { &only_id } else { nested }))
}

/// The requested fields of a professional account. Accounts of the sandbox have neither a biography nor a website.
pub(crate) fn account(state: &mut SandboxState, account: &Account, fields: &[Field<'_>]) -> Value {
    let mut object = Map::new();
    for field in fields {
        let value = match field.name {
            "id" => state.facebook.shapes.id(account.account_id),
            "ig_id" => state.facebook.shapes.id(account.app_scoped_id),
            "username" | "name" => json!(account.username),
            "profile_picture_url" => json!(format!("https://sandbox.invalid/{}.jpg", account.username)),
            "media_count" => json!(state.media.of(account).all().len()),
            "followers_count" | "follows_count" => json!(0),
            _ => continue,
        };
        object.insert(field.name.to_owned(), value);
    }
    object.into()
}
