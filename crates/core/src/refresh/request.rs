//! The input of a run.

use serde::Deserialize;
use serde_json::Value;

use crate::account::AccountName;

/// What a run should do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// The accounts to look at; `None` means all.
    pub accounts: Option<Vec<AccountName>>,
    /// Renew the named accounts even if they are not due. Meta's minimum age of 24 hours still applies.
    pub force: bool,
    /// Decide, but neither call Instagram nor write anything.
    pub dry_run: bool,
    /// Also check the tokens whose turn an earlier run may have missed, because runs are not regular. Not part of a Lambda's
    /// input.
    pub check_missed: bool,
}

/// The input is not a valid request.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum InvalidRequest {
    /// The input has another shape.
    #[error(r#"expected a scheduled event or {{"version":1,"accounts":["name"],"force":false,"dry_run":false}}"#)]
    Shape,
    /// The input has an unknown version.
    #[error("unsupported version {0}: this version of Evertoken supports 1")]
    Version(i64),
    /// `force` without `accounts` would renew all accounts at once.
    #[error(r#""force" requires "accounts" with the names to renew"#)]
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
    /// Parses a Lambda's input: `{}` or a scheduled event, which both mean all accounts, or a request.
    pub fn parse(input: Value) -> Result<Self, InvalidRequest> {
        // EventBridge's envelope has a "version" of its own, and its "detail" is not a request.
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
        Ok(Self { accounts: fields.accounts, force: fields.force, dry_run: fields.dry_run, check_missed: false })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn empty_input_and_scheduled_events_mean_all_accounts() {
        let schedule = json!({"version": "0", "id": "x", "detail-type": "Scheduled Event", "source": "aws.scheduler", "detail": "{}"});
        for input in [json!({}), json!(null), json!({"version": 1}), schedule] {
            assert_eq!(Request::parse(input.clone()), Ok(Request::default()), "{input}");
        }
    }

    #[test]
    fn accepts_account_names_and_rejects_invalid_input() {
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
