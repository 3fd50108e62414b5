//! `evertoken setup`: sets up the Meta app and stores its credentials and the settings of the service.

mod addresses;
mod answers;
pub(crate) mod answers_error;
mod credentials;
mod field;
mod guide;
pub(crate) mod invalid_answer;
mod known_settings;
mod next_commands;
mod progress;
mod questions;
pub(crate) mod setup_error;
mod texts;

use std::path::{Path, PathBuf};

use clap::Args;
use evertoken_core::app::App;
use evertoken_core::variables;
use evertoken_instagram::{Endpoints, InstagramLogin};
use secrecy::ExposeSecret;
use serde::Serialize;
use url::Url;

use crate::context::Context;
use crate::credentials::app_store::AppStore;
use crate::error::Result;
use crate::exit_status::ExitStatus;
use crate::terminal::{output, paragraph, prompt};
use crate::vault::local_folder;
use crate::vault::location::VaultLocation;
use crate::vault::service_settings::ServiceSettings;
use addresses::Addresses;
use answers::Answers;
use answers_error::AnswersError;
use credentials::{AcceptedCredentials, CheckResult, StoreResult};
use field::{APP_ID, APP_SECRET, BASIC_SCOPE};
use guide::Guide;
use next_commands::NextCommand;
use progress::Progress;
use setup_error::SetupError;

const PUBLIC_URL: &str = "EVERTOKEN_PUBLIC_URL";
const VAULT_PREFIX: &str = "EVERTOKEN_VAULT_PREFIX";

pub(crate) const HELP: &str = "\
Asks for the settings of the service, guides you through Meta's dashboard, and says what to paste
where. Each answer is checked and saved at once, so you can stop at any time and run the command
again. The app's ID and secret are stored in the app secret only (with --local, in DIR/app.json,
readable by its owner). With --local, the other answers are stored in DIR/settings.json, which
`serve`, `invite` and `doctor` read; variables take precedence over it. A stack's settings are its
parameters.

With --answers, nothing is asked. FILE is JSON; - reads standard input:
  {\"app_id\": \"1234567890123456\", \"app_secret\": \"...\", \"public_url\": \"https://connect.example.com\",
   \"scopes\": \"instagram_business_basic\", \"name\": \"Blue Bottle\"}
Leave out what an earlier setup, a stack or a variable provides. Only its owner may be able to read
a file with the secret.

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
    #[serde(flatten)]
    settings: &'a ServiceSettings,
    app_id: &'a str,
    stored_in: String,
    outcome: StoreResult,
    checked: CheckResult,
    next_commands: Vec<&'a str>,
}

/// What the setup has learned and stored.
struct Outcome {
    public_url: Url,
    settings: ServiceSettings,
    accepted: AcceptedCredentials,
}

pub(crate) async fn setup(options: Options, context: &Context) -> Result<ExitStatus> {
    let file = options.answers.as_deref();
    let answers = file.map(|file| Answers::read(file).map(|answers| (file, answers))).transpose()?;
    let has_url = answers.as_ref().is_some_and(|(_, answers)| answers.public_url.is_some());
    let needed: &[&str] = if has_url { &[VAULT_PREFIX] } else { &[PUBLIC_URL, VAULT_PREFIX] };
    let context = &options.vault.resolve(context, needed).await?;
    let provider = InstagramLogin::new(Endpoints::read(&context.variables)?)?;
    let outcome = match &answers {
        Some((file, answers)) => by_answers(file, answers, &provider, &options, context).await?,
        None => by_guide(&provider, &options, context).await?,
    };
    let store = AppStore::at(&options.vault, context).await?;
    let addresses = Addresses::below(&outcome.public_url);
    let next = next_commands::next(&options.vault, &outcome.public_url, &outcome.settings, &context.variables);
    if context.is_json() {
        output::json(&Summary {
            addresses: &addresses,
            settings: &outcome.settings,
            app_id: &outcome.accepted.app_id,
            stored_in: store.to_string(),
            outcome: outcome.accepted.stored,
            checked: outcome.accepted.checked,
            next_commands: next.iter().map(|next| next.command.as_str()).collect(),
        })?;
        return Ok(ExitStatus::Ok);
    }
    if answers.is_some() {
        paragraph::note(&outcome.accepted.checked.describe());
        paragraph::note(&outcome.accepted.stored.describe(&store));
        addresses.lines().iter().try_for_each(|line| output::data(line))?;
    }
    paragraph::note("\nSetup is complete. Next:");
    for NextCommand { purpose, command } in &next {
        // Not wrapped, so that it can be pasted.
        output::note(&format!("  {purpose}\n    {command}"));
    }
    Ok(ExitStatus::Ok)
}

