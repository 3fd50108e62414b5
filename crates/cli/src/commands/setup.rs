//! `evertoken setup`: sets up the Meta app and stores its credentials.

mod addresses;
mod answers;
pub(crate) mod answers_error;
mod credentials;
mod progress;
mod wizard;

use std::path::PathBuf;

use clap::Args;
use evertoken_core::variables::{self, Variables};
use evertoken_instagram::{Endpoints, InstagramLogin};
use serde::Serialize;

use crate::context::Context;
use crate::credentials::app_store::AppStore;
use crate::error::Result;
use crate::exit_status::ExitStatus;
use crate::terminal::output;
use crate::vault::local_folder;
use crate::vault::location::VaultLocation;
use addresses::Addresses;
use answers::Answers;
use credentials::{AcceptedCredentials, CheckResult, StoreResult};
use wizard::Wizard;

const PUBLIC_URL: &str = "EVERTOKEN_PUBLIC_URL";

pub(crate) const HELP: &str = "\
Guides you through Meta's dashboard and says what to paste where. Finished steps are remembered,
so you can stop at any time and run the command again. The app's ID and secret are stored in the
app secret only (with --local, in DIR/app.json, readable by its owner).

With --answers, nothing is asked. FILE is JSON; - reads standard input:
  {\"app_id\": \"1234567890123456\", \"app_secret\": \"...\", \"public_url\": \"https://connect.example.com\"}
Leave public_url out if a stack or EVERTOKEN_PUBLIC_URL provides it.

Examples:
  evertoken setup                                      # for the stack called evertoken
  evertoken setup --local vault                        # for `evertoken serve --local vault`
  op read op://shop/instagram | evertoken setup --answers -";

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Read the answers from this JSON file instead of asking.
    #[arg(long, value_name = "FILE")]
    answers: Option<PathBuf>,
    /// Start over and ignore finished steps.
    #[arg(long)]
    restart: bool,
    #[command(flatten)]
    pub(crate) vault: VaultLocation,
}

/// What was done, as printed with `--json`.
#[derive(Debug, Serialize)]
struct Summary<'a> {
    #[serde(flatten)]
    addresses: &'a Addresses,
    app_id: &'a str,
    stored_in: String,
    outcome: StoreResult,
    checked: CheckResult,
}

pub(crate) async fn setup(options: Options, context: &Context) -> Result<ExitStatus> {
    let answers = options.answers.as_deref().map(Answers::read).transpose()?;
    let answered_url = answers.as_ref().and_then(|answers| answers.public_url.as_deref());
    let context = &with_public_url(context, answered_url);
    let provider = InstagramLogin::new(Endpoints::read(&context.variables)?)?;
    let context = &options.vault.resolve(context, &[PUBLIC_URL, "EVERTOKEN_VAULT_PREFIX"]).await?;
    let public_url = if answers.is_none() && context.variables.get(PUBLIC_URL).is_none() {
        wizard::ask_public_url()?
    } else {
        variables::public_url(&context.variables)?
    };
    if let Some(dir) = &options.vault.local {
        // Creates the vault.
        local_folder::open_or_create(dir)?;
    }
    let store = AppStore::at(&options.vault, context).await?;
    let addresses = Addresses::below(&public_url);
    let has_answers = answers.is_some();
    let accepted = if let Some(answers) = answers {
        credentials::accept(&provider, &store, &public_url, &answers.app).await?
    } else {
        let (vault, restart) = (&options.vault, options.restart);
        Wizard { provider, store: &store, public_url: &public_url, addresses: &addresses, vault, restart }.run().await?
    };
    let AcceptedCredentials { app_id, stored, checked } = accepted;
    if context.is_json() {
        let stored_in = store.to_string();
        output::json(&Summary { addresses: &addresses, app_id: &app_id, stored_in, outcome: stored, checked })?;
    } else if has_answers {
        output::note(&checked.describe());
        output::note(&stored.describe(&store));
        addresses.lines().iter().try_for_each(|line| output::data(line))?;
    }
    Ok(ExitStatus::Ok)
}

/// The URL of the answers takes precedence over the variable.
fn with_public_url(context: &Context, url: Option<&str>) -> Context {
    let url = url.map(|url| (PUBLIC_URL.to_owned(), url.to_owned()));
    context.with_variables(url.into_iter().collect::<Variables>().over(context.variables.clone()))
}
