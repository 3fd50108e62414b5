//! Files with several accounts: CSV, JSON and exports. No message contains a token, no name disguises itself, no two
//! accounts have one name, and the accepted tokens can be written and read again.

use std::collections::HashSet;

use evertoken_core::visible_text::is_hidden;
use evertoken_import::account_file::{Candidate, Content, parse};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::planted_token::{assert_absent, plant};
use crate::signed_texts::NOW;

/// Checks a file. `{token}` stands for a token.
pub fn check(data: &[u8]) -> bool {
    let Some(text) = plant(data) else { return false };
    let rows = match parse(&text, NOW) {
        Ok(rows) => rows,
        Err(error) => {
            assert_absent(&format!("{error} {}", error.hint()));
            return false;
        }
    };
    let (mut names, mut candidates) = (HashSet::new(), Vec::new());
    for row in rows {
        assert_absent(&format!("{} {:?}", row.name, row.remark));
        assert!(!row.name.contains(is_hidden), "{row:?}");
        match row.content {
            Ok(Content::Token(candidate)) => {
                let token = candidate.token.expose();
                assert!(!token.is_empty() && !token.contains(|c: char| c.is_whitespace() || c.is_control()));
                assert!(names.insert(candidate.name.clone()), "two rows have the name {}", candidate.name);
                candidates.push(candidate);
            }
            Ok(Content::Document(document)) => {
                assert!(names.insert(document.name.clone()), "two rows have the name {}", document.name);
            }
            Err(reason) => assert_absent(&reason.to_string()),
        }
    }
    if !candidates.is_empty() {
        assert_eq!(read_again(&candidates), candidates);
    }
    !names.is_empty()
}

/// Writes the accounts as CSV, and reads the file.
fn read_again(candidates: &[Candidate]) -> Vec<Candidate> {
    let date = |at: Option<OffsetDateTime>| at.map_or_else(String::new, |at| at.format(&Rfc3339).expect("a date"));
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(["name", "access_token", "issued_at", "expires_at"]).expect("memory");
    for Candidate { name, token, issued_at, expires_at } in candidates {
        csv.write_record([name.as_str(), token.expose(), &date(*issued_at), &date(*expires_at)]).expect("memory");
    }
    let text = String::from_utf8(csv.into_inner().expect("memory")).expect("UTF-8");
    let rows = parse(&text, NOW).expect("the file was just written");
    let candidates = rows.into_iter().map(|row| match row.content {
        Ok(Content::Token(candidate)) => candidate,
        other => panic!("{other:?}"),
    });
    candidates.collect()
}
