//! A deployment as `template.yaml` describes it: secrets in moto, two Lambda functions, and the sandbox as Instagram.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::error::ProvideErrorMetadata;
use aws_sdk_secretsmanager::operation::describe_secret::DescribeSecretOutput;
use aws_sdk_secretsmanager::types::RotationRulesType;
use evertoken_aws::SecretsManagerVault;
use evertoken_aws::settings::VaultSettings;
use evertoken_core::invite::{self, Invite};
use evertoken_core::signing::SigningKeys;
use evertoken_packed_aws::PacksInAws;
use evertoken_sandbox::Settings;
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};
use url::Url;

use crate::aws_proxy::AwsProxy;
use crate::browser::Browser;
use crate::child_process::ChildProcess;
use crate::iam_policy_check::{IamPolicyCheck, RecordedCalls};
use crate::lambda_emulator::Lambda;
use crate::moto::{Moto, REGION};
#[cfg(target_os = "linux")]
use crate::preloaded_library;
use crate::runtime_api::RuntimeApi;
use crate::sandbox_server::SandboxServer;
use crate::secret_scanner::SecretScanner;
use crate::stack::Stack;
use crate::template::Template;
use crate::{binaries, index_table, packed_accounts, sample};

/// The public base URL. The name does not resolve, because the test browser turns its requests into Lambda events.
const PUBLIC_URL: &str = "https://login.example.test";

const SIGNING_KEY: &str = "signing-key-of-the-end-to-end-tests-0123456789";

/// A separate deployment. On drop it asserts that no output contains a secret and that IAM allowed every call.
#[derive(Debug)]
pub struct Deployment {
    /// The prefix of the names of its secrets.
    pub prefix: String,
    /// The sandbox that stands in for Instagram.
    pub instagram: SandboxServer,
    /// The secrets and outputs of the deployment.
    pub scanner: SecretScanner,
    /// The AWS calls of its functions.
    pub calls: RecordedCalls,
    /// The template parameters that differ from the defaults.
    parameters: Vec<(String, String)>,
    /// The ARN of the signing secret.
    signing_secret: String,
    /// Environment variables that override the template's.
    overrides: Vec<(String, String)>,
    /// How far the clocks of its functions are ahead.
    ahead: Duration,
    /// The table of the index, in the packed layout.
    index_table: Option<String>,
    /// The URL of the work queue, if workers share a run.
    work_queue: Option<String>,
    secrets: Client,
    schedules: aws_sdk_scheduler::Client,
}

/// The state of an account's secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretState {
    /// It can be read.
    Current,
    /// It is scheduled for deletion.
    Recoverable,
    /// It does not exist.
    Gone,
}

impl Deployment {
    /// Creates a deployment without accounts.
    pub async fn new() -> Self {
        Self::with_sandbox(Settings::default()).await
    }

    /// Creates a deployment without accounts, whose sandbox has these settings.
    pub async fn with_sandbox(settings: Settings) -> Self {
        static STACKS: AtomicUsize = AtomicUsize::new(0);
        let prefix = format!("stack-{}", STACKS.fetch_add(1, Ordering::SeqCst));
        let scanner = SecretScanner::default();
        scanner.register_secret("the app secret", &settings.app_secret);
        scanner.register_secret("the Meta app's secret", &settings.meta_app_secret);
        scanner.register_secret("the signing key", SIGNING_KEY);
        let parameters = [
            ("VaultPrefix", prefix.as_str()),
            ("PublicUrl", PUBLIC_URL),
            ("ReturnUrls", "https://shop.example.test/settings"),
        ];
        let stack = Stack::new(Template::main(), &parameters).unwrap();
        let secrets = Moto::shared().client();
        let create = async |resource: &str, value: &str| {
            let secret = stack.properties(resource);
            let create = secrets.create_secret().name(secret["Name"].as_str().unwrap()).secret_string(value);
            create.send().await.unwrap().arn.unwrap()
        };
        // As `evertoken setup` fills it.
        let app = json!({"app_id": settings.app_id, "app_secret": settings.app_secret, "previous_app_secrets": []});
        create("AppSecret", &app.to_string()).await;
        // The template generates a random one.
        let signing_secret = create("SigningSecret", SIGNING_KEY).await;
        let parameters = parameters.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let instagram = SandboxServer::start(settings, &format!("{PUBLIC_URL}/callback")).await;
        let (calls, overrides, ahead) = (RecordedCalls::default(), Vec::new(), Duration::ZERO);
        let schedules = Moto::shared().schedules();
        Self {
            prefix,
            instagram,
            scanner,
            calls,
            parameters,
            signing_secret,
            overrides,
            ahead,
            index_table: None,
            work_queue: None,
            secrets,
            schedules,
        }
    }

