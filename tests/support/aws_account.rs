//! An AWS account in MiniStack, in which tests deploy the templates and use the service as its owner and its visitors do.

use aws_config::SdkConfig;
use aws_sdk_cloudformation::types::{Capability, Parameter, Stack};
use aws_sdk_scheduler::types::ScheduleState;
use aws_sdk_secretsmanager::operation::describe_secret::DescribeSecretOutput;
use evertoken_sandbox::Settings;
use serde_json::Value;
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};
use url::Url;

use crate::browser::{Browser, Consent};
use crate::http::Response;
use crate::https_gateway::HttpsGateway;
use crate::ministack::MiniStack;
use crate::sam::Package;
use crate::sandbox_server::SandboxServer;
use crate::secret_scanner::SecretScanner;
use crate::test_cli::{self, CommandRun};
use crate::{wait, workspace};

/// A separate AWS account with a sandbox that stands in for Instagram.
#[derive(Debug)]
pub struct AwsAccount {
    /// The emulator.
    pub aws: MiniStack,
    /// The sandbox that stands in for Instagram.
    pub instagram: SandboxServer,
    /// The proxy in front of the HTTP APIs.
    pub gateway: HttpsGateway,
    /// The secrets and outputs of the account.
    pub scanner: SecretScanner,
    settings: Settings,
    config: SdkConfig,
}

impl AwsAccount {
    /// Creates an empty account.
    pub async fn new() -> Self {
        let settings = Settings::default();
        let (aws, instagram) = tokio::join!(MiniStack::start(), SandboxServer::without_redirect_uri(settings.clone()));
        let (gateway, config) = (HttpsGateway::start(&aws).await, aws.config());
        let scanner = SecretScanner::default();
        scanner.register_secret("the app secret", &settings.app_secret);
        Self { aws, instagram, gateway, scanner, settings, config }
    }

    /// Returns the environment variables that point to the sandbox.
    fn instagram_variables(&self) -> Vec<(String, String)> {
        let names = ["EVERTOKEN_AUTHORIZE_URL", "EVERTOKEN_TOKEN_URL", "EVERTOKEN_GRAPH_URL"];
        names.map(|name| (name.to_owned(), self.instagram.origin().to_owned())).to_vec()
    }

    /// Prepares the project's templates for deployment into this account.
    pub async fn package(&self) -> Package {
        Package::new(workspace::root(), &self.instagram_variables()).await
    }

    /// Prepares the templates of the previous release for deployment into this account.
    pub async fn previous_package(&self) -> Package {
        let previous = workspace::root().join("tests/deployed/previous_release");
        Package::new(&previous, &self.instagram_variables()).await
    }

