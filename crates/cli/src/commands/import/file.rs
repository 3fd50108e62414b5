//! Files of many tokens: CSV, or JSON as people write it and as `evertoken export` does.

use std::collections::HashSet;

use anyhow::{Result, bail};
use evertoken_core::account::AccountName;
use evertoken_core::document::Document;
use evertoken_core::secrets::AccessToken;
use serde_json::{Map, Value};
use time::OffsetDateTime;

use super::adopting::Candidate;
use super::date;
use crate::credentials::token_kind;
use crate::terminal::pasted_input::PastedInput;

/// What the columns and keys are called.
const NAME: &[&str] = &["name"];
const TOKEN: &[&str] = &["access_token", "token"];
const ISSUED: &[&str] = &["issued_at", "issued"];
const EXPIRES: &[&str] = &["expires_at", "expires"];

/// One account of a file.
#[derive(Debug)]
pub(super) struct Row {
    /// The line of a CSV, or the place in a JSON list; from 1 on.
    pub(super) number: u64,
    /// Its name as it stands there.
    pub(super) name: String,
    /// What it holds, or why that cannot be used. The reason holds nothing of the row but its name.
    pub(super) content: Result<Content, String>,
    /// What was taken away from the token.
    pub(super) remark: Option<String>,
}

/// What a row holds.
#[derive(Debug)]
pub(super) enum Content {
    /// A token of which little is known.
    Token(Candidate),
    /// A whole document of another vault.
    Document(Box<Document>),
}

/// Reads a file's text: JSON where it begins as such, else CSV.
pub(super) fn parse(text: &str, now: OffsetDateTime) -> Result<Vec<Row>> {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let mut rows = if text.starts_with(['[', '{']) { parse_json(text, now)? } else { parse_csv(text, now)? };
    let mut names = HashSet::new();
    for row in &mut rows {
        if !names.insert(row.name.clone()) {
            row.content = Err("the file has this name before; each account needs its own".to_owned());
        }
    }
    Ok(rows)
}

fn parse_csv(text: &str, now: OffsetDateTime) -> Result<Vec<Row>> {
    let head = text.lines().next().unwrap_or_default();
    // What spreadsheets write where the comma is a decimal mark.
    let delimiter = if head.contains(';') && !head.contains(',') { b';' } else { b',' };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .trim(csv::Trim::Headers)
        .from_reader(text.as_bytes());
    let heads: Vec<String> = match reader.headers() {
        Ok(heads) => heads.iter().map(str::to_lowercase).collect(),
        Err(_) => bail!("the file's first line cannot be read"),
    };
    let column = |names: &[&str]| heads.iter().position(|head| names.contains(&head.as_str()));
    let (Some(name), Some(token)) = (column(NAME), column(TOKEN)) else {
        bail!(
            "the first line must name the columns: name, access_token and, if known, issued_at or expires_at, as\n  \
             name,access_token,expires_at"
        );
    };
    let (issued, expires) = (column(ISSUED), column(EXPIRES));
    let mut rows = Vec::new();
    for record in reader.records() {
        let Ok(record) = record else { bail!("the file is no CSV in UTF-8 after {} accounts", rows.len()) };
        let field = |column: Option<usize>| column.and_then(|column| record.get(column)).unwrap_or_default().to_owned();
        // The token alone keeps what is around it, so that what is dropped is told.
        let trimmed = |column| field(column).trim().to_owned();
        let fields = Fields {
            name: trimmed(Some(name)),
            token: field(Some(token)),
            issued: trimmed(issued),
            expires: trimmed(expires),
        };
        rows.push(fields.row(record.position().map_or(0, csv::Position::line), now));
    }
    Ok(rows)
}

