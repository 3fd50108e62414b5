//! An AWS account in MiniStack, in which tests deploy the templates and use the service as its owner and its visitors do.

use aws_config::SdkConfig;
use aws_sdk_cloudformation::types::{Capability, Parameter, Stack, StackStatus};
use aws_sdk_cloudwatchlogs::operation::filter_log_events::FilterLogEventsOutput;
use aws_sdk_lambda::operation::get_function_configuration::GetFunctionConfigurationOutput;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use aws_sdk_secretsmanager::operation::describe_secret::DescribeSecretOutput;
use evertoken_packed_aws::PacksInAws;
use evertoken_sandbox::Settings;
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};
use tokio::process::Command;
use url::Url;

use crate::browser::{Browser, Consent};
use crate::http::Response;
use crate::https_gateway::HttpsGateway;
use crate::ministack::{ACCOUNT_ID, MiniStack};
use crate::sam::Package;
use crate::sandbox_server::SandboxServer;
use crate::secret_scanner::SecretScanner;
use crate::test_cli::{self, CommandRun};
use crate::{packed_accounts, tls_marker, venv, wait, workspace};

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
    /// The sandbox's app.
    pub settings: Settings,
    config: SdkConfig,
}

impl AwsAccount {
    /// Creates an empty account.
    pub async fn new() -> Self {
        Self::with_sandbox(Settings::default()).await
    }

    /// Creates an empty account with this sandbox.
    pub async fn with_sandbox(settings: Settings) -> Self {
        let (aws, instagram) = tokio::join!(MiniStack::start(), SandboxServer::without_redirect_uri(settings.clone()));
        let (gateway, config) = (HttpsGateway::start(&aws).await, aws.config());
        let scanner = SecretScanner::default();
        scanner.register_secret("the app secret", &settings.app_secret);
        scanner.register_secret("the Meta app's secret", &settings.meta_app_secret);
        Self { aws, instagram, gateway, scanner, settings, config }
    }

    /// Returns the environment variables that point to the sandbox.
    pub fn instagram_variables(&self) -> Vec<(String, String)> {
        let names = [
            "EVERTOKEN_AUTHORIZE_URL",
            "EVERTOKEN_TOKEN_URL",
            "EVERTOKEN_GRAPH_URL",
            "EVERTOKEN_FACEBOOK_DIALOG_URL",
            "EVERTOKEN_FACEBOOK_GRAPH_URL",
        ];
        names.map(|name| (name.to_owned(), self.instagram.origin().to_owned())).to_vec()
    }

    /// Prepares the project's templates for deployment into this account.
    pub async fn package(&self) -> Package {
        Package::new(workspace::root(), &self.instagram_variables()).await
    }

    /// Prepares the templates of the previous release for deployment into this account.
    async fn previous_package(&self) -> Package {
        let previous = workspace::root().join("tests/deployed/previous_release");
        Package::new(&previous, &self.instagram_variables()).await
    }

