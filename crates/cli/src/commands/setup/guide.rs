//! Guides the operator through the settings and through Meta's dashboard.

use std::cell::Cell;

use evertoken_core::app::App;
use evertoken_core::document::ProviderName;
use evertoken_core::provider::Provider;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::addresses::Addresses;
use super::credentials::{self, AcceptedCredentials};
use super::field;
use super::progress::Progress;
use super::questions::{ask, ask_secret, confirm};
use super::setup_error::SetupError;
use super::texts::{self, LoginTexts, Section};
use crate::credentials::app_store::AppStore;
use crate::credentials::offered_logins::OfferedLogins;
use crate::error::{CliError, Result, hint};
use crate::terminal::{paragraph, prompt};
use crate::vault::service_settings::ServiceSettings;
use crate::vault::vault_option::VaultOption;

/// How often credentials can be rejected until the setup gives up.
const ATTEMPTS: usize = 5;

/// Numbers the steps.
#[derive(Debug)]
pub(super) struct Steps {
    total: usize,
    shown: Cell<usize>,
    /// How to change what is known.
    change: &'static str,
}

impl Steps {
    pub(super) fn of(offered: OfferedLogins, restart: bool) -> Self {
        // A restart asks for everything else.
        let change = if restart { "set by an environment variable" } else { "use --restart to change it" };
        Self { total: texts::steps(offered), shown: Cell::new(0), change }
    }

    /// Shows the headline of the next step, or what is known of one that needs no answer.
    fn head(&self, title: &str, done: Option<&str>) {
        self.shown.set(self.shown.get() + 1);
        let known = done.map(|done| format!(": {done} ({})", self.change)).unwrap_or_default();
        paragraph::note(&format!("\nStep {} of {}: {title}{known}", self.shown.get(), self.total));
    }
}

/// The first steps: asks for the settings that are not known, and saves each one at once. `earlier` are the defaults.
pub(super) fn settings(
    progress: &mut Progress,
    steps: &Steps,
    offered: OfferedLogins,
    known: &ServiceSettings,
    earlier: &ServiceSettings,
) -> Result<Url> {
    let public_url = if let Some(url) = &known.public_url {
        steps.head(texts::ADDRESS, Some(url.as_str()));
        url.clone()
    } else {
        steps.head(texts::ADDRESS, None);
        paragraph::note(texts::ADDRESS_TEXT);
        let default = earlier.public_url.as_ref().map(Url::as_str);
        ask("Address, for example https://connect.example.com", default, field::public_url)?
    };
    progress.learn(|settings| settings.public_url = Some(public_url.clone()))?;
    if offered.includes(ProviderName::Instagram) {
        scopes(progress, steps, known, earlier)?;
    } else {
        let done = known.name.as_deref().map(|name| if name.is_empty() { "none" } else { name });
        steps.head(texts::NAME, done);
    }
    let name = if let Some(name) = &known.name {
        name.clone()
    } else {
        paragraph::note(texts::NAME_TEXT);
        ask("Name", earlier.name.as_deref().filter(|name| !name.is_empty()), field::name)?
    };
    progress.learn(|settings| settings.name = Some(name))?;
    Ok(public_url)
}

fn scopes(progress: &mut Progress, steps: &Steps, known: &ServiceSettings, earlier: &ServiceSettings) -> Result<()> {
    let scopes_and_name = known.scopes.as_ref().zip(known.name.as_ref());
    let done = scopes_and_name.map(|(scopes, name)| match name.as_str() {
        "" => scopes.to_string(),
        name => format!("{scopes}, by {name}"),
    });
    steps.head(texts::LOGIN, done.as_deref());
    let scopes = if let Some(scopes) = &known.scopes {
        scopes.clone()
    } else {
        paragraph::note(texts::SCOPES_TEXT);
        let default = earlier.scopes.as_ref().map_or_else(|| field::BASIC_SCOPE.to_owned(), ToString::to_string);
        ask("Scopes, separated by commas", Some(&default), field::scopes)?
    };
    progress.learn(|settings| settings.scopes = Some(scopes))
}

/// The further steps, for each login: the app, its credentials, its URLs and the people who can log in.
pub(super) struct Guide<'a> {
    pub(super) steps: &'a Steps,
    pub(super) store: &'a AppStore,
    pub(super) public_url: &'a Url,
    pub(super) addresses: &'a Addresses,
    pub(super) vault: &'a VaultOption,
    /// What is known without asking.
    pub(super) known: &'a ServiceSettings,
    /// The defaults of the questions.
    pub(super) earlier: &'a ServiceSettings,
    /// Ask for stored credentials again.
    pub(super) restart: bool,
}

