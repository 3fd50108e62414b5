//! `evertoken debug`: what Meta's Access Token Debugger shows, for a stored or a pasted token.

mod facebook;
mod report;

use clap::Args;
use evertoken_core::account::AccountName;
use evertoken_core::clock::Clock;
use evertoken_core::document::Document;
use evertoken_core::provider::Profile;
use evertoken_core::provider_error::{ErrorCategory, ProviderError};
use evertoken_core::secrets::AccessToken;
use evertoken_core::variables;
use evertoken_core::vault::AccountIndex;
use evertoken_instagram::{Endpoints, InstagramLogin};

use crate::context::Context;
use crate::credentials::token_kind::TokenKind;
use crate::error::Result;
use crate::exit_status::ExitStatus;
use crate::terminal::{output, pasted_input};
use crate::vault::location::VaultLocation;
use crate::vault::lookup;
use report::{Problem, Report};

pub(crate) const HELP: &str = "\
Without a name, the token is read from standard input, without echo if that is a terminal.

Instagram is asked whose token it is. A token of Facebook Login is also sent to Facebook's token
debugger, with the keys meta_app_id and meta_app_secret of the app secret if they are there. What
cannot be known is shown with the reason.

Examples:
  evertoken debug my-shop            # inspect the stored token
  evertoken debug < token.txt        # inspect any token
  evertoken --json debug my-shop

Exit status 3 means that Instagram rejects the token.";

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Account name, as shown by `evertoken list`.
    name: Option<AccountName>,
    #[command(flatten)]
    pub(crate) vault: VaultLocation,
}

/// What was found out about a token.
struct Facts {
    kind: TokenKind,
    /// The account of the token, from Instagram.
    profile: Result<Profile, ProviderError>,
    stored: Stored,
    facebook: facebook::Answer,
}

/// Which account of the vault holds the token. It has the token's dates and scopes.
enum Stored {
    As(Box<Document>),
    Nowhere,
    /// And why the vault was not searched.
    NotSearched(String),
}

impl Stored {
    fn document(&self) -> Option<&Document> {
        match self {
            Self::As(document) => Some(document),
            _ => None,
        }
    }
}

pub(crate) async fn debug(options: Options, context: &Context) -> Result<ExitStatus> {
    let provider = InstagramLogin::new(Endpoints::read(&context.variables)?)?;
    let facebook = facebook::Debugger::new(&options.vault, context)?;
    let policy = variables::policy(&context.variables)?;
    let (token, stored) = if let Some(name) = &options.name {
        let vault = options.vault.open(context).await?;
        let document = lookup::account(&vault, name).await?.document;
        (document.access_token.clone(), Some(Stored::As(Box::new(document))))
    } else {
        let token = pasted_input::read("Token: ", "token")?;
        if let Some(remark) = token.remark("token") {
            output::note(&remark);
        }
        (AccessToken::new(token.expose()), None)
    };
    let kind = TokenKind::of(&token);
    let profile = provider.profile(&token).await;
    let stored = match stored {
        Some(stored) => stored,
        None => find_stored(&options.vault, context, &token, profile.as_ref().ok()).await,
    };
    let facts = Facts { kind, profile, stored, facebook: facebook.ask(kind, &token).await };
    let report = Report::new(facts, context.clock.now(), &policy, &context.vault_option);
    if context.is_json() {
        output::json(&report)?;
    } else {
        report.lines().iter().try_for_each(|line| output::data(line))?;
    }
    Ok(match (report.valid, &report.problem) {
        (Some(true), _) => ExitStatus::Ok,
        (_, Some(Problem { kind: ErrorCategory::Transient | ErrorCategory::Throttled, .. })) => ExitStatus::Failed,
        _ => ExitStatus::Unhealthy,
    })
}

/// The account that holds a pasted token, if a vault was selected.
async fn find_stored(
    location: &VaultLocation,
    context: &Context,
    token: &AccessToken,
    profile: Option<&Profile>,
) -> Stored {
    if context.vault_option.is_open() {
        return Stored::NotSearched("no vault is selected, with --local or --stack for example".to_owned());
    }
    let Some(profile) = profile else {
        return Stored::NotSearched("Instagram did not say whose token it is".to_owned());
    };
    // An unreadable vault says nothing about the token.
    let vault = match location.open(context).await {
        Ok(vault) => vault,
        Err(error) => return Stored::NotSearched(error.to_string()),
    };
    let found = match vault.find(&profile.account_id).await {
        Ok(found) => found,
        Err(error) => return Stored::NotSearched(error.to_string()),
    };
    let mut documents = found.accounts.into_iter().map(|account| account.document);
    let found = documents.find(|document| document.access_token == *token);
    found.map_or(Stored::Nowhere, |document| Stored::As(Box::new(document)))
}
