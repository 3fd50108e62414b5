//! Guides the operator through the settings and through Meta's dashboard.

use evertoken_core::app::App;
use evertoken_core::provider::Provider;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::addresses::Addresses;
use super::credentials::{self, AcceptedCredentials};
use super::field;
use super::progress::{Progress, Step};
use super::questions::{ask, ask_secret, confirm};
use super::setup_error::SetupError;
use super::texts;
use crate::credentials::app_store::AppStore;
use crate::error::{CliError, Result, hint};
use crate::terminal::{paragraph, prompt};
use crate::vault::service_settings::ServiceSettings;
use crate::vault::vault_option::VaultOption;

/// How often Instagram can reject credentials until the setup gives up.
const ATTEMPTS: usize = 5;

/// Steps 1 and 2: asks for the settings that are not known, and saves each one at once. `earlier` are the defaults.
pub(super) fn settings(
    progress: &mut Progress,
    known: &ServiceSettings,
    earlier: &ServiceSettings,
) -> Result<(Url, ServiceSettings)> {
    let public_url = if let Some(url) = &known.public_url {
        head(1, texts::ADDRESS, Some(url.as_str()));
        url.clone()
    } else {
        head(1, texts::ADDRESS, None);
        paragraph::note(texts::ADDRESS_TEXT);
        let default = earlier.public_url.as_ref().map(Url::as_str);
        ask("Address, for example https://connect.example.com", default, field::public_url)?
    };
    progress.learn(|settings| settings.public_url = Some(public_url.clone()))?;

    let scopes_and_name = known.scopes.as_ref().zip(known.name.as_ref());
    let done = scopes_and_name.map(|(scopes, name)| match name.as_str() {
        "" => scopes.to_string(),
        name => format!("{scopes}, by {name}"),
    });
    head(2, texts::LOGIN, done.as_deref());
    let scopes = if let Some(scopes) = &known.scopes {
        scopes.clone()
    } else {
        paragraph::note(texts::SCOPES_TEXT);
        let default = earlier.scopes.as_ref().map_or_else(|| field::BASIC_SCOPE.to_owned(), ToString::to_string);
        ask("Scopes, separated by commas", Some(&default), field::scopes)?
    };
    progress.learn(|settings| settings.scopes = Some(scopes))?;
    let name = if let Some(name) = &known.name {
        name.clone()
    } else {
        paragraph::note(texts::NAME_TEXT);
        ask("Name", earlier.name.as_deref().filter(|name| !name.is_empty()), field::name)?
    };
    progress.learn(|settings| settings.name = Some(name))?;
    Ok((public_url, progress.settings().clone()))
}

/// Steps 3 to 6: the app, its credentials, its URLs and its testers.
pub(super) struct Guide<'a, P> {
    pub(super) provider: P,
    pub(super) store: &'a AppStore,
    pub(super) public_url: &'a Url,
    pub(super) addresses: &'a Addresses,
    pub(super) vault: &'a VaultOption,
    /// Ask for stored credentials again.
    pub(super) restart: bool,
}

impl<P: Provider> Guide<'_, P> {
    /// Goes through the steps and skips those that are finished.
    pub(super) async fn run(&self, progress: &mut Progress) -> Result<AcceptedCredentials> {
        progress.start_for(self.public_url);
        step(progress, (3, texts::APP), Step::App, texts::APP_TEXT, "Press Enter when you are there. ")?;
        let accepted = self.credentials(progress).await?;
        let urls: Vec<_> = self.addresses.lines().into_iter().map(|line| format!("     {line}")).collect();
        let urls = urls.join("\n");
        let text = format!("{}\n{urls}", texts::URLS_TEXT);
        let is_repeated = progress.is_finished(Step::Addresses);
        step(progress, (5, texts::URLS), Step::Addresses, &text, "Press Enter when all three are saved. ")?;
        if is_repeated {
            // Useful later, too.
            paragraph::note(&urls);
        }
        step(progress, (6, texts::TESTERS), Step::Testers, texts::TESTERS_TEXT, "Press Enter when you are done. ")?;
        Ok(accepted)
    }

    /// Asks for the credentials until Instagram accepts them. Keeps stored ones unless this is a restart.
    async fn credentials(&self, progress: &mut Progress) -> Result<AcceptedCredentials> {
        let stored = self.store.read().await?.and_then(|text| App::parse(text.expose_secret()).ok());
        if let Some(app) = stored.filter(|_| !self.restart) {
            head(4, texts::CREDENTIALS, Some(&format!("app {} is stored in {}", app.id, self.store)));
            match credentials::accept(&self.provider, self.store, self.public_url, &app).await {
                Ok(accepted) => {
                    paragraph::note(&accepted.checked.describe());
                    return Ok(accepted);
                }
                Err(error) => self.explain(&error),
            }
        } else {
            head(4, texts::CREDENTIALS, None);
        }
        paragraph::note(texts::CREDENTIALS_TEXT);
        for _ in 0..ATTEMPTS {
            let (id, secret) = ask_credentials(progress)?;
            let app = App::new(&id, secret.expose_secret(), &[]).map_err(SetupError::InvalidCredentials)?;
            match credentials::accept(&self.provider, self.store, self.public_url, &app).await {
                Ok(accepted) => {
                    paragraph::note(&accepted.checked.describe());
                    paragraph::note(&accepted.stored.describe(self.store));
                    progress.remember_app_id(None)?;
                    return Ok(accepted);
                }
                Err(error @ CliError::Setup(SetupError::CredentialsRejected(_))) if prompt::is_terminal() => {
                    self.explain(&error);
                    // Either of them may be wrong.
                    progress.remember_app_id(None)?;
                }
                Err(error) => return Err(error),
            }
        }
        Err(SetupError::NoCredentialsAccepted.into())
    }

    fn explain(&self, error: &CliError) {
        paragraph::note(&format!("Not accepted: {error}. {}", hint(error, self.vault)));
    }
}

/// Remembers the ID at once, in case that the secret has to be looked up.
fn ask_credentials(progress: &mut Progress) -> Result<(String, SecretString)> {
    let id = if let Some(id) = progress.app_id() {
        paragraph::note(&format!("Instagram app ID: {id}, as answered before"));
        id.to_owned()
    } else {
        let id = ask("Instagram app ID", None, field::app_id)?;
        progress.remember_app_id(Some(id.clone()))?;
        id
    };
    Ok((id, ask_secret("Instagram app secret (not shown)")?))
}

/// Shows a step and waits until the operator has finished it.
fn step(progress: &mut Progress, title: (usize, &str), step: Step, text: &str, question: &str) -> Result<()> {
    if progress.is_finished(step) {
        head(title.0, title.1, Some("done"));
        return Ok(());
    }
    head(title.0, title.1, None);
    paragraph::note(text);
    confirm(question)?;
    progress.finish(step)
}

/// The headline of a step, or what is known of one that needs no answer.
fn head(number: usize, title: &str, done: Option<&str>) {
    let known = done.map(|done| format!(": {done} (use --restart to change it)")).unwrap_or_default();
    paragraph::note(&format!("\nStep {number} of {}: {title}{known}", texts::STEPS));
}
