//! The input of a run.

use serde::Deserialize;
use serde_json::Value;

use crate::account::AccountName;

/// Which accounts to look at, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// These only; none means all.
    pub accounts: Option<Vec<AccountName>>,
    /// Renew the named ones even if they are not due. Meta's 24 hours hold all the same.
    pub force: bool,
    /// Decide, but ask Instagram nothing and write nothing.
    pub dry_run: bool,
}

/// The input is no request.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum InvalidRequest {
    /// Wrong shape.
    #[error(r#"the input is neither a schedule's event nor {{"version":1,"accounts":["name"],"force":false,"dry_run":false}}"#)]
    Shape,
    /// A version that this code does not know.
    #[error("the input's version is {0}; this version of Evertoken knows 1")]
    Version(i64),
    /// `force` over all accounts would renew everything at once.
    #[error(r#""force" needs "accounts": name those to renew"#)]
    ForceWithoutAccounts,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    #[serde(default)]
    version: Option<i64>,
    #[serde(default)]
    accounts: Option<Vec<AccountName>>,
    #[serde(default)]
    force: bool,
    #[serde(default)]
    dry_run: bool,
}

impl Request {
    /// Reads a Lambda's input: `{}`, a scheduler's event (both mean all accounts), or a request by name.
    pub fn parse(input: Value) -> Result<Self, InvalidRequest> {
        // EventBridge's envelope carries a "version" of its own, and its "detail" is nothing of ours.
        if input.is_null() || input.get("detail-type").is_some() {
            return Ok(Self::default());
        }
        if !input.is_object() {
            return Err(InvalidRequest::Shape);
        }
        let fields: Fields = serde_json::from_value(input).map_err(|_| InvalidRequest::Shape)?;
        match fields.version {
            None | Some(1) => {}
            Some(other) => return Err(InvalidRequest::Version(other)),
        }
        if fields.force && fields.accounts.is_none() {
            return Err(InvalidRequest::ForceWithoutAccounts);
        }
        Ok(Self { accounts: fields.accounts, force: fields.force, dry_run: fields.dry_run })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nothing_and_schedules_mean_all_accounts() {
        let schedule = json!({"version": "0", "id": "x", "detail-type": "Scheduled Event", "source": "aws.scheduler", "detail": "{}"});
        for input in [json!({}), json!(null), json!({"version": 1}), schedule] {
            assert_eq!(Request::parse(input.clone()), Ok(Request::default()), "{input}");
        }
    }

    #[test]
    fn names_are_taken_and_nonsense_is_refused() {
        let request = Request::parse(json!({"version": 1, "accounts": ["shop-de"], "force": true})).unwrap();
        assert_eq!(request.accounts.map(|names| names.len()), Some(1));
        assert!(request.force);
        let cases = [
            (json!({"version": 2}), InvalidRequest::Version(2)),
            (json!({"acounts": ["shop-de"]}), InvalidRequest::Shape),
            (json!({"accounts": ["Shop DE"]}), InvalidRequest::Shape),
            (json!([1]), InvalidRequest::Shape),
            (json!({"force": true}), InvalidRequest::ForceWithoutAccounts),
        ];
        for (input, expected) in cases {
            assert_eq!(Request::parse(input), Err(expected));
        }
    }
}
