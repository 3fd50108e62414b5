//! `evertoken setup`: from Meta's dashboard to a service that people can log in to.

mod answers;
mod credentials;
mod progress;
mod steps;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use evertoken_core::public_url;
use evertoken_core::variables::{self, Variables};
use evertoken_instagram::{Endpoints, InstagramLogin};
use serde::Serialize;
use url::Url;

use crate::credentials::app_store::AppStore;
use crate::file_vault::FileVault;
use crate::terminal::output;
use crate::vault::location::VaultLocation;
use answers::Answers;
use credentials::{Checked, Stored};

pub(crate) const HELP: &str = "\
Asks step by step and says what to paste where. What is done is remembered, so that it may be broken off and called
again; the secret is kept in the app secret alone (over a folder, in DIR/app.json for its owner only).

With --answers nothing is asked. FILE is JSON; - is standard input:
  {\"app_id\": \"1234567890123456\", \"app_secret\": \"...\", \"public_url\": \"https://connect.example.com\"}
public_url may be left out where a stack or EVERTOKEN_PUBLIC_URL tells it.

Examples:
  evertoken setup                                      for the stack called evertoken
  evertoken setup --local vault                        for `evertoken serve --local vault`
  op read op://shop/instagram | evertoken setup --answers -";

/// What it is asked for.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Take the answers from a JSON file and ask nothing.
    #[arg(long, value_name = "FILE")]
    pub(crate) answers: Option<PathBuf>,
    /// Begin again, whatever was done before.
    #[arg(long)]
    pub(crate) restart: bool,
    #[command(flatten)]
    pub(crate) place: VaultLocation,
}

/// What goes into Meta's dashboard, to the letter.
#[derive(Debug, Serialize)]
struct Addresses {
    redirect_uri: Url,
    deauthorize_url: Url,
    data_deletion_url: Url,
}

impl Addresses {
    fn below(public_url: &Url) -> Self {
        Self {
            redirect_uri: public_url::join(public_url, "callback"),
            deauthorize_url: public_url::join(public_url, "deauthorize"),
            data_deletion_url: public_url::join(public_url, "data-deletion"),
        }
    }
}

/// What was done, as `--json` tells it.
#[derive(Debug, Serialize)]
struct Done<'a> {
    #[serde(flatten)]
    addresses: &'a Addresses,
    app_id: &'a str,
    /// Which secret or file.
    stored_in: String,
    outcome: Stored,
    checked: Checked,
}

/// Asks, checks, stores and says what to paste.
pub(crate) async fn setup(options: Options, variables: &Variables, json: bool) -> Result<ExitCode> {
    let answers = options.answers.as_deref().map(Answers::read).transpose()?;
    let mut variables = variables.clone();
    if let Some(url) = answers.as_ref().and_then(|answers| answers.public_url.as_deref()) {
        // What is answered goes before what is set.
        variables =
            std::iter::once(("EVERTOKEN_PUBLIC_URL".to_owned(), url.to_owned())).collect::<Variables>().over(variables);
    }
    let provider = InstagramLogin::new(Endpoints::read(&variables)?)?;
    let place = &options.place;
    let variables = place.variables(&variables, &["EVERTOKEN_PUBLIC_URL", "EVERTOKEN_VAULT_PREFIX"]).await?;
    let public_url = if answers.is_none() && variables.get("EVERTOKEN_PUBLIC_URL").is_none() {
        steps::ask_public_url()?
    } else {
        variables::public_url(&variables)?
    };
    if let Some(dir) = &place.local {
        // So that the folder is a vault from now on.
        FileVault::open(dir)?;
    }
    let store = AppStore::of(place, &variables).await?;
    let addresses = Addresses::below(&public_url);
    let (app_id, outcome, checked) = match answers {
        Some(answers) => {
            let (stored, checked) = credentials::accept(&provider, &store, &public_url, &answers.app).await?;
            (answers.app.id, stored, checked)
        }
        None => steps::walk(&provider, &store, &public_url, &addresses, &options).await?,
    };
    if json {
        let done = Done { addresses: &addresses, app_id: &app_id, stored_in: store.describe(), outcome, checked };
        output::data(&serde_json::to_string_pretty(&done)?)?;
    } else if options.answers.is_some() {
        output::say(&checked.words());
        output::say(&outcome.words(&store.describe()));
        for line in steps::addresses(&addresses) {
            output::data(&line)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
