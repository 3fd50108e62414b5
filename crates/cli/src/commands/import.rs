//! `evertoken import`: imports tokens that were issued elsewhere.

mod facebook_importer;
pub(crate) mod import_error;
mod report_entry;
mod restore;
mod token_importer;

use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use evertoken_core::account::{AccountId, AccountName};
use evertoken_core::clock::{Clock, SystemClock};
use evertoken_core::secrets::AccessToken;
use evertoken_https::Tls;
use evertoken_import::account_file::{self, Candidate, Content, Row};
use evertoken_import::date;
use evertoken_import::file_error::FileError;
use evertoken_instagram::{Endpoints, FacebookEndpoints, FacebookLogin, InstagramLogin};
use futures_util::{StreamExt, stream};
use secrecy::zeroize::Zeroizing;
use serde_json::json;
use time::OffsetDateTime;

use super::doctor::finding::{Finding, Severity};
use super::doctor::renewal;
use crate::context::Context;
use crate::credentials::any_credentials::AnyApp;
use crate::credentials::known_app;
use crate::credentials::login_option::LoginOption;
use crate::error::{CliError, Result};
use crate::exit_status::ExitStatus;
use crate::terminal::plural::counted;
use crate::terminal::{output, pasted_input};
use crate::vault::any_vault::{self, AnyVault, Writes};
use crate::vault::location::VaultLocation;
use crate::vault::vault_option::VaultOption;
use facebook_importer::FacebookImporter;
use import_error::ImportError;
use report_entry::ReportEntry;
use restore::Overwrite;
use token_importer::TokenImporter;

/// Accounts of a file that are imported at the same time.
const CONCURRENCY: usize = 4;

/// The same for a vault with packs, where accounts share writes.
const CONCURRENCY_WITH_PACKS: usize = 256;

pub(crate) const HELP: &str = "\
The token is read from standard input, without echo if that is a terminal. Never pass it as an
argument: other users of this machine and your shell's history would see it. You can import a
token that you generated in Meta's dashboard (Instagram > API setup with Instagram login >
Generate token). Instagram does not renew a token in its first day: Evertoken keeps it as it is, and
renews it after that.

Examples:
  evertoken import my-shop               # prompt for the token
  pass instagram/my-shop | evertoken import my-shop --local vault
  evertoken import my-shop --issued 2026-11-01 < token.txt
  evertoken import --file accounts.csv   # name,access_token,issued_at,expires_at
  evertoken import --file export.json    # a file written by `evertoken export`
  evertoken import my-shop --provider facebook   # the token of a page or of a system user

Exit status 3 means that an account in the file was not imported.";

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Name to store the account under.
    #[arg(required_unless_present = "file", conflicts_with = "file")]
    name: Option<AccountName>,
    /// Import all accounts in this CSV or JSON file; `-` reads standard input.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Login that issued the token. Facebook Login: the token of a page or of a system user.
    #[arg(long, value_enum, value_name = "LOGIN", default_value_t = LoginOption::Instagram)]
    provider: LoginOption,
    /// Which account to import, if a system user's token gives access to several.
    #[arg(long, value_name = "ACCOUNT_ID", conflicts_with = "file")]
    account: Option<AccountId>,
    /// When the token was issued or last refreshed: `now`, 2026-11-22 or 2026-11-22T05:00:00Z. If you give no date,
    /// Evertoken refreshes the token to learn when it expires, and otherwise it does not.
    #[arg(long, value_name = "DATE", value_parser = parse_date, conflicts_with = "file")]
    issued: Option<OffsetDateTime>,
    /// When the token expires, in the same formats.
    #[arg(long, value_name = "DATE", value_parser = parse_date, conflicts_with = "file")]
    expires: Option<OffsetDateTime>,
    /// Overwrite a different account that has the same name.
    #[arg(long)]
    replace: bool,
    #[command(flatten)]
    pub(crate) vault: VaultLocation,
}

fn parse_date(text: &str) -> Result<OffsetDateTime, String> {
    let now = SystemClock.now();
    let at = date::parse(text, now).ok_or("expected a date such as 2026-11-22 or 2026-11-22T05:00:00Z")?;
    if date::is_plausible(at, now) { Ok(at) } else { Err("a token lives for 60 days".to_owned()) }
}

/// Imports tokens of either login.
enum Importer<'a> {
    Instagram(TokenImporter<'a, AnyVault>),
    Facebook(FacebookImporter<'a>),
}

impl Importer<'_> {
    /// `account` is the only account that is imported: a system user's token may give access to several.
    async fn import(&self, candidate: Candidate, account: Option<&AccountId>) -> Result<ReportEntry, ImportError> {
        match self {
            Self::Instagram(importer) => Ok(ReportEntry::imported(importer.import(candidate, account).await?)),
            Self::Facebook(importer) => {
                let (document, replaced) = importer.import(&candidate.name, &candidate.token, account).await?;
                Ok(ReportEntry::adopted(document, replaced))
            }
        }
    }
}

/// Where accounts go.
struct Target<'a> {
    vault: &'a AnyVault,
    overwrite: Overwrite,
    now: OffsetDateTime,
}

