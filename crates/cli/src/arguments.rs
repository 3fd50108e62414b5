//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use evertoken_core::account::{AccountId, AccountName};
use evertoken_core::invite::LONGEST_NOTE;
use url::Url;

/// Keeps Instagram access tokens alive.
#[derive(Debug, Parser)]
#[command(name = "evertoken", version, about, arg_required_else_help = true)]
pub(crate) struct Arguments {
    /// Answer in JSON.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the whole service on this machine: pages, refresh and a vault of files.
    #[command(after_help = SERVE_HELP)]
    Serve(Serve),
    /// Run the stand-in for Instagram alone.
    Sandbox(Sandbox),
    /// Watch a year of it in half a minute, with all that goes wrong in one.
    #[command(after_help = crate::demo::HELP)]
    Demo(crate::demo::Demo),
    /// Show the accounts and how they are.
    List(List),
    /// Print one account's token, and nothing else.
    Token(Token),
    /// Make a link that lets one person connect an account.
    Invite(Box<Invite>),
}

const SERVE_HELP: &str = "\
Try it without an Instagram account:
  evertoken serve --sandbox

Against Instagram, these variables are read:
  EVERTOKEN_APP_ID          the Instagram app ID of Meta's dashboard
  EVERTOKEN_APP_SECRET      the Instagram app secret; or, without EVERTOKEN_APP_ID, the JSON
                            {\"app_id\":\"...\",\"app_secret\":\"...\",\"previous_app_secrets\":[]}
  EVERTOKEN_PUBLIC_URL      where people reach this service (by default http://127.0.0.1:PORT)
  EVERTOKEN_SIGNING_SECRET  what signs invites, 32 characters or more (by default made and kept in DIR)
  EVERTOKEN_LOGIN           invited (default) or open
  EVERTOKEN_SCOPES, EVERTOKEN_RETURN_URLS, EVERTOKEN_REFRESH_AFTER_DAYS, EVERTOKEN_GRAPH_VERSION";

/// Where the accounts are.
#[derive(Clone, Debug, Args)]
pub(crate) struct Place {
    /// The folder of a vault of files; without it, Secrets Manager under `EVERTOKEN_VAULT_PREFIX`.
    #[arg(long, value_name = "DIR")]
    pub(crate) local: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Use a stand-in for Instagram, in the same process; anybody on this machine may connect.
    #[arg(long)]
    pub(crate) sandbox: bool,
    /// The port of the pages on 127.0.0.1; 0 takes a free one.
    #[arg(long, default_value_t = 8080)]
    pub(crate) port: u16,
    /// The folder for the accounts; by default `evertoken-data` here, with `--sandbox` one that is gone at the end.
    #[arg(long, alias = "dir", value_name = "DIR")]
    pub(crate) local: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Sandbox {
    /// The port on 127.0.0.1; 0 takes a free one.
    #[arg(long, default_value_t = 4000)]
    pub(crate) port: u16,
    /// A redirect URI that the app has registered; may be given several times.
    #[arg(long, value_name = "URL")]
    pub(crate) redirect_uri: Vec<Url>,
}

#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Debug, Args)]
pub(crate) struct Token {
    /// The account's name, as `list` shows it.
    pub(crate) name: AccountName,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Debug, Args)]
pub(crate) struct Invite {
    /// What the account is to be called; by default its id.
    #[arg(long)]
    pub(crate) name: Option<AccountName>,
    /// The one account that may log in: its id, as 17841405793187218.
    #[arg(long, value_name = "ACCOUNT_ID")]
    pub(crate) expect: Option<AccountId>,
    /// Let another account take the place of the one that is stored under the name.
    #[arg(long)]
    pub(crate) replace: bool,
    /// Let the link connect one account and no second.
    #[arg(long)]
    pub(crate) once: bool,
    /// Words for the person who opens the link, shown before they go to Instagram; 300 characters at most.
    #[arg(long, value_name = "TEXT", value_parser = note)]
    pub(crate) note: Option<String>,
    /// Where the person is sent afterwards; must lie below one of `EVERTOKEN_RETURN_URLS`.
    #[arg(long, value_name = "URL")]
    pub(crate) return_to: Option<Url>,
    /// How long the link holds, as 7d or 12h.
    #[arg(long, default_value = "7d", value_name = "DURATION", value_parser = humantime::parse_duration)]
    pub(crate) expires: Duration,
    /// Where people reach the service; by default `EVERTOKEN_PUBLIC_URL`.
    #[arg(long, value_name = "URL")]
    pub(crate) public_url: Option<String>,
    /// The signing secret's name or ARN in Secrets Manager; by default `EVERTOKEN_SIGNING_SECRET`.
    #[arg(long, value_name = "SECRET", conflicts_with = "local")]
    pub(crate) signing_secret: Option<String>,
    #[command(flatten)]
    pub(crate) place: Place,
}

fn note(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.chars().count() > LONGEST_NOTE || text.chars().any(char::is_control) {
        return Err(format!("a note is one line of {LONGEST_NOTE} characters at most"));
    }
    Ok(text.to_owned())
}
