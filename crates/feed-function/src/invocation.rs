//! Handles an invocation: a request of the command, a tick of the schedule, or an event about an account.

use std::sync::Arc;

use evertoken_aws::lambda_deadline;
use evertoken_core::media::{MediaSource, PictureSource};
use evertoken_core::metrics::Metrics;
use evertoken_core::vault::AccountStore;
use evertoken_feed::files::{FeedFiles, Invalidations};
use evertoken_feed::publisher::{PublishError, Publisher};
use evertoken_feed::report::Report;
use evertoken_feed::request::{Request, Response};
use evertoken_feed::settings::InvalidSettings;
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde_json::Value;
use time::OffsetDateTime;

use crate::account_event::AccountEvent;
use crate::measurements::{self, Scope};

/// The invocation failed as a whole. An error with a single feed is part of the report instead.
#[derive(Debug, thiserror::Error)]
pub enum InvocationError {
    /// The input is not a request.
    #[error(transparent)]
    Request(#[from] InvalidSettings),
    /// The request could not be carried out.
    #[error(transparent)]
    Publish(#[from] PublishError),
}

impl InvocationError {
    fn error_type(&self) -> &'static str {
        match self {
            Self::Request(_) => "InvalidRequest",
            Self::Publish(PublishError::NoAccount(_)) => "NoAccount",
            Self::Publish(PublishError::NotEnabled(_)) => "NotEnabled",
            Self::Publish(PublishError::Settings(_)) => "InvalidSettings",
            Self::Publish(_) => "PublishFailed",
        }
    }
}

impl From<InvocationError> for Diagnostic {
    fn from(error: InvocationError) -> Self {
        Self { error_type: error.error_type().to_owned(), error_message: error.to_string() }
    }
}

/// The Lambda function.
pub struct Function<M, P, F, V, I> {
    /// Publishes feeds.
    pub publisher: Arc<Publisher<M, P, F, V, I>>,
    /// Records what a run did.
    pub metrics: Arc<dyn Metrics>,
}

impl<M, P, F, V, I> Function<M, P, F, V, I>
where
    M: MediaSource,
    P: PictureSource,
    F: FeedFiles,
    V: AccountStore,
    I: Invalidations,
{
    /// Returns the publisher's response, or `null` after an event about an account that has no feed.
    pub async fn handle(&self, event: LambdaEvent<Value>) -> Result<Value, InvocationError> {
        let result = self.respond(event).await;
        if let Err(error) = &result {
            // Lambda logs only the type of the error.
            tracing::error!(failure.kind = error.error_type(), "the invocation failed: {error}");
        }
        result
    }

    async fn respond(&self, event: LambdaEvent<Value>) -> Result<Value, InvocationError> {
        let deadline = lambda_deadline(event.context.deadline);
        if let Some(AccountEvent { account }) = AccountEvent::of(&event.payload) {
            return match self.run(Request::Publish { account }, deadline).await {
                Err(InvocationError::Publish(PublishError::NotEnabled(_))) => Ok(Value::Null),
                result => result,
            };
        }
        self.run(Request::parse(&event.payload)?, deadline).await
    }

    async fn run(&self, request: Request, deadline: Option<OffsetDateTime>) -> Result<Value, InvocationError> {
        let scope = if request == Request::PublishDue { Scope::AllFeeds } else { Scope::OneFeed };
        let mut response = self.publisher.run(request, deadline).await?;
        if let Some(report) = report(&mut response) {
            self.metrics.record(&measurements::of_run(scope, report));
            log(report);
            report.failures.truncate(MAX_FAILURES);
        }
        Ok(serde_json::to_value(response).unwrap_or_default())
    }
}

/// The failures in a response, of up to about a kilobyte each. Lambda rejects a response above 6 MB (AWS, "Lambda quotas").
/// Each failure also has a line in the log.
const MAX_FAILURES: usize = 1000;

fn report(response: &mut Response) -> Option<&mut Report> {
    match response {
        Response::Published { report } | Response::Enabled { report, .. } => Some(report),
        Response::Disabled { .. } | Response::Feeds { .. } | Response::Feed { .. } => None,
    }
}

fn log(report: &Report) {
    tracing::info!(
        run.feeds = report.feeds,
        run.published = report.published,
        run.unchanged = report.unchanged,
        run.not_due = report.not_due,
        run.removed = report.removed,
        run.failed = report.failed,
        run.left_for_next_run = report.left_for_next_run,
        run.stale = report.stale,
        run.left_out = report.left_out,
        run.pictures_converted = report.pictures_converted,
        run.oldest_age_seconds = report.oldest_age_seconds,
        run.duration_ms = report.duration_ms,
        "feeds published"
    );
}

#[cfg(test)]
mod tests {
    use evertoken_core::clock::SystemClock;
    use evertoken_core::document::Document;
    use evertoken_core::entropy::SystemEntropy;
    use evertoken_core::metrics::{MemoryMetrics, Metric};
    use evertoken_core::secrets::AccessToken;
    use evertoken_core::vault::MemoryVault;
    use evertoken_feed::converter::Converter;
    use evertoken_feed::memory_files::MemoryFiles;
    use evertoken_feed::memory_instagram::MemoryInstagram;
    use evertoken_feed::publisher::PublishLimits;
    use evertoken_feed::sample;
    use lambda_runtime::Context;
    use serde_json::json;