    /// Deploys a stack with the sandbox's app, and registers its redirect URI with Instagram.
    pub async fn deploy(&self, package: &Package, stack: &str, parameters: &[(&str, &str)]) {
        let app = [
            ("InstagramAppId", self.settings.app_id.as_str()),
            ("InstagramAppSecret", self.settings.app_secret.as_str()),
            ("Architecture", if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" }),
            ("LogLevel", "DEBUG"),
        ];
        let deployed = package.deploy(&self.aws, stack, &[&app[..], parameters].concat()).await;
        deployed.unwrap_or_else(|output| panic!("{output}\n{}", self.aws.log()));
        self.instagram.register_redirect_uri(&self.output(stack, "RedirectUri").await);
    }

    /// Creates or updates a stack of resources that the owner has besides Evertoken's.
    pub async fn provide(&self, stack: &str, template: &Value, parameters: &[(&str, &str)]) {
        let client = aws_sdk_cloudformation::Client::new(&self.config);
        let parameters = parameters
            .iter()
            .map(|(name, value)| Parameter::builder().parameter_key(*name).parameter_value(*value).build());
        let (parameters, body) = (parameters.collect::<Vec<_>>(), template.to_string());
        if self.stack(stack).await.is_some() {
            let update = client.update_stack().stack_name(stack).template_body(body).set_parameters(Some(parameters));
            update.capabilities(Capability::CapabilityNamedIam).send().await.unwrap();
        } else {
            let create = client.create_stack().stack_name(stack).template_body(body).set_parameters(Some(parameters));
            create.capabilities(Capability::CapabilityNamedIam).send().await.unwrap();
        }
        let status = wait::until_async("the owner's stack", async || {
            let status = self.stack(stack).await.unwrap().stack_status.unwrap().as_str().to_owned();
            (!status.ends_with("_IN_PROGRESS")).then_some(status)
        });
        let status = status.await;
        assert!(["CREATE_COMPLETE", "UPDATE_COMPLETE"].contains(&status.as_str()), "{status}\n{}", self.aws.log());
    }

    /// Returns a stack, or `None` if it does not exist.
    pub async fn stack(&self, name: &str) -> Option<Stack> {
        let client = aws_sdk_cloudformation::Client::new(&self.config);
        let described = client.describe_stacks().stack_name(name).send().await.ok()?;
        described.stacks.unwrap_or_default().into_iter().next()
    }

    /// Returns an output of a stack.
    pub async fn output(&self, stack: &str, key: &str) -> String {
        let stack = self.stack(stack).await.unwrap_or_else(|| panic!("there is no stack {stack}"));
        let output = stack.outputs().iter().find(|output| output.output_key() == Some(key));
        output.unwrap_or_else(|| panic!("no output {key}")).output_value().unwrap().to_owned()
    }

    /// Returns the physical ID of a resource of a stack, for example `RefreshFunction`, or of a nested stack, for example
    /// `Alarms.Topic`.
    pub async fn resource(&self, stack: &str, logical_id: &str) -> String {
        let client = aws_sdk_cloudformation::Client::new(&self.config);
        let mut id = stack.to_owned();
        for logical_id in logical_id.split('.') {
            let listed = client.list_stack_resources().stack_name(&id).send().await.unwrap();
            let listed = listed.stack_resource_summaries.unwrap();
            let resource = listed.into_iter().find(|one| one.logical_resource_id() == Some(logical_id));
            id = resource.and_then(|one| one.physical_resource_id).unwrap_or_else(|| panic!("no {logical_id} in {id}"));
        }
        id
    }

    /// Returns a browser that reaches the login pages and the sandbox.
    pub fn browser(&self) -> Browser<'static> {
        Browser::with_client(self.gateway.client(), &self.scanner)
    }

    /// Opens a link, logs in to Instagram, and returns the page at the end.
    pub async fn log_in(&self, link: &Url, account: &str) -> Response {
        self.browser().log_in(link, Consent::allow(account)).await
    }

    /// Runs `evertoken` on the owner's machine, and scans its output for secrets.
    pub async fn evertoken(&self, arguments: &[&str]) -> CommandRun {
        let run = self.evertoken_without_scan(arguments).await;
        let command = arguments.join(" ");
        self.scanner.record_output(&format!("the output of `{command}`"), &format!("{}{}", run.stdout, run.stderr));
        run
    }

    /// Runs a command that is meant to print a secret.
    pub async fn evertoken_without_scan(&self, arguments: &[&str]) -> CommandRun {
        let parts = [self.aws.variables(), self.gateway.variables(), self.instagram_variables()];
        test_cli::run(arguments, &parts.concat(), "").await
    }

    /// Returns a new invite link for an account.
    pub async fn invite(&self, stack: &str, name: &str) -> Url {
        let run = self.evertoken(&["invite", "--stack", stack, "--name", name]).await.expect_code(0);
        run.stdout.trim().parse().unwrap()
    }

    /// Returns a secret's value.
    pub async fn secret(&self, id: &str) -> String {
        let secret = self.secrets().get_secret_value().secret_id(id).send().await.unwrap();
        secret.secret_string.unwrap()
    }

