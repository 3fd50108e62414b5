//! Files with several accounts: CSV, JSON, and the exports of `evertoken export`.

use std::collections::HashSet;

use evertoken_core::account::AccountName;
use evertoken_core::document::Document;
use evertoken_core::secrets::AccessToken;
use evertoken_core::visible_text::visible;
use secrecy::zeroize::Zeroizing;
use serde_json::{Map, Value};
use time::OffsetDateTime;

use crate::date;
use crate::file_error::{FileError, RowError};
use crate::lines::{Lines, delimiter};
use crate::pasted_input::PastedInput;
use crate::token_kind::contains_secret;

// Names of columns and keys.
const NAME: &[&str] = &["name"];
const TOKEN: &[&str] = &["access_token", "token"];
const ISSUED: &[&str] = &["issued_at", "issued"];
const EXPIRES: &[&str] = &["expires_at", "expires"];

/// A token to import, and what is known about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The name to store the account under.
    pub name: AccountName,
    /// The token.
    pub token: AccessToken,
    /// When the token was issued or last refreshed.
    pub issued_at: Option<OffsetDateTime>,
    /// When the token expires.
    pub expires_at: Option<OffsetDateTime>,
}

/// One account of a file.
#[derive(Debug)]
pub struct Row {
    /// The line in a CSV file or the position in a JSON list, counted from 1.
    pub number: u64,
    /// The name as written in the file; empty if it contains a token.
    pub name: String,
    /// The account, or why it cannot be imported.
    pub content: Result<Content, RowError>,
    /// What was removed from the token.
    pub remark: Option<String>,
}

/// What a row contains.
#[derive(Debug)]
pub enum Content {
    /// A token that was issued elsewhere.
    Token(Candidate),
    /// A document that was exported from a vault.
    Document(Box<Document>),
}

/// Parses a file: JSON if it starts like JSON, otherwise CSV.
pub fn parse(text: &str, now: OffsetDateTime) -> Result<Vec<Row>, FileError> {
    let start = text.trim_start_matches('\u{feff}').trim_start();
    if start.is_empty() {
        return Err(FileError::Empty);
    }
    let mut rows = if start.starts_with(['[', '{']) {
        parse_json(start, now)?
    } else {
        parse_csv(text, text.len() - start.len(), now)?
    };
    if rows.is_empty() {
        return Err(FileError::Empty);
    }
    let mut names = HashSet::new();
    for row in &mut rows {
        // Rows without a name, or with a token in its place, have reasons of their own.
        if !row.name.is_empty() && !names.insert(row.name.clone()) {
            row.content = Err(RowError::DuplicateName);
        }
    }
    Ok(rows)
}

/// Parses the text from byte `start`, before which all lines are empty.
fn parse_csv(whole: &str, start: usize, now: OffsetDateTime) -> Result<Vec<Row>, FileError> {
    let text = whole.get(start..).unwrap_or_default();
    let mut lines = Lines::of(whole);
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter(text))
        .flexible(true)
        .trim(csv::Trim::Headers)
        .from_reader(text.as_bytes());
    let titles = reader.headers().map_err(|_| FileError::Header)?;
    let titles: Vec<String> = titles.iter().map(str::to_lowercase).collect();
    let column = |names: &[&str]| titles.iter().position(|title| names.contains(&title.as_str()));
    let (Some(name), Some(token)) = (column(NAME), column(TOKEN)) else {
        return Err(FileError::MissingColumns);
    };
    let (issued, expires) = (column(ISSUED), column(EXPIRES));
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|_| FileError::Csv(rows.len()))?;
        let field = |column: Option<usize>| column.and_then(|column| record.get(column)).unwrap_or_default().to_owned();
        // The token is not trimmed here, so that the report can say what was removed.
        let trimmed = |column| field(column).trim().to_owned();
        let fields = Fields {
            name: trimmed(Some(name)),
            token: Zeroizing::new(field(Some(token))),
            issued: trimmed(issued),
            expires: trimmed(expires),
        };
        let byte = record.position().and_then(|position| usize::try_from(position.byte()).ok()).unwrap_or_default();
        rows.push(fields.row(lines.number_at(start + byte), now));
    }
    Ok(rows)
}

