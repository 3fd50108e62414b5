//! Why a file, or a row of it, cannot be imported. The messages never repeat a value: it may be a token.

use evertoken_core::account::InvalidAccountName;
use evertoken_core::document::DocumentError;
use time::Date;

/// The whole file is unusable.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum FileError {
    #[error("the first line is not readable as CSV")]
    Header,
    #[error("the first line does not name the columns name and access_token")]
    MissingColumns,
    #[error("invalid CSV or not UTF-8 after {0} accounts")]
    Csv(usize),
    #[error("invalid JSON")]
    Json,
    #[error("the JSON object has no list \"accounts\"")]
    NoAccounts,
    #[error("expected a JSON list of accounts")]
    NotAList,
}

impl FileError {
    pub(crate) fn hint(self) -> &'static str {
        match self {
            Self::Header | Self::MissingColumns => "start the file with a line such as name,access_token,expires_at",
            Self::Csv(_) => "save the file as CSV in UTF-8",
            Self::Json | Self::NoAccounts | Self::NotAList => {
                r#"write [{"name": "...", "access_token": "..."}], or use a file from `evertoken export`"#
            }
        }
    }
}

/// One row is unusable.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum RowError {
    #[error("an earlier row has the same name")]
    DuplicateName,
    #[error(transparent)]
    Name(#[from] InvalidAccountName),
    #[error("the name is a token")]
    TokenAsName,
    #[error("the row has no token")]
    NoToken,
    #[error("{0} is not a date; write it as 2026-11-22 or 2026-11-22T05:00:00Z")]
    NotADate(&'static str),
    #[error("{field} is {date}, but a token lives for 60 days")]
    ImplausibleDate { field: &'static str, date: Date },
    #[error("expected a JSON object")]
    NotAnObject,
    #[error("the account was exported without its token")]
    WithoutToken,
    #[error(transparent)]
    Document(#[from] DocumentError),
}
