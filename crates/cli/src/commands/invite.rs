//! `evertoken invite`: creates an invite link, or one for each client in a file.

mod client_links;
mod german;
mod link_page;
mod spanish;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use evertoken_aws::SecretsManagerSigningKeys;
use evertoken_aws::secret_names::{names_a_secret, signing_secret, signing_variable};
use evertoken_callback::{may_return_to, read_return_urls};
use evertoken_core::account::{AccountId, AccountName};
use evertoken_core::clock::{Clock, SystemClock};
use evertoken_core::credentials::SigningKeySource;
use evertoken_core::document::Placement;
use evertoken_core::entropy::SystemEntropy;
use evertoken_core::group::Group;
use evertoken_core::invite::{Invite, InviteId, LONGEST_NOTE, LONGEST_ONCE, link};
use evertoken_core::signing::SigningKeys;
use evertoken_core::variables::{self, Variables};
use evertoken_core::visible_text::is_hidden;
use serde_json::json;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use url::Url;

use crate::context::Context;
use crate::credentials::local_credentials;
use crate::credentials::login_option::LoginOption;
use crate::error::{CliError, Result};
use crate::exit_status::ExitStatus;
use crate::terminal::{output, qr};
use crate::vault::location::VaultLocation;

/// A link that lasts longer is more likely to leak than to be of use.
const LONGEST_UNCONFIRMED: time::Duration = time::Duration::days(90);

const PUBLIC_URL: &str = "EVERTOKEN_PUBLIC_URL";

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
pub(crate) struct Options {
    /// Name to store the account under. Defaults to the account's ID.
    #[arg(long)]
    name: Option<AccountName>,
    /// Create a link for each row of this CSV file, with the columns name, note, language (en, de or es) and
    /// `expected_account`; `-` reads standard input. Prints CSV.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["name", "expect", "note", "qr"])]
    file: Option<PathBuf>,
    /// Write the CSV to this file, which only you can read.
    #[arg(long, value_name = "FILE", requires = "file")]
    output: Option<PathBuf>,
    /// Write a page to print, with a QR code for each client, to this file, which only you can read.
    #[arg(long, value_name = "FILE", requires = "file")]
    page: Option<PathBuf>,
    /// Overwrite the files of `--output` and `--page`.
    #[arg(long, requires = "file")]
    force: bool,
    /// Accept only the account with this ID, for example 17841405793187218.
    #[arg(long, value_name = "ACCOUNT_ID")]
    expect: Option<AccountId>,
    /// Allow the login to overwrite a different account that has the same name.
    #[arg(long)]
    replace: bool,
    /// Let the link connect one account only.
    #[arg(long)]
    once: bool,
    /// After the login, show where the token is stored. For links that you open yourself.
    #[arg(long)]
    show_location: bool,
    /// Let the person who logs in copy the token once, within ten minutes, for example into a plug-in.
    #[arg(long, conflicts_with = "return_to")]
    reveal: bool,
    /// Login to use where the service offers both. Without it, the person chooses.
    #[arg(long, value_enum, value_name = "LOGIN")]
    provider: Option<LoginOption>,
    /// How many accounts one login through Facebook may connect. With `many`, `--name` is the prefix of the accounts'
    /// names.
    #[arg(long, value_enum, value_name = "NUMBER", default_value_t = Accounts::One)]
    accounts: Accounts,
    /// With Layout=packed, give a new account a secret of its own, for applications that read a secret.
    #[arg(long)]
    own_secret: bool,
    /// With Layout=packed, store a new account only with others of this group, so that a policy can grant access to them.
    #[arg(long, conflicts_with = "own_secret")]
    group: Option<Group>,
    /// Message to show on the invite page, up to 300 characters.
    #[arg(long, value_name = "TEXT", value_parser = note)]
    note: Option<String>,
    /// Where to send the person after the login. Must start with one of the `EVERTOKEN_RETURN_URLS`.
    #[arg(long, value_name = "URL")]
    return_to: Option<Url>,
    /// How long the link stays valid, for example 7d or 12h.
    #[arg(long, default_value = "7d", value_name = "DURATION", value_parser = humantime::parse_duration)]
    expires: Duration,
    /// Create a link that is valid for more than 90 days.
    #[arg(long, short)]
    yes: bool,
    /// Public base URL of the service. Defaults to `EVERTOKEN_PUBLIC_URL`.
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// Name or ARN of the signing secret in Secrets Manager. Defaults to `EVERTOKEN_SIGNING_SECRET_NAME`.
    #[arg(long, value_name = "SECRET", conflicts_with = "local")]
    pub(crate) signing_secret: Option<String>,
    /// Also print the link as a QR code.
    #[arg(long)]
    qr: bool,
    #[command(flatten)]
    pub(crate) vault: VaultLocation,
}

/// How many accounts a login connects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Accounts {
    // Without documentation, so that clap prints the values on one line.
    One,
    Many,
}

impl Options {
    /// An invite with the options that apply to every client.
    fn invite(&self, expires_at: OffsetDateTime) -> Result<Invite> {
        Ok(Invite {
            return_to: self.return_to.clone(),
            replace: self.replace,
            once: self.once.then(|| InviteId::generate(&SystemEntropy)).transpose()?,
            show_location: self.show_location,
            reveal: self.reveal,
            provider: self.provider.map(LoginOption::name),
            many_accounts: self.accounts == Accounts::Many,
            placement: self.placement(),
            ..Invite::new(expires_at)
        })
    }

    fn placement(&self) -> Placement {
        match &self.group {
            Some(group) => Placement::Group(group.clone()),
            None if self.own_secret => Placement::OwnSecret,
            None => Placement::Anywhere,
        }
    }