impl Guide<'_> {
    /// Goes through the steps of the provider's login and skips those that are finished.
    pub(super) async fn run(&self, provider: &impl Provider, progress: &mut Progress) -> Result<AcceptedCredentials> {
        let texts = LoginTexts::of(provider.name());
        progress.start_for(self.public_url);
        self.section(progress, &texts.app, "")?;
        let accepted = self.credentials(provider, texts, progress).await?;
        let urls: Vec<_> = self.addresses.lines(texts.login).into_iter().map(|line| format!("     {line}")).collect();
        let urls = urls.join("\n");
        let is_repeated = progress.is_finished(texts.urls.step);
        self.section(progress, &texts.urls, &urls)?;
        if is_repeated {
            // Useful later, too.
            paragraph::note(&urls);
        }
        if texts.login == ProviderName::Facebook {
            self.configuration(progress)?;
        }
        self.section(progress, &texts.people, "")?;
        Ok(accepted)
    }

    /// Asks for the configuration of Facebook Login for Business, which only exists once the app does.
    fn configuration(&self, progress: &mut Progress) -> Result<()> {
        let config_id = if let Some(id) = &self.known.facebook_config_id {
            let done = if id.is_empty() { "no configuration".to_owned() } else { format!("configuration {id}") };
            self.steps.head(texts::PERMISSIONS, Some(&done));
            id.clone()
        } else {
            self.steps.head(texts::PERMISSIONS, None);
            paragraph::note(texts::PERMISSIONS_TEXT);
            let earlier = self.earlier.facebook_config_id.as_deref().filter(|id| !id.is_empty());
            ask("Configuration ID", earlier, field::config_id)?
        };
        progress.learn(|settings| settings.facebook_config_id = Some(config_id))
    }

    /// Asks for the credentials until they are accepted. Keeps stored ones unless this is a restart.
    async fn credentials(
        &self,
        provider: &impl Provider,
        texts: &LoginTexts,
        progress: &mut Progress,
    ) -> Result<AcceptedCredentials> {
        let (login, (title, text)) = (texts.login, texts.credentials);
        let stored = self.store.read().await?.and_then(|text| App::parse(text.expose_secret()).ok());
        let stored = stored.and_then(|app| Some(app.of(login).ok()?.into_owned()));
        if let Some(app) = stored.filter(|_| !self.restart) {
            self.steps.head(title, Some(&format!("app {} is stored in {}", app.id, self.store)));
            match self.accept(provider, app).await {
                Ok(accepted) => {
                    paragraph::note(&accepted.checked.describe(login));
                    return Ok(accepted);
                }
                Err(error) => self.explain(&error),
            }
        } else {
            self.steps.head(title, None);
        }
        paragraph::note(text);
        for _ in 0..ATTEMPTS {
            let (id, secret) = ask_credentials(texts, progress)?;
            let app = credentials::app_of(login, &id, secret.expose_secret())?;
            match self.accept(provider, app).await {
                Ok(accepted) => {
                    paragraph::note(&accepted.checked.describe(login));
                    paragraph::note(&accepted.stored.describe(self.store));
                    progress.remember_app_id(login, None)?;
                    return Ok(accepted);
                }
                Err(error @ CliError::Setup(SetupError::CredentialsRejected(..))) if prompt::is_terminal() => {
                    self.explain(&error);
                    // Either of them may be wrong.
                    progress.remember_app_id(login, None)?;
                }
                Err(error) => return Err(error),
            }
        }
        Err(SetupError::NoCredentialsAccepted(login).into())
    }

    async fn accept(&self, provider: &impl Provider, app: App) -> Result<AcceptedCredentials> {
        credentials::store(self.store, credentials::check(provider, self.public_url, app).await?).await
    }

    fn explain(&self, error: &CliError) {
        paragraph::note(&format!("Not accepted: {error}. {}", hint(error, self.vault)));
    }

    /// Shows a step and waits until the operator has finished it.
    fn section(&self, progress: &mut Progress, section: &Section, urls: &str) -> Result<()> {
        if progress.is_finished(section.step) {
            self.steps.head(section.title, Some("done"));
            return Ok(());
        }
        self.steps.head(section.title, None);
        paragraph::note(section.text);
        if !urls.is_empty() {
            paragraph::note(urls);
        }
        confirm(section.question)?;
        progress.finish(section.step)
    }
}

/// Remembers the ID at once, in case that the secret has to be looked up.
fn ask_credentials(texts: &LoginTexts, progress: &mut Progress) -> Result<(String, SecretString)> {
    let login = texts.login;
    let id = if let Some(id) = progress.app_id(login) {
        paragraph::note(&format!("{}: {id}, as answered before", texts.id_question));
        id.to_owned()
    } else {
        let id = ask(texts.id_question, None, |text| field::app_id(login, text))?;
        progress.remember_app_id(login, Some(id.clone()))?;
        id
    };
    Ok((id, ask_secret(login, texts.secret_question)?))
}
