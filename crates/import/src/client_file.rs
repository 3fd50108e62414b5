//! CSV files with the clients who receive an invite.

use std::collections::HashSet;
use std::fmt::Write as _;

use evertoken_core::account::{AccountId, AccountName};
use evertoken_core::invite::LONGEST_NOTE;
use evertoken_core::visible_text::{is_hidden, visible};

use crate::lines::{Lines, delimiter};

/// The languages of the pages.
pub const LANGUAGES: [&str; 3] = ["en", "de", "es"];

const COLUMNS: [&str; 4] = ["name", "note", "language", "expected_account"];

/// One client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// The name to store the account under.
    pub name: AccountName,
    /// The message on the invite page.
    pub note: Option<String>,
    /// The language of the invite page, one of [`LANGUAGES`].
    pub language: Option<&'static str>,
    /// The only account that the invite accepts.
    pub account: Option<AccountId>,
}

/// A file cannot be used. No row of it is.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum ClientFileError {
    /// There is no client in the file.
    #[error("the file contains no client")]
    Empty,
    /// The file is not text in UTF-8.
    #[error("the file is not UTF-8")]
    Encoding,
    /// The first line does not name the columns.
    #[error("the first line does not name the column name")]
    NoNames,
    /// The first line has another column, perhaps a misspelled one.
    #[error("there is no column {0:?}")]
    UnknownColumn(String),
    /// A line is not CSV.
    #[error("invalid CSV after {0} clients")]
    Csv(usize),
    /// Some rows are wrong: a line of text for each.
    #[error("{0}")]
    Rows(String),
}

impl ClientFileError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Encoding | Self::Csv(_) => "save the file as CSV in UTF-8",
            Self::Rows(_) => "correct these lines. No link was created",
            Self::Empty | Self::NoNames | Self::UnknownColumn(_) => {
                "start the file with name,note,language,expected_account and add a line for each client. Only the name is \
                 required"
            }
        }
    }
}

/// Parses a CSV file with the columns `name`, `note`, `language` and `expected_account`, all but the first optional.
pub fn parse(text: &str) -> Result<Vec<Client>, ClientFileError> {
    let start = text.trim_start_matches('\u{feff}').trim_start();
    let offset = text.len() - start.len();
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter(start))
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(start.as_bytes());
    let titles = reader.headers().map_err(|_| ClientFileError::NoNames)?;
    let titles: Vec<String> = titles.iter().map(|title| title.to_lowercase().replace([' ', '-'], "_")).collect();
    if let Some(unknown) = titles.iter().find(|title| !title.is_empty() && !COLUMNS.contains(&title.as_str())) {
        return Err(ClientFileError::UnknownColumn(visible(unknown).chars().take(40).collect()));
    }
    let column = |name: &str| titles.iter().position(|title| title == name);
    let [name, note, language, account] = COLUMNS.map(column);
    if name.is_none() {
        return Err(if start.is_empty() { ClientFileError::Empty } else { ClientFileError::NoNames });
    }
    let (mut clients, mut problems, mut names) = (Vec::new(), String::new(), HashSet::new());
    let mut lines = Lines::of(text);
    for record in reader.records() {
        let record = record.map_err(|_| ClientFileError::Csv(clients.len()))?;
        let field = |column: Option<usize>| column.and_then(|column| record.get(column)).unwrap_or_default();
        let byte = record.position().and_then(|position| usize::try_from(position.byte()).ok()).unwrap_or_default();
        let line = lines.number_at(offset + byte);
        let client = client(field(name), field(note), field(language), field(account));
        match client {
            Ok(client) if !names.insert(client.name.clone()) => {
                let _infallible = write!(problems, "\n  line {line}: an earlier line has the same name");
            }
            Ok(client) => clients.push(client),
            Err(problem) => {
                let _infallible = write!(problems, "\n  line {line}: {problem}");
            }
        }
    }
    match (problems.is_empty(), clients.is_empty()) {
        (false, _) => Err(ClientFileError::Rows(problems)),
        (true, true) => Err(ClientFileError::Empty),
        (true, false) => Ok(clients),
    }
}

/// The fields as a client, or what is wrong with them.
fn client(name: &str, note: &str, language: &str, account: &str) -> Result<Client, String> {
    let name: AccountName = name.parse().map_err(|error| format!("name: {error}"))?;
    if note.chars().count() > LONGEST_NOTE || note.chars().any(is_hidden) {
        return Err(format!("note: expected one line of at most {LONGEST_NOTE} visible characters"));
    }
    let known = |language: &str| LANGUAGES.into_iter().find(|known| known.eq_ignore_ascii_case(language));
    let language = match language {
        "" => None,
        text => Some(known(text).ok_or_else(|| format!("language: expected {}", LANGUAGES.join(", ")))?),
    };
    let account: Option<AccountId> = match account {
        "" => None,
        text => Some(text.parse().map_err(|_| {
            "expected_account: expected the digits of an account ID. Format the column as text, because spreadsheets \
             shorten long numbers"
        })?),
    };
    match (name.reserved_for(), &account) {
        (Some(owner), Some(expected)) if owner != *expected => {
            Err(format!("name: {owner} is the ID of another account than expected_account"))
        }
        _ => Ok(Client { name, note: (!note.is_empty()).then(|| note.to_owned()), language, account }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_spreadsheets_write() {
        let text = "\u{feff}Name;Note;Language;Expected account\r\nshop-de;\"Hallo \"\"Anna\"\"; bitte\";DE;17841405793187218\r\n\r\nshop-fr;;;\r\n";
        let clients = parse(text).unwrap();
        assert_eq!(clients.len(), 2);
        let first = clients.first().unwrap();
        assert_eq!(first.note.as_deref(), Some("Hallo \"Anna\"; bitte"));
        assert_eq!(
            (first.language, first.account.as_ref().map(AccountId::as_str)),
            (Some("de"), Some("17841405793187218"))
        );
        assert_eq!(parse("name\nshop\n").unwrap().len(), 1);
    }

    #[test]
    fn names_the_line_and_the_field_of_every_mistake() {
        let long = "x".repeat(301);
        let text = format!(
            "name,note,language,expected_account\nok,,,\n\nShop DE,,,\nok,,,\na,{long},,\nb,\u{202e}hidden,,\nc,,fr,\nd,,,1.78E+16\n\
             17841405793187219,,,17841405793187218\n,,,\n"
        );
        let Err(ClientFileError::Rows(problems)) = parse(&text) else { panic!("the file was accepted") };
        let starts = [
            "line 4: name",
            "line 5: an earlier",
            "line 6: note",
            "line 7: note",
            "line 8: language",
            "line 9: expected_account",
            "line 10: name",
            "line 11: name",
        ];
        let lines: Vec<_> = problems.lines().skip(1).collect();
        assert_eq!(lines.len(), starts.len(), "{problems}");
        for (line, start) in lines.iter().zip(starts) {
            assert!(line.trim_start().starts_with(start), "{line}");
        }
    }

    #[test]
    fn a_misspelled_column_is_not_ignored() {
        let unknown = parse("name,expected_acounts\nshop,17841405793187218\n");
        assert_eq!(unknown, Err(ClientFileError::UnknownColumn("expected_acounts".to_owned())));
        assert_eq!(parse("note\nhello\n"), Err(ClientFileError::NoNames));
        for text in ["", "\u{feff}\n", "name\n", "name,note\n\n"] {
            assert_eq!(parse(text), Err(ClientFileError::Empty), "{text:?}");
        }
    }
}