    /// The variables that these options do not replace.
    fn needed_variables(&self, variables: &Variables) -> Vec<&'static str> {
        let public_url = self.public_url.is_none().then_some(PUBLIC_URL);
        let signing_secret = self.signing_secret.is_none().then_some(signing_variable(variables));
        public_url.into_iter().chain(signing_secret).collect()
    }
}

pub(crate) const HELP: &str = "\
Examples:
  evertoken invite --name shop-de
  evertoken invite --name shop-de --once --expires 12h --note 'Hello Anna, please connect.'
  evertoken invite --file clients.csv --page links.html
  evertoken invite --name agency --provider facebook --accounts many
  evertoken invite --name shop-de --local vault --qr --public-url https://connect.example.com";

fn note(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.chars().count() > LONGEST_NOTE || text.chars().any(is_hidden) {
        return Err(format!("expected one line of at most {LONGEST_NOTE} visible characters"));
    }
    Ok(text.to_owned())
}

pub(crate) async fn invite(options: Options, context: &Context) -> Result<ExitStatus> {
    if context.is_json() && options.qr {
        return Err(CliError::QrWithJson);
    }
    let context = &options.vault.resolve(context, &options.needed_variables(&context.variables)).await?;
    let public_url = match &options.public_url {
        Some(url) => variables::parse_secure_url(url).ok_or_else(|| CliError::PublicUrl(url.clone()))?,
        None if context.variables.get(PUBLIC_URL).is_none() => return Err(CliError::NoPublicUrl),
        None => variables::public_url(&context.variables)?,
    };
    let expires_at = expiry(&options, context)?;
    check_name(&options)?;
    check_return_url(&options, context)?;
    if let Some(file) = &options.file {
        return client_links::create(file, &options, &public_url, expires_at, context).await;
    }
    let keys = signing_keys(&options, context).await?;
    let invite = Invite {
        name: options.name.clone(),
        account: options.expect.clone(),
        note: options.note.clone(),
        ..options.invite(expires_at)?
    };
    let link = link(&public_url, &keys.sign(&invite));
    if context.is_json() {
        // Fails only for years after 9999.
        let expires_at = expires_at.format(&Rfc3339).map_err(|_| CliError::DurationTooLong("--expires"))?;
        output::json_line(&json!({ "url": link, "expires_at": expires_at }))?;
    } else {
        output::data(link.as_str())?;
        if options.qr {
            qr::print(link.as_str())?;
        }
        output::note(&format!("Expires in {}. Send it to the account's owner.", in_words(options.expires)));
    }
    Ok(ExitStatus::Ok)
}

/// When the invite expires.
fn expiry(options: &Options, context: &Context) -> Result<OffsetDateTime> {
    let too_long = || CliError::DurationTooLong("--expires");
    let lifetime = time::Duration::try_from(options.expires).map_err(|_| too_long())?;
    if lifetime.is_zero() {
        return Err(CliError::NoLifetime);
    }
    if lifetime > LONGEST_UNCONFIRMED && !options.yes {
        return Err(CliError::LongInvite);
    }
    let expires_at = context.clock.now().checked_add(lifetime).ok_or_else(too_long)?;
    if options.once && lifetime > LONGEST_ONCE {
        return Err(CliError::OnceTooLong);
    }
    Ok(expires_at)
}

/// Rejects a name that is the ID of another account than the expected one.
fn check_name(options: &Options) -> Result<()> {
    let owner = options.name.as_ref().and_then(AccountName::reserved_for);
    match (owner, &options.expect) {
        (Some(owner), Some(expected)) if owner != *expected => Err(CliError::NameIsAnotherId(owner)),
        _ => Ok(()),
    }
}

/// Rejects a return address that the service would reject. Only the service's own setting can tell.
fn check_return_url(options: &Options, context: &Context) -> Result<()> {
    let Some(url) = &options.return_to else { return Ok(()) };
    match read_return_urls(&context.variables)? {
        Some(allowed) if may_return_to(&allowed, url) => Ok(()),
        Some(_) => Err(CliError::ReturnUrl(url.clone())),
        None => {
            output::note(
                "EVERTOKEN_RETURN_URLS is not set here. The service rejects the link unless its own allows --return-to.",
            );
            Ok(())
        }
    }
}

/// "7 days", "12 hours", or "1h 30m".
fn in_words(duration: Duration) -> String {
    const HOUR: u64 = 60 * 60;
    let unit = |count: u64, unit: &str| format!("{count} {unit}{}", if count == 1 { "" } else { "s" });
    match duration.as_secs() {
        seconds if seconds > 0 && seconds.is_multiple_of(24 * HOUR) => unit(seconds / (24 * HOUR), "day"),
        seconds if seconds > 0 && seconds.is_multiple_of(HOUR) => unit(seconds / HOUR, "hour"),
        _ => humantime::format_duration(duration).to_string(),
    }
}

async fn signing_keys(options: &Options, context: &Context) -> Result<SigningKeys> {
    if let Some(dir) = &options.vault.local {
        return local_credentials::signing_keys(&context.variables, dir);
    }
    let secret = match &options.signing_secret {
        Some(name) if !names_a_secret(name) => return Err(CliError::SigningSecretName),
        Some(name) => name.clone(),
        None => signing_secret(&context.variables)?,
    };
    let client = context.aws().await?.secrets_manager();
    Ok((*SecretsManagerSigningKeys::new(client, secret, SystemClock).signing_keys().await?).clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_whole_days_and_hours_in_words() {
        let table = [("7d", "7 days"), ("24h", "1 day"), ("36h", "36 hours"), ("90m", "1h 30m")];
        for (text, expected) in table {
            assert_eq!(in_words(humantime::parse_duration(text).unwrap()), expected);
        }
    }
}