    use super::*;

    type TestFunction = Function<MemoryInstagram, MemoryInstagram, MemoryFiles, MemoryVault, MemoryFiles>;

    /// The function, whose metrics are recorded. The account `shop` has a feed with one post.
    async fn function() -> (TestFunction, MemoryMetrics) {
        let (instagram, files, vault) = (MemoryInstagram::default(), MemoryFiles::default(), MemoryVault::default());
        let account = evertoken_core::sample::document("shop", sample::EPOCH);
        vault.create(&Document { access_token: AccessToken::new("shop"), ..account }).await.unwrap();
        instagram.set_posts("shop", vec![sample::post(1)]);
        let publisher = Publisher {
            media: instagram.clone(),
            pictures: instagram,
            files: files.clone(),
            vault,
            invalidations: files,
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            converter: Converter::default(),
            base_url: "https://feeds.example.com".parse().unwrap(),
            widget: b"widget".into(),
            limits: PublishLimits::default(),
        };
        let metrics = MemoryMetrics::default();
        let function = Function { publisher: Arc::new(publisher), metrics: Arc::new(metrics.clone()) };
        invoke(&function, json!({"action": "enable", "account": "shop"}), 0).await;
        metrics.take();
        (function, metrics)
    }

    /// Invokes the function with a deadline in milliseconds since 1970, and returns its response.
    async fn invoke(function: &TestFunction, input: Value, deadline: u64) -> Value {
        let mut context = Context::default();
        context.deadline = deadline;
        function.handle(LambdaEvent::new(input, context)).await.unwrap()
    }

    #[tokio::test]
    async fn only_a_run_over_all_feeds_counts_them() {
        let (function, metrics) = function().await;
        let event = json!({"source": "evertoken", "detail": {"name": "shop"}});
        for (input, counts) in [
            (json!({}), true),
            (json!({"action": "publish_due"}), true),
            (json!({"action": "publish", "account": "shop"}), false),
            (event, false),
        ] {
            let response = invoke(&function, input.clone(), 0).await;
            assert_eq!(response["report"]["feeds"], 1, "{input}: {response}");
            let recorded: Vec<_> = metrics.take().iter().map(|one| one.metric).collect();
            assert!(recorded.contains(&Metric::FeedsFailed), "{input}: {recorded:?}");
            assert_eq!(recorded.contains(&Metric::Feeds), counts, "{input}: {recorded:?}");
        }
    }

    #[tokio::test]
    async fn the_deadline_of_the_invocation_ends_a_run() {
        let (function, _) = function().await;
        for (deadline, left) in [(0, 0), (1_795_334_400_000, 1)] {
            let response = invoke(&function, json!({}), deadline).await;
            assert_eq!(response["report"]["left_for_next_run"], left, "{response}");
        }
    }
}
