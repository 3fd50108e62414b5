//! Checks what a login through Facebook needs: the Meta app's pair, the redirect URI and the permissions.

use std::sync::Arc;

use evertoken_core::app::{App, InvalidApp};
use evertoken_core::document::ProviderName;
use evertoken_core::variables::{self, Variables};
use evertoken_core::{public_url, scopes::Scopes};
use evertoken_https::Tls;
use evertoken_instagram::{FacebookEndpoints, FacebookLogin};

use super::finding::Finding;
use crate::context::Context;
use crate::credentials::any_credentials::AnyApp;
use crate::credentials::app_check::{self, Verdict};
use crate::credentials::offered_logins::OfferedLogins;
use crate::vault::service_settings::CONFIG_ID;

/// The finding whose text is for the operator to compare.
pub(super) const REDIRECT_URI: &str = "Facebook redirect URI";

/// The permissions without which no account is found.
const NEEDED: [&str; 2] = ["instagram_basic", "pages_show_list"];

/// The logins that the service offers. The configuration check reports a value that cannot be used.
pub(super) fn offered(variables: &Variables) -> OfferedLogins {
    OfferedLogins::read(variables).ok().flatten().unwrap_or_default()
}

/// Asks Facebook about the Meta app's pair, if the login is offered or the pair is stored: accounts that were connected earlier
/// are checked with it.
pub(super) async fn check_app(app: &App, context: &Context) -> Option<Finding> {
    const SUBJECT: &str = "app at Facebook";
    let variables = &context.variables;
    let offered = offered(variables);
    let meta = match app.of(ProviderName::Facebook) {
        Ok(meta) => meta.into_owned(),
        Err(reason) if offered.includes(ProviderName::Facebook) => {
            return Some(Finding::problem(SUBJECT, reason.to_string(), setup(context, offered)));
        }
        Err(_) => return None,
    };
    let login = FacebookEndpoints::read(variables).ok().and_then(|endpoints| {
        let app = AnyApp::Local(Arc::new(app.clone()));
        FacebookLogin::with_tls(&Tls::with_system_roots(), endpoints, app, Arc::new(context.clock)).ok()
    });
    let (Some(login), Ok(public_url)) = (login, variables::public_url(variables)) else {
        let text = "not checked: the public URL is unknown";
        return Some(Finding::warning(SUBJECT, text, "Set EVERTOKEN_PUBLIC_URL."));
    };
    let facebook = ProviderName::Facebook;
    Some(match app_check::check(&login, &meta, &public_url).await {
        Verdict::Accepted => Finding::ok(SUBJECT, app_check::accepted(facebook)),
        Verdict::Rejected(error) | Verdict::UnknownRedirect(error) => {
            Finding::problem(SUBJECT, app_check::cause(facebook, error.kind), app_check::remedy(facebook, error.kind))
        }
        Verdict::Inconclusive(error) => Finding::warning(
            SUBJECT,
            format!("not checked: {}", app_check::cause(facebook, error.kind)),
            "Try again later. A login proves that the credentials are right.",
        ),
    })
}

/// What the service offers without an app.
pub(super) fn without_app(context: &Context) -> Option<Finding> {
    let offered = offered(&context.variables);
    let text = InvalidApp::MetaUnfilled.to_string();
    let is_missing = offered.includes(ProviderName::Facebook);
    is_missing.then(|| Finding::problem("app at Facebook", text, setup(context, offered)))
}

fn setup(context: &Context, offered: OfferedLogins) -> String {
    let setup = context.vault_option.command(&format!("setup --provider {}", offered.as_str()));
    format!("Run `{setup}`, which asks for both.")
}

/// The redirect URI and the permissions, if the login is offered.
pub(super) fn check_settings(variables: &Variables) -> Vec<Finding> {
    if !offered(variables).includes(ProviderName::Facebook) {
        return Vec::new();
    }
    let redirect_uri = variables::public_url(variables).ok().map(|url| {
        let text = format!(
            "Facebook Login for Business > Settings > Valid OAuth Redirect URIs must list {}. If it does not, Facebook shows \
             \"URL Blocked\" and never returns here, so no check of this command can find out",
            public_url::join(&url, "callback")
        );
        Finding::ok(REDIRECT_URI, text)
    });
    redirect_uri.into_iter().chain([permissions(variables)]).collect()
}

fn permissions(variables: &Variables) -> Finding {
    const SUBJECT: &str = "Facebook permissions";
    // The configuration check reports a value that is no list.
    let scopes: Scopes = variables::facebook_scopes(variables).unwrap_or_default();
    if let Some(id) = variables.get(CONFIG_ID) {
        let text = format!("a login uses the configuration {id}, which must include {}", NEEDED.join(" and "));
        return Finding::ok(SUBJECT, text);
    }
    let missing: Vec<_> = NEEDED.into_iter().filter(|needed| !scopes.iter().any(|scope| scope == *needed)).collect();
    if scopes.is_empty() || missing.is_empty() {
        return Finding::ok(SUBJECT, format!("a login requests {scopes}"));
    }
    let complete: Scopes = missing.iter().copied().chain(scopes.iter()).collect();
    let text = format!("{} is missing, without which no account is found", missing.join(" and "));
    Finding::problem(
        SUBJECT,
        text,
        format!("Set EVERTOKEN_FACEBOOK_SCOPES={complete}, or deploy with the parameter FacebookScopes={complete}."),
    )
}

#[cfg(test)]
mod tests {
    use super::super::finding::Severity;
    use super::*;

    fn of(more: &[(&str, &str)]) -> Vec<Finding> {
        let usual = [("EVERTOKEN_PROVIDER", "both"), ("EVERTOKEN_PUBLIC_URL", "https://login.example.test")];
        let variables = usual.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        check_settings(&variables.collect())
    }

    #[test]
    fn names_the_redirect_uri_and_the_permissions_of_a_login() {
        let [redirect_uri, permissions] = &of(&[])[..] else { panic!("two findings") };
        assert!(redirect_uri.text.contains("https://login.example.test/callback"), "{redirect_uri:?}");
        assert!(permissions.text.contains("instagram_basic,pages_show_list"), "{permissions:?}");
        let configured = of(&[("EVERTOKEN_FACEBOOK_CONFIG_ID", "1122334455667788")]);
        assert!(configured[1].text.contains("the configuration 1122334455667788"), "{configured:?}");
        assert!(check_settings(&Variables::default()).is_empty());
    }

    #[test]
    fn a_permission_without_which_no_account_is_found_is_required() {
        let finding = &of(&[("EVERTOKEN_FACEBOOK_SCOPES", "instagram_basic,pages_read_engagement")])[1];
        assert!(finding.state == Severity::Problem && finding.text.starts_with("pages_show_list is missing"));
        let remedy = finding.remedy.as_deref().unwrap();
        assert!(
            remedy.contains("pages_show_list,instagram_basic") || remedy.contains("instagram_basic,pages"),
            "{remedy}"
        );
    }
}
