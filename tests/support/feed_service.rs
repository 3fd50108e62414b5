//! `evertoken serve` over a vault whose account `shop-de` is connected and has posts of every kind.

use reqwest::{Response, StatusCode};
use serde_json::Value;
use time::Duration;

use crate::http::client;
use crate::serve_process::ServeProcess;
use crate::test_cli::TestCli;

/// The running service, and the command for its vault.
#[derive(Debug)]
pub struct FeedService {
    /// The command.
    pub cli: TestCli,
    /// The service.
    pub service: ServeProcess,
}

impl FeedService {
    /// Connects the account and starts the service.
    pub async fn start() -> Self {
        let cli = TestCli::with_file_vault().await;
        cli.add_account("shop-de", Duration::days(2)).await;
        let environment = cli.service_environment(&[]);
        let service = ServeProcess::start(&["--local", cli.dir().to_str().unwrap()], &environment).await;
        let url = service.url.as_str().trim_end_matches('/').to_owned();
        Self { cli: cli.with_variables(&[("EVERTOKEN_PUBLIC_URL", &url)]), service }
    }

    /// Requests a file.
    pub async fn get(&self, path: &str) -> Response {
        client().get(self.service.url.join(path).unwrap()).send().await.unwrap()
    }

    /// Requests a file that must exist.
    pub async fn text(&self, path: &str) -> String {
        let response = self.get(path).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        response.text().await.unwrap()
    }

    /// Requests a JSON file that must exist.
    pub async fn json(&self, path: &str) -> Value {
        serde_json::from_str(&self.text(path).await).unwrap()
    }

    /// Shuts the service down, and searches its log for secrets.
    pub async fn shut_down(self) {
        let service = self.service.shut_down().await;
        self.cli.scanner().record_log("the standard error of the service", &service.stderr());
    }
}
