//! Why a file, or a row of it, cannot be imported. The messages never repeat a value: it may be a token.

use evertoken_core::account::InvalidAccountName;
use evertoken_core::document::DocumentError;
use time::Date;

/// The whole file is unusable.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum FileError {
    /// There is no account in the file.
    #[error("the file contains no account")]
    Empty,
    /// The file is not text in UTF-8.
    #[error("the file is not UTF-8")]
    Encoding,
    /// The first line is not CSV.
    #[error("the first line is not readable as CSV")]
    Header,
    /// The first line does not name the columns.
    #[error("the first line does not name the columns name and access_token")]
    MissingColumns,
    /// A line is not CSV, after this many accounts.
    #[error("invalid CSV or not UTF-8 after {0} accounts")]
    Csv(usize),
    /// The file is not JSON.
    #[error("invalid JSON")]
    Json,
    /// The JSON object is not an export.
    #[error("the JSON object has no list \"accounts\"")]
    NoAccounts,
    /// The JSON is neither a list nor an object.
    #[error("expected a JSON list of accounts")]
    NotAList,
}

impl FileError {
    /// What to do about it.
    pub fn hint(self) -> &'static str {
        match self {
            Self::Header | Self::MissingColumns => "start the file with a line such as name,access_token,expires_at",
            Self::Empty => "add a line for each account below name,access_token,expires_at, or export again",
            Self::Csv(_) | Self::Encoding => "save the file as CSV in UTF-8",
            Self::Json | Self::NoAccounts | Self::NotAList => {
                r#"write [{"name": "...", "access_token": "..."}], or use a file from `evertoken export`"#
            }
        }
    }
}

/// One row is unusable.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum RowError {
    /// An earlier row has the same name.
    #[error("an earlier row has the same name")]
    DuplicateName,
    /// The name is not valid.
    #[error(transparent)]
    Name(#[from] InvalidAccountName),
    /// The name contains a token.
    #[error("the name is a token")]
    TokenAsName,
    /// There is no token.
    #[error("the row has no token")]
    NoToken,
    /// This field is not a date.
    #[error("{0} is not a date; write it as 2026-11-22 or 2026-11-22T05:00:00Z")]
    NotADate(&'static str),
    /// No token has such a date.
    #[error("{field} is {date}, but a token lives for 60 days")]
    ImplausibleDate {
        /// The field's name.
        field: &'static str,
        /// Its value.
        date: Date,
    },
    /// The entry is not a JSON object.
    #[error("expected a JSON object")]
    NotAnObject,
    /// The account was exported with `--without-tokens`.
    #[error("the account was exported without its token")]
    WithoutToken,
    /// The entry is not an account document.
    #[error(transparent)]
    Document(#[from] DocumentError),
}
