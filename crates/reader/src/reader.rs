//! Answers requests for tokens.

use std::time::Duration;

use evertoken_core::account::AccountName;
use evertoken_core::document::Document;
use evertoken_core::vault::AccountStore;
use http::{Method, Response};
use lambda_http::Request;
use lambda_http::request::RequestContext;
use tokio::time::timeout;

use crate::answer::{self, Refusal};

/// How long the vault may take. API Gateway answers with status 503 by itself after 30 seconds, without a reason.
const VAULT_TIMEOUT: Duration = Duration::from_secs(25);

/// Reads accounts from a vault.
#[derive(Debug)]
pub struct Reader<V> {
    /// The vault.
    pub vault: V,
}

impl<V: AccountStore> Reader<V> {
    /// Answers `GET /accounts/{name}/token`. API Gateway has checked that the caller may read this account.
    ///
    /// Logs one line for each request, with the account and the caller.
    pub async fn answer(&self, request: &Request) -> Response<String> {
        match self.read(request).await {
            Ok(document) => answer::token(&document),
            Err(refusal) => refusal.response(),
        }
    }

    async fn read(&self, request: &Request) -> Result<Document, Refusal> {
        let Some(caller) = caller(request) else {
            tracing::error!("the request was not authorized by IAM; the route must require it");
            return Err(Refusal::NotAuthorized);
        };
        let name = match requested_name(request) {
            Ok(name) => name,
            Err(refusal) => {
                // Without the path, which may contain a token by mistake.
                tracing::warn!(caller.arn = caller, reason = ?refusal, "the request names no account");
                return Err(refusal);
            }
        };
        match timeout(VAULT_TIMEOUT, self.vault.get(&name)).await {
            Ok(Ok(Some(account))) => {
                tracing::info!(account.name = %name, caller.arn = caller, "token read");
                Ok(account.document)
            }
            Ok(Ok(None)) => {
                tracing::warn!(account.name = %name, caller.arn = caller, "token requested of an unknown account");
                Err(Refusal::UnknownAccount)
            }
            Ok(Err(error)) => {
                tracing::error!(account.name = %name, caller.arn = caller, "token not read: {error}");
                Err(Refusal::VaultFailed)
            }
            Err(_) => {
                tracing::error!(account.name = %name, caller.arn = caller, "token not read: the vault did not answer in time");
                Err(Refusal::VaultFailed)
            }
        }
    }
}

/// The ARN of the caller that API Gateway has authenticated. Without it, the route is open to everyone.
fn caller(request: &Request) -> Option<&str> {
    match request.extensions().get() {
        Some(RequestContext::ApiGatewayV2(context)) => {
            context.authorizer.as_ref()?.iam.as_ref()?.user_arn.as_deref().filter(|arn| !arn.is_empty())
        }
        _ => None,
    }
}

/// The account that the path names. The path itself is parsed, because it is what API Gateway has compared with the caller's
/// permissions.
fn requested_name(request: &Request) -> Result<AccountName, Refusal> {
    let name = request.uri().path().strip_prefix("/accounts/").and_then(|rest| rest.strip_suffix("/token"));
    match name {
        Some(name) if request.method() == Method::GET => name.parse().map_err(|_| Refusal::InvalidName),
        _ => Err(Refusal::UnknownPath),
    }
}

#[cfg(test)]
mod tests;
