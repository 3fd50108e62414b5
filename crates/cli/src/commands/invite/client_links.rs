//! Invite links for all clients in a file (`evertoken invite --file`).

use std::borrow::Cow;
use std::io::{ErrorKind, Read};
use std::path::Path;

use evertoken_core::account::AccountId;
use evertoken_core::clock::Clock;
use evertoken_core::invite::{Invite, link};
use evertoken_import::client_file::{self, Client, ClientFileError};
use serde_json::json;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use url::Url;

use super::link_page::link_page;
use super::{Options, in_words, signing_keys};
use crate::context::Context;
use crate::error::{CliError, Result};
use crate::exit_status::ExitStatus;
use crate::output_file::{Existing, OutputFile, Readers};
use crate::terminal::output;
use crate::terminal::plural::counted;

/// A client and the link for them.
pub(super) struct ClientLink {
    pub(super) client: Client,
    pub(super) link: Url,
}

/// Creates the links, prints them as CSV or JSON, and writes the page to print. Writes nothing if a row is wrong.
pub(super) async fn create(
    file: &Path,
    options: &Options,
    public_url: &Url,
    expires_at: OffsetDateTime,
    context: &Context,
) -> Result<ExitStatus> {
    let failed = |reason| CliError::ClientFile { file: file.to_owned(), reason };
    let clients = client_file::parse(&read(file)?).map_err(failed)?;
    let existing = if options.force { Existing::Overwrite } else { Existing::Keep };
    // Whoever has a link can use it.
    let check = |path: &Path| OutputFile::check(path.to_owned(), existing, Readers::Owner);
    let output = options.output.as_deref().map(check).transpose()?;
    let page = options.page.as_deref().map(check).transpose()?;

    let keys = signing_keys(options, context).await?;
    let mut links = Vec::new();
    for client in clients {
        let invite = Invite {
            name: Some(client.name.clone()),
            account: client.account.clone(),
            note: client.note.clone(),
            ..options.invite(expires_at)?
        };
        let mut link = link(public_url, &keys.sign(&invite));
        if let Some(language) = client.language {
            link.query_pairs_mut().append_pair("lang", language);
        }
        links.push(ClientLink { client, link });
    }
    // Fails only for years after 9999.
    let expires = expires_at.format(&Rfc3339).map_err(|_| CliError::DurationTooLong("--expires"))?;
    if let Some(page) = &page {
        page.write(&link_page(&links, expires_at, context.clock.now())?)?;
    }
    let text = if context.is_json() { as_json(&links, &expires) } else { as_csv(&links, &expires) };
    match &output {
        Some(output) => output.write(&text)?,
        None => output::data(text.trim_end())?,
    }
    let number = counted(links.len(), "link");
    output::note(&format!(
        "Created {number}. Each expires in {}, and is for its client only.",
        in_words(options.expires)
    ));
    Ok(ExitStatus::Ok)
}

fn read(file: &Path) -> Result<String> {
    let text = if file == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().lock().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(file)
    };
    text.map_err(|source| match source.kind() {
        ErrorKind::InvalidData => CliError::ClientFile { file: file.to_owned(), reason: ClientFileError::Encoding },
        _ => CliError::ReadFile { path: file.to_owned(), source },
    })
}

fn as_json(links: &[ClientLink], expires: &str) -> String {
    let entry = |ClientLink { client, link }: &ClientLink| {
        json!({
            "name": client.name.as_str(),
            "note": client.note,
            "language": client.language,
            "expected_account": client.account.as_ref().map(AccountId::as_str),
            "url": link.as_str(),
            "expires_at": expires,
        })
    };
    format!("{:#}\n", json!({ "links": links.iter().map(entry).collect::<Vec<_>>() }))
}

fn as_csv(links: &[ClientLink], expires: &str) -> String {
    let mut text = String::from("name,note,language,expected_account,url,expires_at\n");
    for ClientLink { client, link } in links {
        let fields = [
            client.name.as_str(),
            client.note.as_deref().unwrap_or_default(),
            client.language.unwrap_or_default(),
            client.account.as_ref().map_or("", AccountId::as_str),
            link.as_str(),
            expires,
        ];
        text.push_str(&fields.map(quoted).join(","));
        text.push('\n');
    }
    text
}

/// A field that no spreadsheet reads as a formula (OWASP, "CSV Injection"). Where the decimal mark is a comma, spreadsheets
/// split lines at semicolons, within quotes too.
fn quoted(field: &str) -> Cow<'_, str> {
    let is_formula = |part: &str| part.trim_start_matches([' ', '"']).starts_with(['=', '+', '-', '@']);
    if !is_formula(field) && !field.contains([',', '"', ';', '\'']) {
        return Cow::Borrowed(field);
    }
    let harmless = field.split(';').map(|part| if is_formula(part) { format!("'{part}") } else { part.to_owned() });
    let harmless: Vec<String> = harmless.collect();
    format!("\"{}\"", harmless.join(";").replace('"', "\"\"")).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_field_is_a_formula_whatever_separates_the_fields() {
        let table = [
            ("shop-de", "shop-de"),
            ("Hello Anna, please", "\"Hello Anna, please\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("=1+1", "\"'=1+1\""),
            ("+49 30", "\"'+49 30\""),
            ("-1", "\"'-1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("Hi;=1+1; @x;ok", "\"Hi;'=1+1;' @x;ok\""),
            ("Hi;\"=1+1\"", "\"Hi;'\"\"=1+1\"\"\""),
        ];
        for (field, expected) in table {
            assert_eq!(quoted(field), expected, "{field}");
        }
    }
}
