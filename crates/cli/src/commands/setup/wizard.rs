//! Guides the operator through Meta's dashboard.

use evertoken_core::app::App;
use evertoken_core::provider::Provider;
use evertoken_core::variables::parse_secure_url;
use secrecy::ExposeSecret;
use url::Url;

use super::addresses::Addresses;
use super::credentials::{self, AcceptedCredentials};
use super::progress::{Progress, Step};
use crate::credentials::app_store::AppStore;
use crate::error::{CliError, Result, hint};
use crate::terminal::pasted_input::PastedInput;
use crate::terminal::{output, prompt};
use crate::vault::location::VaultLocation;

/// How often credentials can be pasted until the setup gives up.
const ATTEMPTS: usize = 5;

const CREATE_APP: &str = "\
1. Create the app
   Open https://developers.facebook.com/apps, create an app, and add the product \"Instagram\" to it.
   Then open Instagram > API setup with Instagram login.";

const CREDENTIALS: &str = "\
2. Copy the app's ID and secret
   A Meta app has two pairs of ID and secret. Only one of them works here:
     right: Instagram app ID and Instagram app secret, under Instagram > API setup with Instagram login
     wrong: App ID and App secret, under App settings > Basic (Instagram answers \"Invalid platform app\")";

const TESTERS: &str = "\
4. Invite testers
   Until Meta has reviewed the app, only accounts with a role in it can log in. For each account:
   a. Add its username under App roles > Roles > Instagram testers. Check the spelling: Meta accepts names that do not exist.
   b. Its owner logs in to Instagram in a desktop browser and accepts the invitation under
      https://www.instagram.com/accounts/manage_access (Tester invites).
   The account must be a professional one (Business or Creator).";

/// Asks for the public URL, which is part of what has to be pasted.
pub(super) fn ask_public_url() -> Result<Url> {
    let text = ask("Public https URL of the service, for example https://connect.example.com: ")?;
    parse_secure_url(&text).ok_or(CliError::PublicUrlAnswer(text))
}

pub(super) struct Wizard<'a, P> {
    pub(super) provider: P,
    pub(super) store: &'a AppStore,
    pub(super) public_url: &'a Url,
    pub(super) addresses: &'a Addresses,
    pub(super) vault: &'a VaultLocation,
    /// Repeat finished steps.
    pub(super) restart: bool,
}

impl<P: Provider> Wizard<'_, P> {
    /// Goes through all steps and skips those that are finished.
    pub(super) async fn run(&self) -> Result<AcceptedCredentials> {
        let mut progress = Progress::open(self.vault, self.public_url, self.restart);
        step(&mut progress, Step::App, CREATE_APP, "Press Enter when you are there. ")?;
        let accepted = self.credentials().await?;
        let [redirect, deauthorize, deletion] = self.addresses.lines();
        let addresses = format!(
            "3. Paste the URLs\n   Open Instagram > API setup with Instagram login > Set up Instagram business login > Business \
             login settings.\n   Paste the URLs, save, and check them: the dashboard may append a slash, which you have to \
             remove.\n     {redirect}\n     {deauthorize}\n     {deletion}"
        );
        step(&mut progress, Step::Addresses, &addresses, "Press Enter when all three are saved. ")?;
        step(&mut progress, Step::Testers, TESTERS, "Press Enter when you are done. ")?;
        let vault = self.vault.option();
        output::note(&format!(
            "Setup complete. Create a link for the first account, and check the service:\n  {}\n  {}",
            vault.command("invite --name my-shop"),
            vault.command("doctor")
        ));
        Ok(accepted)
    }

    /// Asks for the credentials until Instagram accepts them. Keeps stored ones unless this is a restart.
    async fn credentials(&self) -> Result<AcceptedCredentials> {
        let stored = self.store.read().await?.and_then(|text| App::parse(text.expose_secret()).ok());
        if let Some(app) = stored.filter(|_| !self.restart) {
            output::note(&format!(
                "2. Copy the app's ID and secret: app {} is already stored in {} (use --restart to change it)",
                app.id, self.store
            ));
            match credentials::accept(&self.provider, self.store, self.public_url, &app).await {
                Ok(accepted) => {
                    output::note(&accepted.checked.describe());
                    return Ok(accepted);
                }
                Err(error) => self.print_failure(&error),
            }
        }
        output::note(CREDENTIALS);
        for _ in 0..ATTEMPTS {
            match self.ask_credentials().await {
                Ok(accepted) => {
                    output::note(&accepted.checked.describe());
                    output::note(&accepted.stored.describe(self.store));
                    return Ok(accepted);
                }
                Err(error @ (CliError::CredentialsRejected(_) | CliError::InvalidCredentials(_))) => {
                    self.print_failure(&error);
                }
                Err(error) => return Err(error),
            }
        }
        Err(CliError::NoCredentialsAccepted)
    }

    async fn ask_credentials(&self) -> Result<AcceptedCredentials> {
        let id = PastedInput::clean(&ask("Instagram app ID: ")?);
        let secret = prompt::ask_secret("Instagram app secret (not shown): ")?.ok_or(CliError::SetupInterrupted)?;
        if let Some(remark) = secret.remark("app secret") {
            output::note(&remark);
        }
        let app = App::new(id.expose(), secret.expose(), &[]).map_err(CliError::InvalidCredentials)?;
        credentials::accept(&self.provider, self.store, self.public_url, &app).await
    }

    fn print_failure(&self, error: &CliError) {
        output::note(&format!("{error}. {}", hint(error, &self.vault.option())));
    }
}

/// Shows a step and waits until the operator has finished it.
fn step(progress: &mut Progress, step: Step, text: &str, question: &str) -> Result<()> {
    if progress.is_finished(step) {
        let title = text.lines().next().unwrap_or_default();
        output::note(&format!("{title}: done (use --restart to repeat it)"));
        // The URLs are useful later too.
        if step == Step::Addresses {
            text.lines().skip(3).for_each(output::note);
        }
        return Ok(());
    }
    output::note(text);
    ask(question)?;
    progress.finish(step)
}

fn ask(question: &str) -> Result<String> {
    prompt::ask(question)?.ok_or(CliError::SetupInterrupted)
}
