//! `evertoken setup`: sets up the Meta app and stores its credentials and the settings of the service.

mod addresses;
mod answers;
pub(crate) mod answers_error;
mod credentials;
mod field;
mod guide;
pub(crate) mod invalid_answer;
mod known_settings;
mod logins;
mod next_commands;
mod progress;
mod questions;
pub(crate) mod setup_error;
mod texts;

use std::path::{Path, PathBuf};

use clap::Args;
use evertoken_core::app::App;
use evertoken_core::document::ProviderName;
use evertoken_core::provider::Provider;
use evertoken_core::variables::{self, Variables};
use secrecy::ExposeSecret;
use serde::Serialize;
use url::Url;

use crate::context::Context;
use crate::credentials::app_store::AppStore;
use crate::credentials::offered_logins::OfferedLogins;
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
use field::BASIC_SCOPE;
use guide::{Guide, Steps};
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

With --provider facebook or both, people can log in through Facebook, and the guide has steps for
it. That login needs another pair of ID and secret, which is stored next to the first one.

With --answers, nothing is asked. FILE is JSON; - reads standard input:
  {\"app_id\": \"1234567890123456\", \"app_secret\": \"...\", \"public_url\": \"https://connect.example.com\",
   \"scopes\": \"instagram_business_basic\", \"name\": \"Blue Bottle\"}
For a login through Facebook, it also has provider, meta_app_id, meta_app_secret and, optionally,
facebook_config_id. Leave out what an earlier setup, a stack or a variable provides. Only its owner may be able to read
a file with the secret.

Examples:
  evertoken setup                                      # for the stack called evertoken
  evertoken setup --local vault                        # for `evertoken serve --local vault`
  evertoken setup --provider both                      # also for logins through Facebook
  op read op://shop/instagram | evertoken setup --answers -";

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Read the answers from this JSON file instead of asking.
    #[arg(long, value_name = "FILE")]
    answers: Option<PathBuf>,
    /// Logins that people can use. Defaults to the answers, to `EVERTOKEN_PROVIDER`, to an earlier setup, then to
    /// `instagram`.
    #[arg(long, value_enum, value_name = "LOGIN")]
    provider: Option<OfferedLogins>,
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
    stored_in: String,
    /// Of Instagram Login.
    #[serde(flatten)]
    app: Option<AppSummary<'a>>,
    /// Of Facebook Login.
    #[serde(flatten)]
    meta_app: Option<MetaAppSummary<'a>>,
    next_commands: Vec<&'a str>,
}

#[derive(Debug, Serialize)]
struct AppSummary<'a> {
    app_id: &'a str,
    outcome: StoreResult,
    checked: &'a CheckResult,
}

#[derive(Debug, Serialize)]
struct MetaAppSummary<'a> {
    #[serde(rename = "meta_app_id")]
    app_id: &'a str,
    #[serde(rename = "meta_outcome")]
    outcome: StoreResult,
    #[serde(rename = "meta_checked")]
    checked: &'a CheckResult,
}

/// What the setup has learned and stored.
struct Outcome {
    public_url: Url,
    settings: ServiceSettings,
    /// One for each login.
    accepted: Vec<AcceptedCredentials>,
}

impl Outcome {
    fn of(&self, login: ProviderName) -> Option<&AcceptedCredentials> {
        self.accepted.iter().find(|accepted| accepted.login == login)
    }
}

pub(crate) async fn setup(options: Options, context: &Context) -> Result<ExitStatus> {
    let file = options.answers.as_deref();
    let answers = file.map(|file| Answers::read(file).map(|answers| (file, answers))).transpose()?;
    let has_url = answers.as_ref().is_some_and(|(_, answers)| answers.public_url.is_some());
    let needed: &[&str] = if has_url { &[VAULT_PREFIX] } else { &[PUBLIC_URL, VAULT_PREFIX] };
    let own = &context.variables;
    let context = &options.vault.resolve(context, needed).await?;
    let outcome = match &answers {
        Some((file, answers)) => by_answers(file, answers, &options, context).await?,
        None => by_guide(&options, own, context).await?,
    };
    let store = AppStore::at(&options.vault, context).await?;
    let addresses = Addresses::below(&outcome.public_url);
    let next = next_commands::next(&options.vault, &outcome.public_url, &outcome.settings, &context.variables);
    if context.is_json() {
        print_summary(&outcome, &store, &addresses, &next)?;
        return Ok(ExitStatus::Ok);
    }
    if answers.is_some() {
        for accepted in &outcome.accepted {
            paragraph::note(&accepted.checked.describe(accepted.login));
            paragraph::note(&accepted.stored.describe(&store));
        }
        let lines = outcome.accepted.iter().flat_map(|accepted| addresses.lines(accepted.login));
        let mut shown = Vec::new();
        for line in lines {
            if !shown.contains(&line) {
                output::data(&line)?;
                shown.push(line);
            }
        }
    }
    paragraph::note("\nSetup is complete. Next:");
    for NextCommand { purpose, command } in &next {
        // Not wrapped, so that it can be pasted.
        output::note(&format!("  {purpose}\n    {command}"));
    }
    Ok(ExitStatus::Ok)
}

