//! The outcome of one account in the report of an import.

use evertoken_core::document::{Document, TokenKind};
use serde::Serialize;
use time::OffsetDateTime;

use super::token_importer::ImportedAccount;

/// One account, as printed with `--json`.
#[derive(Debug, Serialize)]
pub(super) struct ReportEntry {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) line: Option<u64>,
    name: String,
    outcome: ImportOutcome,
    username: Option<String>,
    account_id: Option<String>,
    #[serde(with = "time::serde::rfc3339::option")]
    expires_at: Option<OffsetDateTime>,
    /// Why the account was refused, or how its expiry is known.
    reason: String,
    /// What was removed from the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) remark: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum ImportOutcome {
    Imported,
    Replaced,
    Refused,
}

impl ImportOutcome {
    fn as_str(self) -> &'static str {
        match self {
            Self::Imported => "imported",
            Self::Replaced => "replaced",
            Self::Refused => "refused",
        }
    }
}

impl ReportEntry {
    fn stored(document: Document, replaced: bool, reason: &str) -> Self {
        Self {
            line: None,
            name: document.name.into(),
            outcome: if replaced { ImportOutcome::Replaced } else { ImportOutcome::Imported },
            username: Some(document.username),
            account_id: Some(document.account_id.into()),
            expires_at: document.expires_at,
            reason: reason.to_owned(),
            remark: None,
        }
    }

    pub(super) fn imported(account: ImportedAccount) -> Self {
        Self::stored(account.document, account.replaced, account.lifetime_source.describe())
    }

    pub(super) fn adopted(document: Document, replaced: bool) -> Self {
        let reason = match document.token_kind {
            Some(TokenKind::SystemUser) => "the token of a system user",
            _ => "the token of a page",
        };
        Self::stored(document, replaced, reason)
    }

    pub(super) fn restored(document: Document, replaced: bool) -> Self {
        Self::stored(document, replaced, "as exported")
    }

    pub(super) fn refused(name: &str, reason: String) -> Self {
        Self {
            line: None,
            name: name.to_owned(),
            outcome: ImportOutcome::Refused,
            username: None,
            account_id: None,
            expires_at: None,
            reason,
            remark: None,
        }
    }

    pub(super) fn is_refused(&self) -> bool {
        self.outcome == ImportOutcome::Refused
    }

    pub(super) fn text(&self) -> String {
        let line = self.line.map_or_else(String::new, |line| format!("{line}: "));
        let Self { name, reason, .. } = self;
        let outcome = self.outcome.as_str();
        let remark = self.remark.as_ref().map_or_else(String::new, |remark| format!(" {remark}"));
        match &self.username {
            Some(username) => {
                let expiry = self.expires_at.map_or_else(
                    || "never expires".to_owned(),
                    |expires_at| format!("expires on {}", expires_at.date()),
                );
                format!("{line}{name} {outcome}: @{username}, {expiry} ({reason}){remark}")
            }
            None => format!("{line}{name} {outcome}: {reason}{remark}"),
        }
    }
}
