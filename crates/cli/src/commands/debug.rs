//! `evertoken debug`: what Meta's Access Token Debugger shows, for a stored or a pasted token.

mod facebook;
mod facebook_words;
mod report;

use clap::Args;
use evertoken_core::account::{AccountId, AccountName};
use evertoken_core::clock::Clock;
use evertoken_core::document::{Document, Versioned};
use evertoken_core::policy::Policy;
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

The command asks Instagram whose token it is. It sends a token of Facebook Login to Facebook's token
debugger instead, which distinguishes tokens of a page, a person, a system user and an app. If
meta_app_id and meta_app_secret are stored, the command also shows the account. For anything that it
cannot find out, it shows the reason.

Examples:
  evertoken debug my-shop            # inspect the stored token
  evertoken debug < token.txt        # inspect any token
  evertoken --json debug my-shop

Exit status 3 means that Instagram or Facebook rejects the token.";

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
    /// Whether the token works, if that is known.
    valid: Option<bool>,
    /// The accounts that it gives access to. More than one only for a system user's.
    owners: Vec<Owner>,
    error: Option<ProviderError>,
    /// Why the account is not known, if there is no error.
    unnamed: Option<String>,
    stored: Stored,
    facebook: facebook::Answer,
}

/// An account that a token gives access to.
struct Owner {
    account_id: AccountId,
    /// For Facebook Login, of the person or page.
    app_scoped_id: AccountId,
    username: String,
    /// Empty with Facebook Login.
    account_type: String,
    /// With Facebook Login.
    page_name: Option<String>,
}

impl From<Profile> for Owner {
    fn from(profile: Profile) -> Self {
        let Profile { account_id, app_scoped_id, username, account_type } = profile;
        Self { account_id, app_scoped_id, username, account_type, page_name: None }
    }
}

/// Which account of the vault holds the token. It has the token's dates and scopes.
enum Stored {
    As(Box<Versioned>),
    Nowhere,
    /// And why the vault was not searched.
    NotSearched(String),
}

impl Stored {
    fn document(&self) -> Option<&Document> {
        match self {
            Self::As(account) => Some(&account.document),
            _ => None,
        }
    }

    /// The policy for the account, or the usual one.
    fn policy(&self, policy: &Policy) -> Policy {
        match self {
            Self::As(account) => policy.of(account.cohort.as_ref()),
            _ => *policy,
        }
    }
}

pub(crate) async fn debug(options: Options, context: &Context) -> Result<ExitStatus> {
    let provider = InstagramLogin::new(Endpoints::read(&context.variables)?)?;
    let facebook = facebook::Examiner::new(&options.vault, context)?;
    let policy = variables::policy(&context.variables)?;
    let (token, account) = if let Some(name) = &options.name {
        let vault = options.vault.open(context).await?;
        let account = lookup::account(&vault, name).await?;
        (account.document.access_token.clone(), Some(Box::new(account)))
    } else {
        let token = pasted_input::read("Token: ", "token")?;
        if let Some(remark) = token.remark("token") {
            output::note(&remark);
        }
        (AccessToken::new(token.expose()), None)
    };
    let document = account.as_ref().map(|account| &account.document);
    let facts = if facebook::is_of_facebook(&token, document) {
        facebook.examine(&token, document).await
    } else {
        ask_instagram(&provider, &token).await
    };
    let stored = match account {
        Some(account) => Stored::As(account),
        None => find_stored(&options.vault, context, &token, &facts.owners).await,
    };
    let policy = stored.policy(&policy);
    let report = Report::new(Facts { stored, ..facts }, context.clock.now(), &policy, &context.vault_option);
    if context.is_json() {
        output::json(&report)?;
    } else {
        report.lines().iter().try_for_each(|line| output::data(line))?;
    }
    Ok(match (report.valid, &report.problem) {
        (Some(true), None) => ExitStatus::Ok,
        (_, Some(Problem { kind: ErrorCategory::Transient | ErrorCategory::Throttled, .. })) => ExitStatus::Failed,
        _ => ExitStatus::Unhealthy,
    })
}

/// Facts without those of the vault.
async fn ask_instagram(provider: &InstagramLogin, token: &AccessToken) -> Facts {
    let (valid, owners, error) = match provider.profile(token).await {
        Ok(profile) => (Some(true), vec![profile.into()], None),
        Err(error) => (error.rejects_token().then_some(false), Vec::new(), Some(error)),
    };
    let reason = "Meta documents the token debugger for Facebook Login only".to_owned();
    Facts {
        kind: TokenKind::of(token),
        valid,
        owners,
        error,
        unnamed: None,
        stored: Stored::Nowhere,
        facebook: facebook::Answer::None(reason),
    }
}

/// The account that holds a pasted token, if a vault was selected.
async fn find_stored(location: &VaultLocation, context: &Context, token: &AccessToken, owners: &[Owner]) -> Stored {
    if context.vault_option.is_open() {
        return Stored::NotSearched("no vault is selected, with --local or --stack for example".to_owned());
    }
    if owners.is_empty() {
        return Stored::NotSearched("it is not known whose token it is".to_owned());
    }
    // An unreadable vault says nothing about the token.
    let vault = match location.open(context).await {
        Ok(vault) => vault,
        Err(error) => return Stored::NotSearched(error.to_string()),
    };
    for owner in owners {
        let found = match vault.find(&owner.account_id).await {
            Ok(found) => found,
            Err(error) => return Stored::NotSearched(error.to_string()),
        };
        let mut accounts = found.accounts.into_iter();
        if let Some(account) = accounts.find(|account| account.document.access_token == *token) {
            return Stored::As(Box::new(account));
        }
    }
    Stored::Nowhere
}
