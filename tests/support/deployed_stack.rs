//! A deployed stack for tests of the command, with real resources in moto.

use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_cloudwatchlogs::types::InputLogEvent;
use aws_sdk_scheduler::types::{FlexibleTimeWindow, FlexibleTimeWindowMode, ScheduleState, Target};
use evertoken_aws::Connections;
use time::OffsetDateTime;

use crate::cloud_formation_stub::{CloudFormationStub, StackDescription, nested_stack_name};
use crate::deployment::Deployment;
use crate::http;
use crate::moto::{Moto, REGION};

const SCHEDULE: &str = "rate(6 hours)";

const REFRESH_FUNCTION: &str = "function";

/// The stack's KMS key.
pub const KMS_KEY: &str = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/// A separate stack, which exists until the test's async runtime shuts down.
#[derive(Debug)]
pub struct DeployedStack {
    /// The stack's name.
    pub name: String,
    cloud_formation: CloudFormationStub,
    config: SdkConfig,
    queue_url: String,
    log_group: String,
    schedule: String,
}

impl DeployedStack {
    /// Creates the resources of a new stack, with feeds if the deployment's parameter `Feed` is `on`. Its alarm subscription is confirmed, and no refresh has run yet.
    pub async fn new(deployment: &Deployment, public_url: &str) -> Self {
        let name = deployment.prefix.clone();
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static(REGION))
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new("test", "test", None, None, "tests")))
            .endpoint_url(Moto::shared().endpoint())
            .http_client(Connections::new(http::client()))
            .build();
        let queue_url = create_queue(&config, &name).await;
        let topic = create_topic(&config, &name).await;
        let log_group = create_log_group(&config, &name).await;
        let schedule = create_schedule(&config, &name).await;
        let mut stack = StackDescription {
            name: name.clone(),
            parameters: vec![
                ("KmsKeyArn", KMS_KEY.to_owned()),
                ("AccountTags", "team=web".to_owned()),
                ("AlarmEmail", "ops@example.test".to_owned()),
            ],
            outputs: vec![
                ("ConnectUrl", format!("{public_url}/")),
                ("RedirectUri", format!("{public_url}/callback")),
                ("VaultPrefix", name.clone()),
            ],
            resources: vec![
                ("AppSecret", "AWS::SecretsManager::Secret", format!("{name}/app")),
                ("SigningSecret", "AWS::SecretsManager::Secret", format!("{name}/signing")),
                ("RefreshFunction", "AWS::Lambda::Function", REFRESH_FUNCTION.to_owned()),
                ("RefreshLogs", "AWS::Logs::LogGroup", log_group.clone()),
                ("RefreshFunctionTick", "AWS::Scheduler::Schedule", schedule.clone()),
                ("DeadLetterQueue", "AWS::SQS::Queue", queue_url.clone()),
            ],
            nested: vec![(
                "Alarms",
                vec![
                    ("Topic", "AWS::SNS::Topic", topic),
                    ("Heartbeat", "AWS::CloudWatch::Alarm", format!("{name}-heartbeat")),
                ],
            )],
        };
        if deployment.stack().resources().contains_key("Feeds") {
            let function = feed_function(&name);
            stack.outputs.push(("FeedFunction", function.clone()));
            stack.nested.push(("Feeds", vec![("Function", "AWS::Lambda::Function", function)]));
        }
        let cloud_formation = CloudFormationStub::start(stack).await;
        Self { name, cloud_formation, config, queue_url, log_group, schedule }
    }

    /// Returns the value for `AWS_ENDPOINT_URL`.
    pub fn endpoint(&self) -> &str {
        self.cloud_formation.endpoint()
    }

    /// Returns the name of the refresh function. The Lambda emulator accepts no other.
    pub fn refresh_function(&self) -> &'static str {
        REFRESH_FUNCTION
    }

    /// Returns the name that CloudFormation would give the function that publishes feeds.
    pub fn feed_function(&self) -> String {
        feed_function(&self.name)
    }

    /// Returns variables that unset all settings of the deployment, so that the command must read them from the stack.
    pub fn stack_only_variables(&self) -> [(&str, &str); 5] {
        [
            ("AWS_ENDPOINT_URL", self.endpoint()),
            ("EVERTOKEN_VAULT_PREFIX", ""),
            ("EVERTOKEN_APP_SECRET_NAME", ""),
            ("EVERTOKEN_SIGNING_SECRET_NAME", ""),
            ("EVERTOKEN_PUBLIC_URL", ""),
        ]
    }

    /// Logs a completed refresh run.
    pub async fn record_run(&self, at: OffsetDateTime) {
        let line = InputLogEvent::builder()
            .timestamp(at.unix_timestamp() * 1000)
            .message(r#"{"_aws":{},"RunDurationMs":812}"#);
        let logs = aws_sdk_cloudwatchlogs::Client::new(&self.config);
        let put = logs.put_log_events().log_group_name(&self.log_group).log_stream_name("one");
        put.log_events(line.build().unwrap()).send().await.unwrap();
    }

    /// Disables the refresh schedule.
    pub async fn disable_schedule(&self) {
        self.update_schedule(SCHEDULE, ScheduleState::Disabled).await;
    }

    /// Changes when the schedule starts a run, for example to `rate(12 hours)`.
    pub async fn reschedule(&self, expression: &str) {
        self.update_schedule(expression, ScheduleState::Enabled).await;
    }

    async fn update_schedule(&self, expression: &str, state: ScheduleState) {
        let scheduler = aws_sdk_scheduler::Client::new(&self.config);
        let schedule = scheduler.get_schedule().name(&self.schedule).send().await.unwrap();
        let update = scheduler.update_schedule().name(&self.schedule).state(state);
        let update = update.schedule_expression(expression).set_target(schedule.target);
        update.set_flexible_time_window(schedule.flexible_time_window).send().await.unwrap();
    }

    /// Reports another value of a parameter of the stack.
    pub fn set_parameter(&self, name: &'static str, value: &str) {
        self.cloud_formation.set_parameter(name, value);
    }

    /// Reports the schedule as created three days ago.
    pub fn age_schedule(&self) {
        self.cloud_formation.age_schedules(Duration::from_hours(72));
    }

    /// Adds a failed run to the dead-letter queue.
    pub async fn add_dead_letter(&self) {
        let sqs = aws_sdk_sqs::Client::new(&self.config);
        sqs.send_message().queue_url(&self.queue_url).message_body("{}").send().await.unwrap();
    }

    /// Reports the alarm subscription as not yet confirmed.
    pub fn leave_subscription_pending(&self) {
        self.cloud_formation.leave_subscription_pending();
    }
}