    /// Overrides template parameters for functions that start from now on.
    #[must_use]
    pub fn with_parameters(mut self, changed: &[(&str, &str)]) -> Self {
        self.parameters.extend(changed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self
    }

    /// Overrides environment variables of functions that start from now on.
    #[must_use]
    pub fn with_variables(mut self, changed: &[(&str, &str)]) -> Self {
        self.overrides.extend(changed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self
    }

    /// Keeps many accounts in one secret, with an index in a new table.
    #[must_use]
    pub async fn with_packs(mut self) -> Self {
        self.index_table = Some(index_table::create(&Moto::shared().config()).await);
        self.with_parameters(&[("Layout", "packed")])
    }

    /// Keeps many accounts in one secret, and shares each run among two workers through a new queue.
    #[must_use]
    pub async fn with_workers(self) -> Self {
        let mut this = self.with_packs().await;
        let queues = aws_sdk_sqs::Client::new(&Moto::shared().config());
        let created = queues.create_queue().queue_name(format!("{}-work", this.prefix)).send().await.unwrap();
        this.work_queue = created.queue_url;
        this.with_parameters(&[("Workers", "2")])
    }

    /// Receives all messages of the work queue, as the event with which Lambda invokes the function. They are not received
    /// again.
    pub async fn take_work(&self) -> Value {
        let queues = aws_sdk_sqs::Client::new(&Moto::shared().config());
        let url = self.work_queue.as_deref().unwrap();
        let mut records = Vec::new();
        loop {
            let received = queues.receive_message().queue_url(url).max_number_of_messages(10).send().await.unwrap();
            let messages = received.messages.unwrap_or_default();
            if messages.is_empty() {
                return json!({"Records": records});
            }
            self.scanner.record_output("the work queue", &format!("{messages:?}"));
            records.extend(messages.iter().map(|message| {
                json!({
                    "messageId": message.message_id().unwrap(),
                    "body": message.body().unwrap(),
                    "eventSource": "aws:sqs",
                    "receiptHandle": message.receipt_handle().unwrap(),
                })
            }));
        }
    }

    /// Returns the name of the index's table, in the packed layout.
    pub fn index_table(&self) -> &str {
        self.index_table.as_deref().expect("only the packed layout has an index")
    }

    /// Returns all items of the index as text, and scans them for secrets.
    pub async fn index_text(&self) -> String {
        let index = aws_sdk_dynamodb::Client::new(&Moto::shared().config());
        let scanned = index.scan().table_name(self.index_table()).send().await.unwrap();
        let text = format!("{:?}", scanned.items());
        self.scanner.record_output("the index", &text);
        text
    }

    /// Also stores the Meta app, which a login through Facebook needs, and offers the logins of this template parameter.
    pub async fn with_facebook(self, provider: &str) -> Self {
        let mut app = self.app_credentials().await;
        let settings = Settings::default();
        app["meta_app_id"] = json!(settings.meta_app_id);
        app["meta_app_secret"] = json!(settings.meta_app_secret);
        self.put_app_credentials(&app).await;
        self.with_parameters(&[("Provider", provider)])
    }

    /// Lets this time pass for the sandbox and for functions that start from now on.
    #[cfg(target_os = "linux")]
    pub fn pass_time(&mut self, by: Duration) {
        self.instagram.advance(by);
        self.ahead += by;
    }

    /// Returns the time of the functions.
    pub fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc() + self.ahead
    }

    /// Evaluates the template with this deployment's parameters.
    pub fn stack(&self) -> Stack {
        let parameters: Vec<_> = self.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let stack = Stack::new(Template::main(), &parameters).unwrap().with("SigningSecret", &self.signing_secret);
        let stack = stack.with_arns().with("DeadLetterQueue.Arn", &self.dead_letters());
        let outputs = [("Packed.Outputs.TableName", &self.index_table), ("Packed.Outputs.QueueUrl", &self.work_queue)];
        let known = outputs.iter().filter_map(|(name, value)| Some((name, value.as_deref()?)));
        known.fold(stack, |stack, (name, value)| stack.with(name, value))
    }

    /// Returns a function's environment variables: those of the template, and the URLs and credentials of the test servers.
    pub(crate) fn environment(&self, function: &Value, aws: &str) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let from_template = function["Environment"]["Variables"].as_object().unwrap();
        let from_template = from_template.iter().map(|(name, value)| (name.clone(), text(value)));
        let instagram = self.instagram.origin();
        let for_tests = [
            ("EVERTOKEN_AUTHORIZE_URL", instagram),
            ("EVERTOKEN_TOKEN_URL", instagram),
            ("EVERTOKEN_GRAPH_URL", instagram),
            ("EVERTOKEN_FACEBOOK_DIALOG_URL", instagram),
            ("EVERTOKEN_FACEBOOK_GRAPH_URL", instagram),
            ("AWS_ENDPOINT_URL", aws),
            ("AWS_REGION", REGION),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_SESSION_TOKEN", "test"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("AWS_LAMBDA_LOG_FORMAT", function["LoggingConfig"]["LogFormat"].as_str().unwrap()),
            // Every test logs everything that can be logged, so that the secret scanner sees it.
            ("AWS_LAMBDA_LOG_LEVEL", "TRACE"),
        ];
        let for_tests = for_tests.map(|(name, value)| (name.to_owned(), value.to_owned()));
        // Later entries take precedence.
        let variables = from_template.chain(for_tests).chain(self.overrides.iter().cloned());
        #[cfg(target_os = "linux")]
        let variables = variables.chain(preloaded_library::shifted_clock(self.ahead));
        variables.collect()
    }