fn parse_json(text: &str, now: OffsetDateTime) -> Result<Vec<Row>, FileError> {
    // The error of serde_json is dropped because it may quote a token.
    let value: Value = serde_json::from_str(text).map_err(|_| FileError::Json)?;
    let list = match value {
        Value::Array(list) => list,
        Value::Object(mut object) => match object.remove("accounts") {
            Some(Value::Array(list)) => list,
            _ => return Err(FileError::NoAccounts),
        },
        _ => return Err(FileError::NotAList),
    };
    let rows = list.into_iter().zip(1..).map(|(entry, number)| match entry {
        Value::Object(object) if object.contains_key("schema") => document(number, object),
        Value::Object(object) => fields(&object).row(number, now),
        _ => Row { number, name: String::new(), content: Err(RowError::NotAnObject), remark: None },
    });
    Ok(rows.collect())
}

fn fields(object: &Map<String, Value>) -> Fields {
    let field = |names: &[&str]| {
        let value = names.iter().find_map(|name| object.get(*name));
        match value {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        }
    };
    Fields { name: field(NAME), token: Zeroizing::new(field(TOKEN)), issued: field(ISSUED), expires: field(EXPIRES) }
}

fn document(number: u64, object: Map<String, Value>) -> Row {
    let name = object.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
    let content = match (name.parse::<AccountName>(), object.contains_key("access_token")) {
        _ if contains_secret(&name) => Err(RowError::TokenAsName),
        (Err(error), _) => Err(error.into()),
        (_, false) => Err(RowError::WithoutToken),
        (Ok(parsed), true) => match Document::decode(&parsed, &Value::Object(object).to_string()) {
            Ok(document) => Ok(Content::Document(Box::new(document))),
            Err(error) => Err(error.into()),
        },
    };
    Row { number, name: visible_name(&name), content, remark: None }
}

/// The name to show. A token may be in the wrong column.
fn visible_name(name: &str) -> String {
    if contains_secret(name) { String::new() } else { visible(name).into_owned() }
}

/// The fields of a row, as text.
struct Fields {
    name: String,
    token: Zeroizing<String>,
    issued: String,
    expires: String,
}

impl Fields {
    fn row(self, number: u64, now: OffsetDateTime) -> Row {
        let token = PastedInput::clean(&self.token);
        let remark = token.remark("token");
        let content = self.candidate(&token, now).map(Content::Token);
        Row { number, name: visible_name(&self.name), content, remark }
    }

    fn candidate(&self, token: &PastedInput, now: OffsetDateTime) -> Result<Candidate, RowError> {
        if contains_secret(&self.name) {
            return Err(RowError::TokenAsName);
        }
        let name = self.name.parse()?;
        if token.is_empty() {
            return Err(RowError::NoToken);
        }
        Ok(Candidate {
            name,
            token: AccessToken::new(token.expose()),
            issued_at: parse_date("issued_at", &self.issued, now)?,
            expires_at: parse_date("expires_at", &self.expires, now)?,
        })
    }
}