    /// Adds the parameters that every deployment of a test sets: this machine's architecture, and the most verbose logs.
    pub fn with_common_parameters<'a>(&'a self, parameters: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
        let common =
            [("Architecture", if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" }), ("LogLevel", "DEBUG")];
        [&common[..], parameters].concat()
    }

    /// Deploys a stack, stores the sandbox's app in its empty secret, and registers its redirect URI with Instagram.
    pub async fn deploy(&self, package: &Package, stack: &str, parameters: &[(&str, &str)]) {
        self.deploy_only(package, stack, parameters).await;
        let secret = format!("{}/app", self.output(stack, "VaultPrefix").await);
        if self.document(&secret).await["app_id"] == "" {
            let Settings { app_id, app_secret, meta_app_id, meta_app_secret, .. } = &self.settings;
            let mut app = json!({"app_id": app_id, "app_secret": app_secret, "previous_app_secrets": []});
            if parameters.iter().any(|(name, value)| *name == "Provider" && *value != "instagram") {
                app["meta_app_id"] = json!(meta_app_id);
                app["meta_app_secret"] = json!(meta_app_secret);
            }
            self.put_secret(&secret, &app.to_string()).await;
        }
    }

    /// Deploys the stack of the previous release, which took the app as parameters.
    pub async fn deploy_previous(&self, stack: &str) {
        let Settings { app_id, app_secret, .. } = &self.settings;
        let app = [("InstagramAppId", app_id.as_str()), ("InstagramAppSecret", app_secret)];
        self.deploy_only(&self.previous_package().await, stack, &app).await;
    }

    async fn deploy_only(&self, package: &Package, stack: &str, parameters: &[(&str, &str)]) {
        let deployed = package.deploy(&self.aws, stack, &self.with_common_parameters(parameters)).await;
        deployed.unwrap_or_else(|output| panic!("{output}\n{}", self.aws.log()));
        self.register_redirect_uri(stack).await;
    }

    /// Registers a stack's redirect URI with Instagram.
    pub async fn register_redirect_uri(&self, stack: &str) {
        self.instagram.register_redirect_uri(&self.output(stack, "RedirectUri").await);
    }

    /// Creates or updates the stack `owner`, with the resources that the owner has besides Evertoken: queues, a topic, an event
    /// bus and a KMS key. A policy in it forbids `restricted_role`, if it is not empty, to read the accounts and to write files.
    pub async fn provide_owner_resources(&self, restricted_role: &str) {
        let template = workspace::root().join("tests/deployed/owner_resources.json");
        let template = std::fs::read_to_string(template).unwrap();
        self.deploy_template("owner", &template, &[("RestrictedRole", restricted_role)]).await;
    }

    /// Creates an IAM role with no other permissions than this policy, and returns the environment variables of a program that
    /// runs with it.
    pub async fn assume_new_role(&self, name: &str, policy: &Value) -> Vec<(String, String)> {
        let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT_ID}:root")}}]});
        let policies = json!([{"PolicyName": "only", "PolicyDocument": policy}]);
        let properties = json!({"RoleName": name, "AssumeRolePolicyDocument": trust, "Policies": policies});
        let template = json!({"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": properties}}});
        self.deploy_template(name, &template.to_string(), &[]).await;
        let role = format!("arn:aws:iam::{ACCOUNT_ID}:role/{name}");
        let assume = aws_sdk_sts::Client::new(&self.config).assume_role().role_arn(role).role_session_name("test");
        let credentials = assume.send().await.unwrap().credentials.unwrap();
        let assumed = [
            ("AWS_ACCESS_KEY_ID", credentials.access_key_id),
            ("AWS_SECRET_ACCESS_KEY", credentials.secret_access_key),
            ("AWS_SESSION_TOKEN", credentials.session_token),
            ("AWS_ENDPOINT_URL", tls_marker::start(self.aws.endpoint()).await),
        ];
        let mut variables = self.aws.variables();
        variables.retain(|(name, _)| assumed.iter().all(|(assumed, _)| assumed != name));
        variables.extend(assumed.map(|(name, value)| (name.to_owned(), value)));
        variables
    }

    /// Creates or updates a stack from a template that needs no package.
    pub async fn deploy_template(&self, stack: &str, template: &str, parameters: &[(&str, &str)]) {
        let parameter =
            |&(key, value): &(&str, &str)| Parameter::builder().parameter_key(key).parameter_value(value).build();
        let parameters: Vec<_> = parameters.iter().map(parameter).collect();
        let client = aws_sdk_cloudformation::Client::new(&self.config);
        if self.stack(stack).await.is_some() {
            let update = client.update_stack().stack_name(stack).template_body(template);
            let update = update.set_parameters(Some(parameters)).capabilities(Capability::CapabilityNamedIam);
            update.send().await.unwrap();
        } else {
            let create = client.create_stack().stack_name(stack).template_body(template);
            let create = create.set_parameters(Some(parameters)).capabilities(Capability::CapabilityNamedIam);
            create.send().await.unwrap();
        }
        let status = wait::until_async("the stack", async || {
            let status = self.stack(stack).await.unwrap().stack_status.unwrap().as_str().to_owned();
            (!status.ends_with("_IN_PROGRESS")).then_some(status)
        });
        let status = status.await;
        assert!(["CREATE_COMPLETE", "UPDATE_COMPLETE"].contains(&status.as_str()), "{status}\n{}", self.aws.log());
    }

    /// Deletes a stack. `sam delete` cannot: it rejects the URLs that nested templates have in MiniStack's S3.
    pub async fn delete(&self, stack: &str) {
        let client = aws_sdk_cloudformation::Client::new(&self.config);
        client.delete_stack().stack_name(stack).send().await.unwrap();
        wait::until_async("the deletion of the stack", async || {
            let Some(stack) = self.stack(stack).await else { return Some(()) };
            let status = stack.stack_status.unwrap();
            assert_ne!(status, StackStatus::DeleteFailed, "{:?}", stack.stack_status_reason);
            (status == StackStatus::DeleteComplete).then_some(())
        })
        .await;
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

    /// Returns what `Ref` of a resource is in AWS: the ARN of a secret, otherwise the physical ID.
    pub async fn reference(&self, stack: &str, logical_id: &str) -> String {
        let id = self.resource(stack, logical_id).await;
        self.describe_secret(&id).await.and_then(|secret| secret.arn).unwrap_or(id)
    }

    /// Returns the configuration of one of a stack's functions.
    pub async fn function(&self, stack: &str, logical_id: &str) -> GetFunctionConfigurationOutput {
        let client = aws_sdk_lambda::Client::new(&self.config);
        let function = self.resource(stack, logical_id).await;
        client.get_function_configuration().function_name(function).send().await.unwrap()
    }

    /// Returns whether the policies of a role of a stack allow this action on a secret.
    pub async fn allows(&self, stack: &str, role: &str, action: &str, secret: &str) -> bool {
        let role = format!("arn:aws:iam::{ACCOUNT_ID}:role/{}", self.resource(stack, role).await);
        let secret = self.describe_secret(secret).await.unwrap().arn.unwrap();
        let question = json!({"PolicySourceArn": role, "ActionNames": [action], "ResourceArns": [secret]});
        let answer = self.call("iam", "simulate_principal_policy", &question).await;
        answer["EvaluationResults"][0]["EvalDecision"] == "allowed"
    }

    /// Returns the settings of the routes of a stack's HTTP API, with the names that they have in the template.
    pub async fn route_settings(&self, stack: &str) -> Value {
        let stage = json!({"ApiId": self.resource(stack, "Api").await, "StageName": "$default"});
        let answer = self.call("apigatewayv2", "get_stage", &stage).await;
        // MiniStack does not convert these names, so boto3 does not find the settings.
        let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
        body["routeSettings"].clone()
    }

    /// Calls an AWS operation with boto3, for services whose SDK the tests do not have. `body` in the answer is the text of the
    /// response.
    async fn call(&self, service: &str, operation: &str, arguments: &Value) -> Value {
        let script = r#"
import boto3, json, sys
client = boto3.client(sys.argv[1])
bodies = []
client.meta.events.register("after-call", lambda http_response, **_: bodies.append(http_response.text))
answer = getattr(client, sys.argv[2])(**json.loads(sys.argv[3]))
print(json.dumps({**answer, "body": bodies[-1]}, default=str))
"#;
        let mut python = Command::new(venv::python());
        python.args(["-c", script, service, operation, &arguments.to_string()]).envs(self.aws.variables());
        let output = python.output().await.unwrap();
        assert!(output.status.success(), "{operation}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Returns a browser that reaches the login pages and the sandbox.
    pub fn browser(&self) -> Browser<'static> {
        Browser::with_client(self.gateway.client(), &self.scanner)
    }

    /// Returns the URL of an HTTP API for signed requests. A signature contains the host, so that they cannot pass the gateway,
    /// which changes it.
    pub fn url_for_signed_requests(&self, api: &str) -> String {
        format!("{}/_aws/execute-api/{api}/$default", self.aws.endpoint())
    }

    /// Opens a link, logs in to Instagram, and returns the page at the end.
    pub async fn log_in(&self, link: &Url, account: &str) -> Response {
        self.browser().log_in(link, Consent::allow(account)).await
    }

    /// Runs `evertoken` on the owner's machine, and scans its output for secrets.
    pub async fn evertoken(&self, arguments: &[&str]) -> CommandRun {
        self.evertoken_with_input(arguments, "").await
    }

    /// Like [`Self::evertoken`], with this standard input.
    pub async fn evertoken_with_input(&self, arguments: &[&str], input: &str) -> CommandRun {
        let run = self.run_evertoken(arguments, input).await;
        let command = arguments.join(" ");
        self.scanner.record_output(&format!("the output of `{command}`"), &format!("{}{}", run.stdout, run.stderr));
        run
    }

    /// Runs a command that is meant to print a secret.
    pub async fn evertoken_without_scan(&self, arguments: &[&str]) -> CommandRun {
        self.run_evertoken(arguments, "").await
    }

    async fn run_evertoken(&self, arguments: &[&str], input: &str) -> CommandRun {
        let parts = [self.aws.variables(), self.gateway.variables(), self.instagram_variables()];
        test_cli::run(arguments, &parts.concat(), input).await
    }

    /// Returns the findings of `evertoken doctor` that are not ok, as `subject: text`.
    pub async fn complaints(&self, stack: &str) -> Vec<String> {
        let run = self.evertoken(&["--json", "doctor", "--stack", stack]).await;
        let findings = run.json();
        let findings = findings.as_array().unwrap().iter().filter(|finding| finding["state"] != "ok");
        let text = |finding: &Value, key| finding[key].as_str().unwrap().to_owned();
        findings.map(|finding| format!("{}: {}", text(finding, "subject"), text(finding, "text"))).collect()
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

    /// Overwrites a secret's value.
    pub async fn put_secret(&self, id: &str, value: &str) {
        self.secrets().put_secret_value().secret_id(id).secret_string(value).send().await.unwrap();
    }

    /// Deletes the stack's own secrets, as docs/deploy.md describes it for a new deployment with the same prefix.
    pub async fn delete_own_secrets(&self, prefix: &str) {
        for name in ["app", "signing"] {
            let delete = self.secrets().delete_secret().secret_id(format!("{prefix}/{name}"));
            delete.force_delete_without_recovery(true).send().await.unwrap();
        }
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
        self.put_secret(id, &document.to_string()).await;
    }

    /// Returns the vault of a stack in the packed layout.
    pub async fn packed_vault(&self, stack: &str) -> PacksInAws {
        let table = self.resource(stack, "Packed.Index").await;
        packed_accounts::open(&self.config, "evertoken", &table, OffsetDateTime::now_utc())
    }

    /// Changes when the schedule of a stack starts a refresh, for example to `rate(6 hours)`, and nothing else.
    pub async fn reschedule(&self, stack: &str, expression: &str) {
        let name = self.resource(stack, "RefreshFunctionTick").await;
        let client = aws_sdk_scheduler::Client::new(&self.config);
        let schedule = client.get_schedule().name(&name).send().await.unwrap();
        // UpdateSchedule resets everything that the call does not name.
        let update = client.update_schedule().name(&name).schedule_expression(expression);
        let update = update.set_state(schedule.state).set_target(schedule.target);
        update.set_flexible_time_window(schedule.flexible_time_window).send().await.unwrap();
    }

    /// Starts a refresh run asynchronously, as the schedule does.
    pub async fn start_run(&self, stack: &str) {
        let client = aws_sdk_lambda::Client::new(&self.config);
        let function = self.resource(stack, "RefreshFunction").await;
        let invoke = client.invoke().function_name(function).invocation_type(InvocationType::Event);
        invoke.payload(Blob::new(r#"{"version":1}"#)).send().await.unwrap();
    }

    /// Returns the keys of the files in a bucket, or `None` if there is no such bucket.
    pub async fn files(&self, bucket: &str) -> Option<Vec<String>> {
        let pages = aws_sdk_s3::Client::new(&self.config).list_objects_v2().bucket(bucket).into_paginator().send();
        let pages = pages.collect::<Result<Vec<_>, _>>().await.ok()?;
        let files = pages.into_iter().flat_map(|page| page.contents.unwrap_or_default());
        Some(files.filter_map(|file| file.key).collect())
    }

    /// Returns the paths of all invalidations of a CloudFront distribution, sorted.
    pub async fn invalidated(&self, distribution: &str) -> Vec<String> {
        let client = aws_sdk_cloudfront::Client::new(&self.config);
        let listed = client.list_invalidations().distribution_id(distribution).send().await.unwrap();
        let mut paths = Vec::new();
        for summary in listed.invalidation_list.unwrap().items() {
            let get = client.get_invalidation().distribution_id(distribution).id(summary.id());
            let batch = get.send().await.unwrap().invalidation.unwrap().invalidation_batch.unwrap();
            paths.extend(batch.paths.unwrap().items.unwrap_or_default());
        }
        paths.sort();
        paths
    }

    /// Lets a topic deliver to a queue.
    pub async fn subscribe_queue(&self, topic: &str, queue_arn: &str) {
        let client = aws_sdk_sns::Client::new(&self.config);
        client.subscribe().topic_arn(topic).protocol("sqs").endpoint(queue_arn).send().await.unwrap();
    }

    /// Returns the addresses to which a topic delivers.
    pub async fn subscribers(&self, topic: &str) -> Vec<String> {
        let client = aws_sdk_sns::Client::new(&self.config);
        let listed = client.list_subscriptions_by_topic().topic_arn(topic).send().await.unwrap();
        listed.subscriptions().iter().filter_map(|each| each.endpoint().map(str::to_owned)).collect()
    }

    /// Returns how many messages a queue holds.
    pub async fn queue_length(&self, queue_url: &str) -> usize {
        let attribute = aws_sdk_sqs::types::QueueAttributeName::ApproximateNumberOfMessages;
        let client = aws_sdk_sqs::Client::new(&self.config);
        let get = client.get_queue_attributes().queue_url(queue_url).attribute_names(attribute.clone());
        get.send().await.unwrap().attributes.unwrap()[&attribute].parse().unwrap()
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
        format!("{}{}", self.log(stack, "CallbackLogs").await, self.log(stack, "RefreshLogs").await)
    }

    /// Returns what is in a log group of a stack.
    pub async fn log(&self, stack: &str, logical_id: &str) -> String {
        let client = aws_sdk_cloudwatchlogs::Client::new(&self.config);
        let group = self.resource(stack, logical_id).await;
        let pages = client.filter_log_events().log_group_name(&group).into_paginator().send();
        let pages = pages.collect::<Result<Vec<_>, _>>().await.unwrap();
        let events = pages.iter().flat_map(FilterLogEventsOutput::events);
        let mut log = String::new();
        for event in events {
            log.push_str(event.message().unwrap());
            log.push('\n');
        }
        self.scanner.record_log("the log of a function", &log);
        log
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