    /// Returns the variables of both functions, for the operator's command. They bypass the IAM policy check, because an
    /// operator has more permissions than the functions.
    pub fn variables(&self) -> Vec<(String, String)> {
        let (stack, aws) = (self.stack(), Moto::shared().endpoint());
        let of = |resource| self.environment(&stack.properties(resource), aws);
        of("RefreshFunction").into_iter().chain(of("CallbackFunction")).collect()
    }

    /// Starts the function that serves the pages.
    pub async fn callback(&self) -> Lambda {
        self.lambda("callback", "CallbackFunction", "CallbackRole").await
    }

    /// Starts the function that the schedule invokes.
    pub async fn refresh(&self) -> Lambda {
        self.lambda("refresh", "RefreshFunction", "RefreshRole").await
    }

    /// Starts a function with the environment and the IAM policies that the template defines.
    async fn lambda(&self, name: &'static str, resource: &str, role: &'static str) -> Lambda {
        let (binary, environment) = self.program(resource, role).await;
        Lambda::start(name, binary, &environment, &self.scanner).await
    }

    /// Invokes a new refresh function once, at the time of the functions, and returns its response.
    pub async fn run_refresh(&self) -> Value {
        self.refresh_before(self.now() + Duration::minutes(1), &json!({"version": 1})).await
    }