/// Asks nothing. Creates the vault once all answers are known to be valid.
async fn by_answers(
    file: &Path,
    answers: &Answers,
    provider: &InstagramLogin,
    options: &Options,
    context: &Context,
) -> Result<Outcome> {
    let mut progress = Progress::open(&options.vault, options.restart);
    let known = known_settings::gather(answers, &context.variables, progress.settings())?;
    let public_url = match &known.public_url {
        Some(url) => url.clone(),
        // The variable is missing, too.
        None => variables::public_url(&context.variables)?,
    };
    create_vault(&options.vault)?;
    let store = AppStore::at(&options.vault, context).await?;
    let app =
        complete_app(answers, &store).await?.map_err(|reason| SetupError::Answers { file: file.to_owned(), reason })?;
    let accepted = credentials::accept(provider, &store, &public_url, &app).await?;
    let settings = ServiceSettings {
        public_url: Some(public_url.clone()),
        scopes: known.scopes.or_else(|| Some(std::iter::once(BASIC_SCOPE).collect())),
        name: known.name.or_else(|| Some(String::new())),
    };
    progress.learn(|learned| learned.clone_from(&settings))?;
    Ok(Outcome { public_url, settings, accepted })
}

/// The app of the answers. What they leave out, an earlier setup has stored.
async fn complete_app(answers: &Answers, store: &AppStore) -> Result<Result<App, AnswersError>> {
    let stored = store.read().await?.and_then(|text| App::parse(text.expose_secret()).ok());
    let stored_id = stored.as_ref().map(|app| app.id.as_str());
    let Some(id) = answers.app_id.as_deref().or(stored_id) else { return Ok(Err(AnswersError::Missing(APP_ID))) };
    let secret = match (&answers.app_secret, &stored) {
        (Some(secret), _) => secret.expose_secret(),
        // Another app has another secret.
        (None, Some(app)) if app.id == id => app.secret.expose(),
        _ => return Ok(Err(AnswersError::Missing(APP_SECRET))),
    };
    Ok(Ok(App::new(id, secret, &[]).map_err(SetupError::InvalidCredentials)?))
}

async fn by_guide(provider: &InstagramLogin, options: &Options, context: &Context) -> Result<Outcome> {
    let mut progress = Progress::open(&options.vault, options.restart);
    let earlier = progress.settings().clone();
    let remembered = if options.restart { ServiceSettings::default() } else { earlier.clone() };
    let mut known = known_settings::gather(&Answers::default(), &context.variables, &remembered)?;
    if options.vault.local.is_none() && !prompt::is_terminal() {
        // The name is optional, and the stack's parameter keeps it.
        known.name.get_or_insert_default();
    }
    create_vault(&options.vault)?;
    let store = AppStore::at(&options.vault, context).await?;
    let vault = options.vault.option();
    paragraph::note(&texts::introduction(&vault));
    let (public_url, settings) = guide::settings(&mut progress, &known, &earlier)?;
    let addresses = Addresses::below(&public_url);
    let guide = Guide {
        provider: provider.clone(),
        store: &store,
        public_url: &public_url,
        addresses: &addresses,
        vault: &vault,
        restart: options.restart,
    };
    let accepted = guide.run(&mut progress).await?;
    Ok(Outcome { public_url, settings, accepted })
}

fn create_vault(location: &VaultLocation) -> Result<()> {
    location.local.as_deref().map_or(Ok(()), |dir| local_folder::open_or_create(dir).map(drop))
}
