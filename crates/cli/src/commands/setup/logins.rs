//! The logins that a setup prepares.

use std::sync::Arc;

use evertoken_core::document::ProviderName;
use evertoken_https::Tls;
use evertoken_instagram::{AnyLogin, Endpoints, FacebookEndpoints, FacebookLogin, InstagramLogin};

use crate::context::Context;
use crate::credentials::any_credentials::AnyApp;
use crate::error::Result;
use crate::vault::location::VaultLocation;

/// In the order of the guide.
const ALL: [ProviderName; 2] = [ProviderName::Instagram, ProviderName::Facebook];

/// The logins that are wanted, with the addresses that the variables name.
pub(super) async fn logins(
    location: &VaultLocation,
    context: &Context,
    is_wanted: impl Fn(ProviderName) -> bool,
) -> Result<Vec<AnyLogin<AnyApp>>> {
    let mut logins = Vec::new();
    for name in ALL.into_iter().filter(|name| is_wanted(*name)) {
        logins.push(match name {
            ProviderName::Instagram => AnyLogin::Instagram(InstagramLogin::new(Endpoints::read(&context.variables)?)?),
            ProviderName::Facebook => {
                let app = AnyApp::of_command(location, context).await?;
                let endpoints = FacebookEndpoints::read(&context.variables)?;
                let clock = Arc::new(context.clock);
                AnyLogin::Facebook(FacebookLogin::with_tls(&Tls::with_system_roots(), endpoints, app, clock)?)
            }
        });
    }
    Ok(logins)
}