    /// Invokes the refresh function once with this deadline, and returns its response. The emulator does not allow a deadline
    /// that is over or nearly over.
    pub async fn refresh_before(&self, deadline: OffsetDateTime, event: &Value) -> Value {
        let (binary, environment) = self.program("RefreshFunction", "RefreshRole").await;
        let mut runtime_api = RuntimeApi::start(event.clone(), deadline).await;
        let environment = [environment, runtime_api.variables()].concat();
        let mut function = ChildProcess::start(binary, &[], &environment);
        let response = runtime_api.response().await;
        function.kill();
        self.scanner.record_log("refresh", &format!("{}{}", function.stdout(), function.stderr()));
        response
    }

    /// Returns a function's binary and environment, with an AWS that allows what its role allows.
    async fn program(&self, resource: &str, role: &'static str) -> (&'static Path, Vec<(String, String)>) {
        let stack = self.stack();
        let function = stack.properties(resource);
        assert_eq!(function["Role"], format!("{role}.Arn"));
        let aws = AwsProxy::with_policy_check(IamPolicyCheck::new(&stack, role, &self.calls)).await;
        let binary = binaries::path(function["Code"]["S3Key"].as_str().unwrap());
        (binary, self.environment(&function, aws.endpoint()))
    }

    /// Creates a browser that reaches the pages through this function.
    pub fn browser<'a>(&self, callback: &'a Lambda) -> Browser<'a> {
        Browser::with_lambda(callback, &PUBLIC_URL.parse().unwrap(), &self.scanner)
    }

    /// Returns the URL of a page.
    pub fn page_url(&self, path: &str) -> Url {
        Url::parse(PUBLIC_URL).unwrap().join(path).unwrap()
    }

    /// Returns an invite link for an account to be stored as `name`.
    pub fn invite_link(&self, name: &str) -> Url {
        let expires_at = self.now() + Duration::days(7);
        self.invite_link_for(&Invite { name: Some(sample::name(name)), ..Invite::new(expires_at) })
    }

    /// Returns the link for this invite.
    pub fn invite_link_for(&self, invite: &Invite) -> Url {
        let signed = SigningKeys::parse(SIGNING_KEY).unwrap().sign(invite);
        self.scanner.register_log_secret("an invite", &signed);
        invite::link(&PUBLIC_URL.parse().unwrap(), &signed)
    }

    /// Returns the version ID and the text of an account's secret at a staging label, or `None` if there is no such version.
    pub async fn secret_version(&self, name: &str, label: &str) -> Option<(String, String)> {
        let read = self.secrets.get_secret_value().secret_id(self.secret(name)).version_stage(label).send().await;
        match read {
            Ok(read) => Some((read.version_id.unwrap(), read.secret_string.unwrap())),
            Err(error) if error.code() == Some("ResourceNotFoundException") => None,
            Err(error) => panic!("{error:?}"),
        }
    }

    /// Returns the version ID and the account document at `AWSCURRENT`.
    pub async fn current_document(&self, name: &str) -> (String, Value) {
        let (version, text) =
            self.secret_version(name, "AWSCURRENT").await.unwrap_or_else(|| panic!("no secret for {name}"));
        (version, serde_json::from_str(&text).unwrap())
    }

    /// Returns the vault of the deployment's functions.
    pub fn vault(&self) -> SecretsManagerVault {
        let variables = [("EVERTOKEN_VAULT_PREFIX".to_owned(), self.prefix.clone())].into_iter().collect();
        SecretsManagerVault::new(self.secrets.clone(), &VaultSettings::read(&variables).unwrap())
    }

    /// Returns the vault of the deployment's functions in the packed layout.
    pub fn packed_vault(&self) -> PacksInAws {
        packed_accounts::open(&Moto::shared().config(), &self.prefix, self.index_table(), self.now())
    }

    /// Returns the staging labels of an account's secret by version ID.
    pub async fn labels(&self, name: &str) -> BTreeMap<String, Vec<String>> {
        let secret = self.secrets.describe_secret().secret_id(self.secret(name)).send().await.unwrap();
        let versions = secret.version_ids_to_stages.unwrap_or_default();
        versions.into_iter().filter(|(_, labels)| !labels.is_empty()).collect()
    }

    /// Returns the tags of an account's secret, sorted by key.
    pub async fn tags(&self, name: &str) -> Vec<(String, String)> {
        let secret = self.secrets.describe_secret().secret_id(self.secret(name)).send().await.unwrap();
        let text = |text: Option<&str>| text.unwrap().to_owned();
        let mut tags: Vec<_> = secret.tags().iter().map(|tag| (text(tag.key()), text(tag.value()))).collect();
        tags.sort();
        tags
    }

    /// Returns the Lambda event of a scheduled removal request for this signed request, and deletes the schedule, as
    /// EventBridge Scheduler does; `None` if there is no such schedule.
    pub async fn take_scheduled_removal(&self, signed_request: &str) -> Option<Value> {
        let listed = self.schedules.list_schedules().into_paginator().items().send();
        for schedule in listed.collect::<Result<Vec<_>, _>>().await.unwrap() {
            let name = schedule.name.unwrap();
            // Another test may have taken it.
            let Ok(schedule) = self.schedules.get_schedule().name(&name).send().await else { continue };
            let input = schedule.target().and_then(|target| target.input()).unwrap_or_default();
            let queue = schedule.target().and_then(|target| target.dead_letter_config()?.arn());
            if queue == Some(&self.dead_letters()) && input.contains(signed_request) {
                self.schedules.delete_schedule().name(&name).send().await.unwrap();
                return Some(serde_json::from_str(input).unwrap());
            }
        }
        None
    }

    /// Returns the ARN of the dead-letter queue.
    fn dead_letters(&self) -> String {
        format!("arn:aws:sqs:{REGION}:123456789012:{}", self.prefix)
    }

    /// Returns the names of all stored accounts.
    pub async fn accounts(&self) -> Vec<String> {
        let pages = self.secrets.list_secrets().into_paginator().send().collect::<Result<Vec<_>, _>>().await.unwrap();
        let prefix = self.secret("");
        let secrets = pages.into_iter().flat_map(|page| page.secret_list.unwrap_or_default());
        secrets.filter_map(|secret| Some(secret.name?.strip_prefix(&prefix)?.to_owned())).collect()
    }

    /// Returns the names of the secrets that record logins, and whether each is scheduled for deletion.
    pub async fn login_records(&self) -> Vec<(String, bool)> {
        let list = self.secrets.list_secrets().include_planned_deletion(true).into_paginator().send();
        let pages = list.collect::<Result<Vec<_>, _>>().await.unwrap();
        let secrets = pages.into_iter().flat_map(|page| page.secret_list.unwrap_or_default());
        let prefix = format!("{}/logins/", self.prefix);
        let records = secrets.map(|secret| (secret.name.unwrap_or_default(), secret.deleted_date.is_some()));
        records.filter(|(name, _)| name.starts_with(&prefix)).collect()
    }

    /// Writes the text of an account's secret directly, bypassing the vault.
    pub async fn put_document(&self, name: &str, text: &str) {
        let id = self.secret(name);
        if self.secret_version(name, "AWSCURRENT").await.is_some() {
            self.secrets.put_secret_value().secret_id(id).secret_string(text).send().await.unwrap();
        } else {
            self.secrets.create_secret().name(id).secret_string(text).send().await.unwrap();
        }
    }

    /// Writes a binary value to a secret, as a person does in the console.
    pub async fn put_secret_binary(&self, name: &str, value: &[u8]) {
        let put = self.secrets.put_secret_value().secret_id(format!("{}/{name}", self.prefix));
        put.secret_binary(aws_sdk_secretsmanager::primitives::Blob::new(value)).send().await.unwrap();
    }

    /// Writes a version of an account's secret with a staging label of its own.
    pub async fn put_version(&self, name: &str, text: &str, label: &str) {
        let put = self.secrets.put_secret_value().secret_id(self.secret(name)).secret_string(text);
        put.version_stages(label).send().await.unwrap();
    }

    /// Overwrites the stored app credentials.
    pub async fn put_app_credentials(&self, app: &Value) {
        let put = self.secrets.put_secret_value().secret_id(format!("{}/app", self.prefix));
        put.secret_string(app.to_string()).send().await.unwrap();
    }

    /// Returns the stored app credentials.
    pub async fn app_credentials(&self) -> Value {
        let read = self.secrets.get_secret_value().secret_id(format!("{}/app", self.prefix)).send().await.unwrap();
        serde_json::from_str(read.secret_string().unwrap()).unwrap()
    }

    /// Describes a secret, by its name below the prefix.
    pub async fn describe_secret(&self, name: &str) -> DescribeSecretOutput {
        self.secrets.describe_secret().secret_id(format!("{}/{name}", self.prefix)).send().await.unwrap()
    }

    /// Deletes a secret permanently, by its name below the prefix.
    pub async fn delete_secret(&self, name: &str) {
        let delete = self.secrets.delete_secret().secret_id(format!("{}/{name}", self.prefix));
        delete.force_delete_without_recovery(true).send().await.unwrap();
    }

    /// Stores an account that was connected `age` ago, with a token that the sandbox has issued.
    pub async fn add_account(&self, name: &str, age: Duration) {
        let token = self.instagram.token("blue_bottle", age).await;
        let connected_at = OffsetDateTime::now_utc().replace_nanosecond(0).unwrap() - age;
        self.put_document(name, &sample::document_json(name, &token, connected_at).to_string()).await;
    }

    /// Enables rotation and starts one, as the AWS console does. The test must invoke the rotation steps itself, because moto
    /// finds no function to invoke and reports that after it has started the rotation.
    pub async fn start_rotation(&self, name: &str, version: &str) {
        let rules = RotationRulesType::builder().automatically_after_days(30).build();
        let rotate = self.secrets.rotate_secret().secret_id(self.secret(name)).client_request_token(version);
        let function = "arn:aws:lambda:us-east-1:123456789012:function:refresh";
        let started = rotate.rotation_rules(rules).rotation_lambda_arn(function).send().await;
        assert_eq!(started.unwrap_err().code(), Some("ResourceNotFoundException"));
    }

    /// Schedules an account's secret for deletion, as a removal of the app does.
    pub async fn remove_recoverably(&self, name: &str) {
        let delete = self.secrets.delete_secret().secret_id(self.secret(name)).recovery_window_in_days(7);
        delete.send().await.unwrap();
    }

    /// Returns the ARN of the KMS key of an account's secret, or `None` if it has the AWS managed key.
    pub async fn kms_key(&self, name: &str) -> Option<String> {
        self.secrets.describe_secret().secret_id(self.secret(name)).send().await.unwrap().kms_key_id
    }

    /// Returns whether an account's secret exists and whether it can be recovered.
    pub async fn secret_state(&self, name: &str) -> SecretState {
        match self.secrets.describe_secret().secret_id(self.secret(name)).send().await {
            Ok(secret) if secret.deleted_date().is_some() => SecretState::Recoverable,
            Ok(_) => SecretState::Current,
            Err(error) if error.code() == Some("ResourceNotFoundException") => SecretState::Gone,
            Err(error) => panic!("{error:?}"),
        }
    }

    /// Returns the name of an account's secret.
    pub fn secret(&self, name: &str) -> String {
        format!("{}/accounts/{name}", self.prefix)
    }
}

impl Drop for Deployment {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert_eq!(self.scanner.findings(), [""; 0], "secrets leaked");
            assert_eq!(self.calls.denied(), [""; 0], "the template's policies do not allow these calls");
        }
    }
}