fn parse_date(field: &'static str, text: &str, now: OffsetDateTime) -> Result<Option<OffsetDateTime>, RowError> {
    if text.is_empty() {
        return Ok(None);
    }
    let at = date::parse(text, now).ok_or(RowError::NotADate(field))?;
    if date::is_plausible(at, now) { Ok(Some(at)) } else { Err(RowError::ImplausibleDate { field, date: at.date() }) }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn rows(text: &str) -> Vec<(u64, String, String)> {
        let show = |row: Row| {
            let content = match row.content {
                Ok(Content::Token(candidate)) => {
                    let dates =
                        (candidate.issued_at.map(OffsetDateTime::date), candidate.expires_at.map(OffsetDateTime::date));
                    format!("{} {dates:?}", candidate.token.expose())
                }
                Ok(Content::Document(document)) => format!("@{}", document.username),
                Err(reason) => reason.to_string(),
            };
            (row.number, row.name, content)
        };
        parse(text, datetime!(2026-11-22 09:00 UTC)).unwrap().into_iter().map(show).collect()
    }

    #[test]
    fn reads_csv_as_spreadsheets_write_it() {
        let text =
            "\u{feff}Name;Token;Expires\nshop-de;\" IGAAx \";2027-01-01\n\nshop-at;;\nShop;IGAAy;\nshop-de;IGAAz;\n";
        let read = rows(text);
        assert_eq!(read.len(), 4);
        assert_eq!(read[0], (2, "shop-de".to_owned(), "IGAAx (None, Some(2027-01-01))".to_owned()));
        assert_eq!(read[1].2, "the row has no token");
        assert!(read[2].2.contains("account name"), "{read:?}");
        assert!(read[3].2.contains("same name"), "{read:?}");
    }

    #[test]
    fn counts_the_lines_of_the_file_whatever_ends_them() {
        for end in ["\n", "\r\n", "\r"] {
            let text =
                ["", "", "name,token", "shop-de,IGAAx", "", "shop-at,IGAAy", "\"shop\nch\",IGAAz", "cafe,"].join(end);
            let numbers = |text: &str| rows(text).into_iter().map(|row| row.0).collect::<Vec<_>>();
            assert_eq!(numbers(&format!("\u{feff}{text}")), [4, 6, 7, 9], "{end:?}");
            assert_eq!(numbers(&text), [4, 6, 7, 9], "{end:?}");
        }
    }

    #[test]
    fn finds_the_delimiter_whatever_ends_the_lines() {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["name;token", "shop-de;IGAAx,y"].join(end);
            assert_eq!(rows(&text), [(2, "shop-de".to_owned(), "IGAAx,y (None, None)".to_owned())], "{end:?}");
        }
    }

    #[test]
    fn a_file_without_accounts_is_an_error() {
        let now = datetime!(2026-11-22 09:00 UTC);
        for text in ["", "\u{feff}\r\n", "name,access_token\n", "[]", r#"{"evertoken_export":1,"accounts":[]}"#] {
            assert_eq!(parse(text, now).unwrap_err(), FileError::Empty, "{text:?}");
        }
    }

    #[test]
    fn reads_a_json_list_and_names_a_bad_date() {
        let read = rows(
            r#"{"accounts":[{"name":"a","token":"IGAAx","issued_at":"soon"},{"name":"b","access_token":"IGAAy","issued":1795165200},7]}"#,
        );
        assert!(read[0].2.starts_with("issued_at is not a date"), "{read:?}");
        assert_eq!(read[1].2, "IGAAy (Some(2026-11-20), None)");
        assert_eq!(read[2].2, "expected a JSON object");
    }

    #[test]
    fn every_row_with_a_token_in_place_of_its_name_says_so() {
        for text in ["name,token\nTOKEN1,shop-de\nTOKEN2,shop-at\n", r#"[{"name":"TOKEN1"},{"name":"TOKEN2"}]"#] {
            let text = &text.replace("TOKEN", "IGAAsecretsecretsecretsecret");
            let reasons: Vec<_> = rows(text).into_iter().map(|row| row.2).collect();
            assert_eq!(reasons, [RowError::TokenAsName.to_string(), RowError::TokenAsName.to_string()], "{text}");
        }
        assert_eq!(rows("[7,8]")[1].2, "expected a JSON object");
    }

    #[test]
    fn errors_never_repeat_a_token() {
        for text in [
            "token\nIGAAsecret",
            "{\"accounts\": IGAAsecret",
            "name,token\nIGAAsecretsecretsecretsecret,my-shop",
            "\"IGAAsecret",
        ] {
            let message = match parse(text, datetime!(2026-11-22 09:00 UTC)) {
                Ok(rows) => {
                    format!("{:?}", rows.iter().map(|row| (&row.name, row.content.as_ref().err())).collect::<Vec<_>>())
                }
                Err(error) => error.to_string(),
            };
            assert!(!message.contains("IGAAsecret"), "{message}");
        }
    }
}
