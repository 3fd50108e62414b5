//! The walk through Meta's dashboard.

use std::io::{self, BufRead, IsTerminal};

use anyhow::{Context, Result, anyhow, bail};
use evertoken_core::app::App;
use evertoken_core::provider::Provider;
use evertoken_core::variables::parse_secure_url;
use secrecy::ExposeSecret;
use url::Url;

use super::credentials::{self, Checked, Stored};
use super::progress::{Progress, Step};
use super::{Addresses, Options};
use crate::credentials::app_store::AppStore;
use crate::terminal::output;
use crate::terminal::pasted_input::PastedInput;

/// How often a pair that is refused may be pasted again.
const TRIES: usize = 5;

const MAKE_THE_APP: &str = "\
1. The app
   Open https://developers.facebook.com/apps and create an app; add the product \"Instagram\" to it.
   Then open Instagram > API setup with Instagram login.";

const THE_PAIR: &str = "\
2. Its id and secret
   One Meta app has two pairs, and only one of them works here:
     right: Instagram app ID and Instagram app secret, under Instagram > API setup with Instagram login
     wrong: App ID and App secret, under App settings > Basic (Instagram says \"Invalid platform app\")";

const TESTERS: &str = "\
4. Who may log in
   Until Meta has reviewed the app, only accounts with a role may. For each account:
   App roles > Roles > Instagram testers: add its user name (a misspelt one is accepted in silence). Then its owner logs in
   to Instagram in a desktop browser and accepts under https://www.instagram.com/accounts/manage_access (Tester invites).
   The account must be a professional one (Business or Creator).";

/// Where the addresses go, to the letter.
pub(super) fn addresses(addresses: &Addresses) -> [String; 3] {
    [
        format!("OAuth redirect URI            {}", addresses.redirect_uri),
        format!("Deauthorize callback URL      {}", addresses.deauthorize_url),
        format!("Data deletion request URL     {}", addresses.data_deletion_url),
    ]
}

/// Where people will reach the service: it is part of what is to be pasted.
pub(super) fn ask_public_url() -> Result<Url> {
    let text = ask("The https address of the service, as https://connect.example.com: ")?;
    parse_secure_url(&text).with_context(|| format!("{text:?} is no https address without query"))
}

/// Walks, and leaves out what is done.
pub(super) async fn walk(
    provider: &impl Provider,
    store: &AppStore,
    public_url: &Url,
    addresses: &Addresses,
    options: &Options,
) -> Result<(String, Stored, Checked)> {
    let mut progress = Progress::open(&options.place, public_url, options.restart);
    step(&mut progress, Step::App, MAKE_THE_APP, "Enter when you are there. ")?;
    let (app_id, stored, checked) = pair(provider, store, public_url, options.restart).await?;
    let [redirect, deauthorize, deletion] = self::addresses(addresses);
    let paste = format!(
        "3. The addresses\n   In Business login settings (Instagram > API setup with Instagram login > Set up Instagram business \
         login)\n   paste, save, and read them again: the dashboard may have put a slash at the end, which must go.\n     \
         {redirect}\n     {deauthorize}\n     {deletion}"
    );
    step(&mut progress, Step::Addresses, &paste, "Enter when all three are saved. ")?;
    step(&mut progress, Step::Testers, TESTERS, "Enter when it is done. ")?;
    let place = options.place.local.as_ref().map_or_else(String::new, |dir| format!(" --local {}", dir.display()));
    output::say(&format!(
        "Done. Next, a link for the first account, and a look at everything:\n  evertoken invite{place} --name my-shop\n  \
         evertoken doctor{place}"
    ));
    Ok((app_id, stored, checked))
}

/// One step that only the person can do.
fn step(progress: &mut Progress, step: Step, words: &str, prompt: &str) -> Result<()> {
    if progress.is_done(step) {
        let head = words.lines().next().unwrap_or_default();
        output::say(&format!("{head}: done before (--restart begins again)"));
        // The addresses are wanted more than once.
        if step == Step::Addresses {
            words.lines().skip(3).for_each(output::say);
        }
        return Ok(());
    }
    output::say(words);
    ask(prompt)?;
    progress.done(step)
}

/// Asks for the pair until Instagram finds no fault with it; one that is stored is kept unless the person wants another.
async fn pair(
    provider: &impl Provider,
    store: &AppStore,
    public_url: &Url,
    restart: bool,
) -> Result<(String, Stored, Checked)> {
    let present = store.read().await?.and_then(|text| App::parse(text.expose_secret()).ok());
    if let Some(app) = present.filter(|_| !restart) {
        output::say(&format!(
            "2. Its id and secret: app {} stands in {} already (--restart asks anew)",
            app.id,
            store.describe()
        ));
        match credentials::accept(provider, store, public_url, &app).await {
            Ok((stored, checked)) => {
                output::say(&checked.words());
                return Ok((app.id, stored, checked));
            }
            Err(refused) => output::say(&format!("{refused:#}")),
        }
    }
    output::say(THE_PAIR);
    for _ in 0..TRIES {
        let id = PastedInput::clean(&ask("Instagram app ID: ")?);
        let secret = ask_secret("Instagram app secret (not shown): ")?;
        if let Some(remark) = secret.remark("app secret") {
            output::say(&remark);
        }
        let accepted = match App::new(id.expose(), secret.expose(), &[]) {
            Ok(app) => credentials::accept(provider, store, public_url, &app).await.map(|done| (app.id, done)),
            Err(invalid) => Err(anyhow!(invalid)),
        };
        match accepted {
            Ok((id, (stored, checked))) => {
                output::say(&checked.words());
                output::say(&stored.words(&store.describe()));
                return Ok((id, stored, checked));
            }
            Err(refused) => output::say(&format!("{refused:#}")),
        }
    }
    bail!("no pair was accepted; run `evertoken setup` again when you have it")
}

/// A line from the person, or from whatever stands in for one.
#[expect(clippy::print_stderr, reason = "a prompt, without a line's end")]
fn ask(prompt: &str) -> Result<String> {
    eprint!("{prompt}");
    let mut line = String::new();
    if io::stdin().lock().read_line(&mut line).context("the terminal could not be read")? == 0 {
        bail!("the input ended; what is done is remembered, run `evertoken setup` again to go on");
    }
    Ok(line.trim().to_owned())
}

/// The same without echo.
fn ask_secret(prompt: &str) -> Result<PastedInput> {
    if io::stdin().is_terminal() {
        let line = rpassword::prompt_password(prompt).context("the terminal could not be read")?;
        return Ok(PastedInput::clean(&line));
    }
    let line = ask(prompt)?;
    Ok(PastedInput::clean(&line))
}