fn parse_json(text: &str, now: OffsetDateTime) -> Result<Vec<Row>> {
    // serde_json's message may quote a token: it ends here.
    let Ok(value) = serde_json::from_str::<Value>(text) else { bail!("the file is not JSON") };
    let list = match value {
        Value::Array(list) => list,
        Value::Object(mut object) => match object.remove("accounts") {
            Some(Value::Array(list)) => list,
            _ => bail!("the file has no list \"accounts\""),
        },
        _ => bail!("the file is no list of accounts"),
    };
    let rows = list.into_iter().zip(1..).map(|(entry, number)| match entry {
        Value::Object(object) if object.contains_key("schema") => document(number, object),
        Value::Object(object) => fields(&object).row(number, now),
        _ => Row { number, name: String::new(), content: Err("it is no JSON object".to_owned()), remark: None },
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
    Fields { name: field(NAME), token: field(TOKEN), issued: field(ISSUED), expires: field(EXPIRES) }
}

fn document(number: u64, object: Map<String, Value>) -> Row {
    let name = object.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
    let content = match (name.parse::<AccountName>(), object.contains_key("access_token")) {
        (Err(error), _) => Err(error.to_string()),
        (_, false) => Err("it was exported without its token, so there is nothing to adopt".to_owned()),
        (Ok(parsed), true) => match Document::decode(&parsed, &Value::Object(object).to_string()) {
            Ok(document) => Ok(Content::Document(Box::new(document))),
            Err(error) => Err(error.to_string()),
        },
    };
    Row { number, name, content, remark: None }
}

/// The texts of a row.
struct Fields {
    name: String,
    token: String,
    issued: String,
    expires: String,
}

impl Fields {
    fn row(self, number: u64, now: OffsetDateTime) -> Row {
        let token = PastedInput::clean(&self.token);
        let remark = token.remark("token");
        let content = self.candidate(&token, now).map(Content::Token);
        // What looks as a token does may stand in the wrong column.
        let name = if token_kind::looks_secret(&self.name) { String::new() } else { self.name };
        Row { number, name, content, remark }
    }

    fn candidate(&self, token: &PastedInput, now: OffsetDateTime) -> Result<Candidate, String> {
        if token_kind::looks_secret(&self.name) {
            return Err("a token stands where the name belongs".to_owned());
        }
        let name = self.name.parse().map_err(|error: evertoken_core::account::InvalidAccountName| error.to_string())?;
        if token.is_empty() {
            return Err("it has no token".to_owned());
        }
        Ok(Candidate {
            name,
            token: AccessToken::new(token.expose()),
            issued_at: parse_date("issued_at", &self.issued, now)?,
            expires_at: parse_date("expires_at", &self.expires, now)?,
        })
    }
}

fn parse_date(what: &str, text: &str, now: OffsetDateTime) -> Result<Option<OffsetDateTime>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = || format!("{what} is no date; write it as 2026-11-22 or 2026-11-22T05:00:00Z");
    let at = date::parse(text, now).ok_or_else(wrong)?;
    if date::is_believable(at, now) {
        Ok(Some(at))
    } else {
        Err(format!("{what} is {}, and a token of Instagram's lives for 60 days", at.date()))
    }
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
                Err(reason) => reason,
            };
            (row.number, row.name, content)
        };
        parse(text, datetime!(2026-11-22 09:00 UTC)).unwrap().into_iter().map(show).collect()
    }

    #[test]
    fn a_table_is_read_as_spreadsheets_write_it() {
        let text =
            "\u{feff}Name;Token;Expires\nshop-de;\" IGAAx \";2027-01-01\n\nshop-at;;\nShop;IGAAy;\nshop-de;IGAAz;\n";
        let read = rows(text);
        assert_eq!(read.len(), 4);
        assert_eq!(read[0], (2, "shop-de".to_owned(), "IGAAx (None, Some(2027-01-01))".to_owned()));
        assert_eq!(read[1].2, "it has no token");
        assert!(read[2].2.contains("no account name"), "{read:?}");
        assert!(read[3].2.contains("has this name before"), "{read:?}");
    }

    #[test]
    fn a_list_is_read_and_a_bad_date_is_named() {
        let read = rows(
            r#"{"accounts":[{"name":"a","token":"IGAAx","issued_at":"soon"},{"name":"b","access_token":"IGAAy","issued":1795165200},7]}"#,
        );
        assert!(read[0].2.starts_with("issued_at is no date"), "{read:?}");
        assert_eq!(read[1].2, "IGAAy (Some(2026-11-20), None)");
        assert_eq!(read[2].2, "it is no JSON object");
    }

    #[test]
    fn nothing_of_a_token_is_repeated_in_an_error() {
        for text in [
            "token\nIGAAsecret",
            "{\"accounts\": IGAAsecret",
            "name,token\nIGAAsecretsecretsecretsecret,my-shop",
            "\"IGAAsecret",
        ] {
            let told = match parse(text, datetime!(2026-11-22 09:00 UTC)) {
                Ok(rows) => {
                    format!("{:?}", rows.iter().map(|row| (&row.name, row.content.as_ref().err())).collect::<Vec<_>>())
                }
                Err(error) => format!("{error:#}"),
            };
            assert!(!told.contains("IGAAsecret"), "{told}");
        }
    }
}
