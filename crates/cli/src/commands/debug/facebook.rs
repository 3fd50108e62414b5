//! What Facebook's token debugger says about the token.

use evertoken_core::secrets::AccessToken;
use evertoken_instagram::{FacebookDebugger, FacebookEndpoints, FacebookToken};

use crate::context::Context;
use crate::credentials::meta_app;
use crate::credentials::token_kind::TokenKind;
use crate::error::Result;
use crate::vault::location::VaultLocation;

pub(super) enum Answer {
    Token(FacebookToken),
    /// Facebook was not asked, or did not tell, and why.
    None(String),
}

pub(super) struct Debugger<'a> {
    facebook: FacebookDebugger,
    location: &'a VaultLocation,
    context: &'a Context,
}

impl<'a> Debugger<'a> {
    pub(super) fn new(location: &'a VaultLocation, context: &'a Context) -> Result<Self> {
        let facebook = FacebookDebugger::new(FacebookEndpoints::read(&context.variables)?)?;
        Ok(Self { facebook, location, context })
    }

    /// Asks with the Meta app's credentials if they are stored, and with the token itself otherwise, or if it belongs to
    /// another app.
    pub(super) async fn ask(&self, kind: TokenKind, token: &AccessToken) -> Answer {
        if kind != TokenKind::FacebookLogin {
            return Answer::None("Meta documents the token debugger for Facebook Login only".to_owned());
        }
        let app = if self.context.vault_option.is_open() {
            None
        } else {
            // The token itself may do.
            meta_app::find(self.location, self.context).await.unwrap_or_default()
        };
        if let Some(app) = &app
            && let Ok(answer) = self.facebook.inspect(token, Some(app)).await
        {
            return Answer::Token(answer);
        }
        match self.facebook.inspect(token, None).await {
            Ok(answer) => Answer::Token(answer),
            Err(error) => {
                let credentials = if app.is_some() {
                    "also with the stored Meta app"
                } else {
                    "the app secret has no meta_app_id and meta_app_secret to ask with"
                };
                let code = error.code.map_or_else(String::new, |code| format!(", code {code}"));
                Answer::None(format!("Facebook did not tell ({credentials}{code})"))
            }
        }
    }
}