    /// Returns a description of a secret, or `None` if it does not exist.
    pub async fn describe_secret(&self, id: &str) -> Option<DescribeSecretOutput> {
        self.secrets().describe_secret().secret_id(id).send().await.ok()
    }

    /// Deletes a secret without a recovery window.
    pub async fn force_delete_secret(&self, id: &str) {
        self.secrets().delete_secret().secret_id(id).force_delete_without_recovery(true).send().await.unwrap();
    }

    /// Returns the document in an account's secret.
    pub async fn document(&self, id: &str) -> Value {
        serde_json::from_str(&self.secret(id).await).unwrap()
    }

    /// Moves Instagram's clock forward, and all times of the document back by the same duration.
    pub async fn pass_time(&self, id: &str, duration: Duration) {
        self.instagram.advance(duration);
        let mut document = self.document(id).await;
        for (key, value) in document.as_object_mut().unwrap() {
            if let Some(time) = value.as_str().filter(|_| key.ends_with("_at")) {
                let time = OffsetDateTime::parse(time, &Rfc3339).unwrap() - duration;
                *value = time.format(&Rfc3339).unwrap().into();
            }
        }
        self.secrets().put_secret_value().secret_id(id).secret_string(document.to_string()).send().await.unwrap();
    }

    /// Changes the schedule of a stack's refresh, so that it fires now instead of within six hours.
    pub async fn fire_schedule(&self, stack: &str) {
        let name = self.resource(stack, "RefreshFunctionTick").await;
        let client = aws_sdk_scheduler::Client::new(&self.config);
        let schedule = client.get_schedule().name(&name).send().await.unwrap();
        let now = OffsetDateTime::now_utc().replace_nanosecond(0).unwrap().format(&Rfc3339).unwrap();
        let update = client.update_schedule().name(&name).state(ScheduleState::Enabled).set_target(schedule.target);
        let update = update.schedule_expression(format!("at({})", now.trim_end_matches('Z')));
        update.set_flexible_time_window(schedule.flexible_time_window).send().await.unwrap();
    }

    /// Lets a topic deliver to a queue.
    pub async fn subscribe_queue(&self, topic: &str, queue_arn: &str) {
        let client = aws_sdk_sns::Client::new(&self.config);
        client.subscribe().topic_arn(topic).protocol("sqs").endpoint(queue_arn).send().await.unwrap();
    }

    /// Waits for a message in a queue, removes it, and returns its body.
    pub async fn receive(&self, queue_url: &str) -> Value {
        let client = aws_sdk_sqs::Client::new(&self.config);
        let message = wait::until_async("a message", async || {
            let received = client.receive_message().queue_url(queue_url).send().await.unwrap();
            received.messages.unwrap_or_default().into_iter().next()
        })
        .await;
        let delete = client.delete_message().queue_url(queue_url).receipt_handle(message.receipt_handle().unwrap());
        delete.send().await.unwrap();
        serde_json::from_str(message.body().unwrap()).unwrap()
    }

    /// Returns everything in the logs of both functions, and asserts that it contains no secret.
    pub async fn logs(&self, stack: &str) -> String {
        let client = aws_sdk_cloudwatchlogs::Client::new(&self.config);
        let mut logs = String::new();
        for group in ["CallbackLogs", "RefreshLogs"] {
            let group = self.resource(stack, group).await;
            let pages = client.filter_log_events().log_group_name(&group).into_paginator().send();
            for page in pages.collect::<Result<Vec<_>, _>>().await.unwrap() {
                logs.extend(page.events().iter().map(|event| format!("{}\n", event.message().unwrap())));
            }
        }
        self.scanner.record_log("the logs of the functions", &logs);
        logs
    }

    fn secrets(&self) -> aws_sdk_secretsmanager::Client {
        aws_sdk_secretsmanager::Client::new(&self.config)
    }
}

impl Drop for AwsAccount {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert_eq!(self.scanner.findings(), [""; 0], "secrets leaked");
        }
    }
}
