//! The clients of one sandbox.

use evertoken_core::media::{Media, MediaList};
use evertoken_core::provider_error::ProviderError;
use evertoken_core::secrets::AccessToken;
use evertoken_instagram::{Endpoints, InstagramLogin, PictureDownload};
use evertoken_sandbox::{Sandbox, Settings};
use evertoken_tests::sandbox_server::SandboxServer;
use serde_json::Value;
use time::Duration;

pub(crate) struct TestMedia {
    pub(crate) server: SandboxServer,
    pub(crate) instagram: InstagramLogin,
    pub(crate) pictures: PictureDownload,
}

impl TestMedia {
    pub(crate) async fn start() -> Self {
        let server = SandboxServer::without_redirect_uri(Settings::default()).await;
        let endpoints = Endpoints::on_one_origin(&server.origin().parse().unwrap());
        let pictures = PictureDownload::new(&endpoints).unwrap();
        Self { instagram: InstagramLogin::new(endpoints).unwrap(), pictures, server }
    }

    pub(crate) fn sandbox(&self) -> &Sandbox {
        self.server.sandbox()
    }

    pub(crate) async fn token(&self, account: &str) -> AccessToken {
        AccessToken::new(self.server.token(account, Duration::ZERO).await)
    }

    pub(crate) async fn list(&self, account: &str, limit: usize) -> Result<MediaList, ProviderError> {
        self.instagram.list_posts(&self.token(account).await, limit).await
    }

    /// The posts of `blue_bottle`, newest first.
    pub(crate) async fn posts(&self) -> Vec<Media> {
        self.list("blue_bottle", 100).await.unwrap().posts
    }

    /// How many requests to this endpoint ended like this.
    pub(crate) async fn outcomes(&self, endpoint: &str, outcome: &str) -> u64 {
        let counters = evertoken_tests::http::client().get(format!("{}/_sandbox/counters", self.server.origin()));
        let counters: Value = counters.send().await.unwrap().json().await.unwrap();
        counters[endpoint]["outcomes"][outcome].as_u64().unwrap_or(0)
    }
}