pub(crate) async fn import(options: Options, context: &Context) -> Result<ExitStatus> {
    if options.provider == LoginOption::Facebook && (options.issued.is_some() || options.expires.is_some()) {
        return Err(CliError::DatesWithFacebook);
    }
    let writes = if options.file.is_some() { Writes::ManyNewAccounts } else { Writes::Few };
    let vault = &options.vault.open_or_create(writes, context).await?;
    let overwrite = if options.replace { Overwrite::Allowed } else { Overwrite::Never };
    let now = context.clock.now();
    let target = Target { vault, overwrite, now };
    match options.provider {
        LoginOption::Instagram => {
            let provider = &InstagramLogin::new(Endpoints::read(&context.variables)?)?;
            let app = known_app::find(&options.vault, context).await;
            let importer = TokenImporter { provider, vault, app: app.as_ref(), overwrite, now };
            import_with(&Importer::Instagram(importer), &target, &options, context).await
        }
        LoginOption::Facebook => {
            let app = AnyApp::of_command(&options.vault, context).await?;
            let endpoints = FacebookEndpoints::read(&context.variables)?;
            let clock = Arc::new(context.clock);
            let facebook = &FacebookLogin::with_tls(&Tls::with_system_roots(), endpoints, app, clock)?;
            let importer = FacebookImporter { facebook, vault, overwrite, now };
            import_with(&Importer::Facebook(importer), &target, &options, context).await
        }
    }
}

async fn import_with(
    importer: &Importer<'_>,
    target: &Target<'_>,
    options: &Options,
    context: &Context,
) -> Result<ExitStatus> {
    match (&options.file, &options.name) {
        (Some(file), _) => import_all(importer, target, file, &options.vault, context).await,
        (None, Some(name)) => import_one(importer, target, name, options, context).await,
        // clap requires one of the two.
        (None, None) => Ok(ExitStatus::Usage),
    }
}

async fn import_one(
    importer: &Importer<'_>,
    target: &Target<'_>,
    name: &AccountName,
    options: &Options,
    context: &Context,
) -> Result<ExitStatus> {
    let token = pasted_input::read(&format!("Token of {name}: "), "token")?;
    if let Some(remark) = token.remark("token") {
        output::note(&remark);
    }
    let candidate = Candidate {
        name: name.clone(),
        token: AccessToken::new(token.expose()),
        issued_at: options.issued,
        expires_at: options.expires,
    };
    let entry = importer.import(candidate, options.account.as_ref()).await;
    let entry = entry.map_err(|reason| CliError::NotImported { name: name.clone(), reason: Box::new(reason) })?;
    if context.is_json() {
        output::json_line(&entry)?;
    } else {
        output::data(&entry.text())?;
        output::note(&format!("Stored in {}.", any_vault::locator(target.vault).location(name)));
    }
    report_renewal(&options.vault, context).await;
    Ok(ExitStatus::Ok)
}

/// Says what renews the tokens from now on, or that nothing does.
async fn report_renewal(location: &VaultLocation, context: &Context) {
    let finding = match &location.local {
        Some(dir) => Some(renewal::check_local(dir, false, &context.vault_option, context.clock.now())),
        None => renewal::check_stack(location, context).await,
    };
    match finding {
        Some(Finding { state: Severity::Ok, .. }) => output::note("Evertoken refreshes it from now on."),
        Some(Finding { text, remedy, .. }) => {
            output::warning(&format!("{text}."));
            remedy.iter().flat_map(|remedy| remedy.lines()).for_each(output::note);
        }
        None => {}
    }
}

async fn import_all(
    importer: &Importer<'_>,
    target: &Target<'_>,
    file: &Path,
    location: &VaultLocation,
    context: &Context,
) -> Result<ExitStatus> {
    let text = read(file)?;
    let rows = account_file::parse(&text, target.now)
        .map_err(|reason| CliError::ImportFile { file: file.to_owned(), reason })?;
    let total = rows.len();
    let mut entries = Vec::new();
    let at_once = if any_vault::has_packs(target.vault) { CONCURRENCY_WITH_PACKS } else { CONCURRENCY };
    let mut imports =
        stream::iter(rows).map(|row| import_row(importer, target, row, &context.vault_option)).buffered(at_once);
    while let Some(entry) = imports.next().await {
        if !context.is_json() {
            output::data(&entry.text())?;
        }
        entries.push(entry);
    }
    let refused = entries.iter().filter(|entry| entry.is_refused()).count();
    let accepted = total - refused;
    if context.is_json() {
        output::json(&json!({ "imported": accepted, "refused": refused, "accounts": entries }))?;
    }
    output::note(&format!("Imported {accepted} of {}, refused {refused}.", counted(total, "account")));
    if file != Path::new("-") && accepted > 0 {
        output::note(&format!("{} still contains tokens: delete it.", file.display()));
    }
    if accepted > 0 {
        report_renewal(location, context).await;
    }
    Ok(ExitStatus::healthy_if(refused == 0))
}

fn read(file: &Path) -> Result<Zeroizing<String>> {
    if file == Path::new("-") {
        let mut text = Zeroizing::new(String::new());
        let read = std::io::stdin().lock().read_to_string(&mut text);
        read.map_err(|source| CliError::ReadInput { what: "file", source })?;
        return Ok(text);
    }
    std::fs::read_to_string(file).map(Zeroizing::new).map_err(|source| match source.kind() {
        ErrorKind::InvalidData => CliError::ImportFile { file: file.to_owned(), reason: FileError::Encoding },
        _ => CliError::ReadFile { path: file.to_owned(), source },
    })
}

async fn import_row(importer: &Importer<'_>, target: &Target<'_>, row: Row, vault: &VaultOption) -> ReportEntry {
    let mut entry = match row.content {
        Ok(Content::Token(candidate)) => match importer.import(candidate, None).await {
            Ok(entry) => entry,
            Err(error) => ReportEntry::refused(&row.name, error.explain(vault)),
        },
        Ok(Content::Document(document)) => match restore::restore(target.vault, &document, target.overwrite).await {
            Ok(replaced) => ReportEntry::restored(*document, replaced),
            Err(error) => ReportEntry::refused(&row.name, error.explain(vault)),
        },
        Err(error) => ReportEntry::refused(&row.name, error.to_string()),
    };
    entry.line = Some(row.number);
    entry.remark = row.remark;
    entry
}