fn feed_function(stack: &str) -> String {
    format!("{}-Function-1A2B3C4D", nested_stack_name(stack, "Feeds"))
}

/// Returns the queue's URL.
async fn create_queue(config: &SdkConfig, stack: &str) -> String {
    let sqs = aws_sdk_sqs::Client::new(config);
    sqs.create_queue().queue_name(format!("{stack}-dead")).send().await.unwrap().queue_url.unwrap()
}

/// Returns the topic's ARN.
async fn create_topic(config: &SdkConfig, stack: &str) -> String {
    let sns = aws_sdk_sns::Client::new(config);
    let topic = sns.create_topic().name(format!("{stack}-alarms")).send().await.unwrap().topic_arn.unwrap();
    sns.subscribe().topic_arn(&topic).protocol("email").endpoint("ops@example.test").send().await.unwrap();
    topic
}

/// Returns the log group's name.
async fn create_log_group(config: &SdkConfig, stack: &str) -> String {
    let logs = aws_sdk_cloudwatchlogs::Client::new(config);
    let group = format!("/aws/lambda/{stack}/refresh");
    logs.create_log_group().log_group_name(&group).send().await.unwrap();
    logs.create_log_stream().log_group_name(&group).log_stream_name("one").send().await.unwrap();
    group
}

/// Returns the schedule's name.
async fn create_schedule(config: &SdkConfig, stack: &str) -> String {
    let name = format!("{stack}-RefreshFunctionTick");
    let target = Target::builder()
        .arn("arn:aws:lambda:us-east-1:123456789012:function:refresh")
        .role_arn("arn:aws:iam::123456789012:role/scheduler")
        .build();
    let window = FlexibleTimeWindow::builder().mode(FlexibleTimeWindowMode::Off).build().unwrap();
    let create = aws_sdk_scheduler::Client::new(config).create_schedule().name(&name).schedule_expression(SCHEDULE);
    create.flexible_time_window(window).target(target.unwrap()).send().await.unwrap();
    name
}