fn print_summary(outcome: &Outcome, store: &AppStore, addresses: &Addresses, next: &[NextCommand]) -> Result<()> {
    let app = outcome.of(ProviderName::Instagram).map(|accepted| AppSummary {
        app_id: &accepted.app_id,
        outcome: accepted.stored,
        checked: &accepted.checked,
    });
    let meta_app = outcome.of(ProviderName::Facebook).map(|accepted| MetaAppSummary {
        app_id: &accepted.app_id,
        outcome: accepted.stored,
        checked: &accepted.checked,
    });
    output::json(&Summary {
        addresses,
        settings: &outcome.settings,
        stored_in: store.to_string(),
        app,
        meta_app,
        next_commands: next.iter().map(|next| next.command.as_str()).collect(),
    })
}

/// Asks nothing. Creates the vault once all answers are known to be valid, and stores nothing until all of them are accepted.
async fn by_answers(file: &Path, answers: &Answers, options: &Options, context: &Context) -> Result<Outcome> {
    let mut progress = Progress::open(&options.vault, options.restart);
    let known = known_settings::gather(answers, &context.variables, progress.settings())?;
    let provider = options.provider.or(known.provider);
    let public_url = match &known.public_url {
        Some(url) => url.clone(),
        // The variable is missing, too.
        None => variables::public_url(&context.variables)?,
    };
    create_vault(&options.vault)?;
    let store = AppStore::at(&options.vault, context).await?;
    let is_wanted = |login| provider.unwrap_or_default().includes(login) || !answers.app_of(login).is_empty();
    let mut checked = Vec::new();
    for login in logins::logins(&options.vault, context, is_wanted).await? {
        let app = complete_app(login.name(), answers, &store).await?;
        let app = app.map_err(|reason| SetupError::Answers { file: file.to_owned(), reason })?;
        checked.push(credentials::check(&login, &public_url, app).await?);
    }
    let mut accepted = Vec::new();
    for checked in checked {
        accepted.push(credentials::store(&store, checked).await?);
    }
    let basic_scope = || Some(std::iter::once(BASIC_SCOPE).collect());
    let settings = ServiceSettings {
        public_url: Some(public_url.clone()),
        scopes: match provider {
            Some(OfferedLogins::Facebook) => known.scopes,
            _ => known.scopes.or_else(basic_scope),
        },
        name: known.name.or_else(|| Some(String::new())),
        provider,
        facebook_config_id: known.facebook_config_id,
    };
    progress.learn(|learned| learned.clone_from(&settings))?;
    Ok(Outcome { public_url, settings, accepted })
}

/// The app of the answers. What they leave out, an earlier setup has stored.
async fn complete_app(login: ProviderName, answers: &Answers, store: &AppStore) -> Result<Result<App, AnswersError>> {
    let stored = store.read().await?.and_then(|text| App::parse(text.expose_secret()).ok());
    let stored = stored.as_ref().and_then(|app| app.of(login).ok());
    let answered = answers.app_of(login);
    let (id_key, secret_key) = answers::keys(login);
    let stored_id = stored.as_ref().map(|app| app.id.as_str());
    let Some(id) = answered.id.as_deref().or(stored_id) else { return Ok(Err(AnswersError::Missing(id_key))) };
    let secret = match (&answered.secret, &stored) {
        (Some(secret), _) => secret.expose_secret(),
        // Another app has another secret.
        (None, Some(app)) if app.id == id => app.secret.expose(),
        _ => return Ok(Err(AnswersError::Missing(secret_key))),
    };
    Ok(Ok(credentials::app_of(login, id, secret)?))
}

/// `own` are the variables without those of the stack.
async fn by_guide(options: &Options, own: &Variables, context: &Context) -> Result<Outcome> {
    let mut progress = Progress::open(&options.vault, options.restart);
    let answers = Answers::default();
    let earlier = known_settings::gather(&answers, &context.variables, progress.settings())?;
    let mut known = if options.restart {
        known_settings::gather(&answers, own, &ServiceSettings::default())?
    } else {
        earlier.clone()
    };
    if options.vault.local.is_none() && !prompt::is_terminal() && known.name.is_none() {
        // The name is optional, and the stack's parameter keeps it.
        known.name = Some(earlier.name.clone().unwrap_or_default());
    }
    // Not asked, so a restart keeps it.
    let provider = options.provider.or(known.provider).or(earlier.provider);
    let offered = provider.unwrap_or_default();
    create_vault(&options.vault)?;
    let store = AppStore::at(&options.vault, context).await?;
    let vault = options.vault.option();
    paragraph::note(&texts::introduction(&vault, offered));
    if provider.is_some() {
        progress.learn(|settings| settings.provider = provider)?;
    }
    let steps = Steps::of(offered, options.restart);
    let public_url = guide::settings(&mut progress, &steps, offered, &known, &earlier)?;
    let addresses = Addresses::below(&public_url);
    let guide = Guide {
        steps: &steps,
        store: &store,
        public_url: &public_url,
        addresses: &addresses,
        vault: &vault,
        known: &known,
        earlier: &earlier,
        restart: options.restart,
    };
    let mut accepted = Vec::new();
    for login in logins::logins(&options.vault, context, |login| offered.includes(login)).await? {
        accepted.push(guide.run(&login, &mut progress).await?);
    }
    Ok(Outcome { public_url, settings: progress.settings().clone(), accepted })
}

fn create_vault(location: &VaultLocation) -> Result<()> {
    location.local.as_deref().map_or(Ok(()), |dir| local_folder::open_or_create(dir).map(drop))
}
