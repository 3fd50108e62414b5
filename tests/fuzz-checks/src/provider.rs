//! A provider without a network: every code is worth a token of one account, or of three accounts through Facebook, unless
//! the code says otherwise.

use evertoken_core::app::App;
use evertoken_core::document::{ProviderName, TokenKind};
use evertoken_core::provider::{AuthorizeRequest, FacebookAccess, GrantedAccount, GrantedAccounts, Profile, Provider};
use evertoken_core::provider_error::{ProviderError, ProviderErrorKind};
use evertoken_core::secrets::{AccessToken, AuthorizationCode};
use evertoken_core::token::{LongLivedToken, ShortLivedToken};
use time::Duration;
use url::Url;

/// The code that is refused.
const REFUSED: &str = "refused";

/// The Instagram accounts behind the pages of the person who logs in through Facebook.
pub(crate) const OFFERED: [&str; 3] = ["17841405793187218", "17841405793187219", "17841405793187220"];

/// The provider of the fuzz targets.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FuzzProvider(pub(crate) ProviderName);

/// The account behind every token.
pub(crate) fn profile() -> Profile {
    Profile {
        account_id: "17841405793187218".parse().expect("an account id"),
        // The `user_id` of the genuine signed request.
        app_scoped_id: "218471".parse().expect("an account id"),
        username: "blue_bottle".to_owned(),
        account_type: "BUSINESS".to_owned(),
    }
}

/// The token of every account.
pub(crate) fn token() -> LongLivedToken {
    let token = AccessToken::new("IGAA-of-the-fuzz-target");
    LongLivedToken { token, token_type: "bearer".to_owned(), expires_in: Duration::days(60) }
}

/// The account behind one of a person's pages.
fn behind_page(account_id: &str) -> GrantedAccount {
    let profile = Profile {
        account_id: account_id.parse().expect("an account id"),
        username: format!("page_{account_id}"),
        ..profile()
    };
    let access = FacebookAccess {
        token_kind: TokenKind::Page,
        page_id: Some("100641205793102".parse().expect("an id")),
        page_name: Some("<b>Blue & Bottle</b>".to_owned()),
        account_name: None,
        picture_url: None,
        data_access_expires_at: None,
    };
    GrantedAccount { profile, token: token(), facebook: Some(access) }
}

impl Provider for FuzzProvider {
    fn name(&self) -> ProviderName {
        self.0
    }

    fn authorize_url(&self, request: AuthorizeRequest<'_>) -> Url {
        let mut url = Url::parse("https://www.instagram.com/oauth/authorize").expect("a URL");
        url.query_pairs_mut().append_pair("state", request.state);
        url
    }

    async fn exchange_code(
        &self,
        _: &App,
        code: &AuthorizationCode,
        _: &Url,
    ) -> Result<ShortLivedToken, ProviderError> {
        if code.expose() == REFUSED {
            return Err(ProviderError::new(ProviderErrorKind::InsufficientRole));
        }
        Ok(ShortLivedToken { token: token().token, granted: None })
    }

    async fn extend(&self, _: &App, _: &AccessToken) -> Result<LongLivedToken, ProviderError> {
        Ok(token())
    }

    async fn accounts(&self, _: &App, token: &LongLivedToken) -> Result<GrantedAccounts, ProviderError> {
        let accounts = match self.0 {
            ProviderName::Instagram => {
                vec![GrantedAccount { profile: profile(), token: token.clone(), facebook: None }]
            }
            ProviderName::Facebook => OFFERED.map(behind_page).to_vec(),
        };
        Ok(GrantedAccounts { scopes: None, accounts })
    }

    async fn prove(&self, _: &App, account: GrantedAccount) -> Result<GrantedAccount, ProviderError> {
        Ok(account)
    }
}
