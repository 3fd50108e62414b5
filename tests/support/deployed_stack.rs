//! A deployed stack for the operator's command: its parts are real in moto, and what moto does not do stands before it.
//!
//! moto's CloudFormation leaves out secrets, schedules and APIs without a word, and its SNS confirms every subscription by
//! itself. Those two are answered here, in AWS's own form; all other calls go through to moto.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_cloudwatchlogs::types::InputLogEvent;
use aws_sdk_scheduler::types::{FlexibleTimeWindow, FlexibleTimeWindowMode, ScheduleState, Target};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use evertoken_aws::Connections;
use time::OffsetDateTime;
use tokio::net::TcpListener;
use url::form_urlencoded;

use crate::deployment::Deployment;
use crate::moto::{Moto, REGION};
use crate::web;

/// A stack of one's own, for as long as the test's runtime lives.
#[derive(Debug)]
pub struct DeployedStack {
    /// Its name.
    pub name: String,
    endpoint: String,
    config: SdkConfig,
    queue: String,
    group: String,
    schedule: String,
    front: Arc<Mutex<Front>>,
}

#[derive(Debug, Default)]
struct Front {
    stack: String,
    outputs: Vec<(&'static str, String)>,
    /// Of the stack and of its nested one.
    resources: [Vec<(&'static str, &'static str, String)>; 2],
    /// The mail that nobody has clicked.
    pending: bool,
}

const NESTED: &str = "arn:aws:cloudformation:us-east-1:123456789012:stack/nested/1";

impl DeployedStack {
    /// Everything is as a deployment leaves it, with a subscription that was confirmed and no run yet.
    pub async fn of(deployment: &Deployment, public_url: &str) -> Self {
        let name = deployment.prefix.clone();
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static(REGION))
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new("test", "test", None, None, "tests")))
            .endpoint_url(Moto::shared().endpoint())
            .http_client(Connections::new(web::client()))
            .build();
        let queue = aws_sdk_sqs::Client::new(&config).create_queue().queue_name(format!("{name}-dead")).send().await;
        let queue = queue.unwrap().queue_url.unwrap();
        let sns = aws_sdk_sns::Client::new(&config);
        let topic = sns.create_topic().name(format!("{name}-alarms")).send().await.unwrap().topic_arn.unwrap();
        sns.subscribe().topic_arn(&topic).protocol("email").endpoint("ops@example.test").send().await.unwrap();
        let group = format!("/aws/lambda/{name}/refresh");
        let logs = aws_sdk_cloudwatchlogs::Client::new(&config);
        logs.create_log_group().log_group_name(&group).send().await.unwrap();
        logs.create_log_stream().log_group_name(&group).log_stream_name("one").send().await.unwrap();
        let schedule = format!("{name}-RefreshFunctionTick");
        let stack = Self {
            endpoint: String::new(),
            front: Arc::default(),
            name: name.clone(),
            config,
            queue: queue.clone(),
            group: group.clone(),
            schedule: schedule.clone(),
        };
        let target = Target::builder()
            .arn("arn:aws:lambda:us-east-1:123456789012:function:refresh")
            .role_arn("arn:aws:iam::123456789012:role/scheduler")
            .build();
        let window = FlexibleTimeWindow::builder().mode(FlexibleTimeWindowMode::Off).build().unwrap();
        let scheduler = aws_sdk_scheduler::Client::new(&stack.config);
        let create = scheduler.create_schedule().name(&schedule).schedule_expression("rate(6 hours)");
        create.flexible_time_window(window).target(target.unwrap()).send().await.unwrap();
        *stack.front.lock().unwrap() = Front {
            stack: name.clone(),
            outputs: vec![
                ("ConnectUrl", format!("{public_url}/")),
                ("RedirectUri", format!("{public_url}/callback")),
                ("VaultPrefix", name.clone()),
            ],
            resources: [
                vec![
                    ("AppSecret", "AWS::SecretsManager::Secret", format!("{name}/app")),
                    ("SigningSecret", "AWS::SecretsManager::Secret", format!("{name}/signing")),
                    // The only name that AWS's emulator of a Lambda answers to.
                    ("RefreshFunction", "AWS::Lambda::Function", "function".to_owned()),
                    ("RefreshLogs", "AWS::Logs::LogGroup", group),
                    ("RefreshFunctionTick", "AWS::Scheduler::Schedule", schedule),
                    ("DeadLetterQueue", "AWS::SQS::Queue", queue),
                    ("Alarms", "AWS::CloudFormation::Stack", NESTED.to_owned()),
                ],
                vec![
                    ("Topic", "AWS::SNS::Topic", topic),
                    ("Heartbeat", "AWS::CloudWatch::Alarm", format!("{name}-heartbeat")),
                ],
            ],
            pending: false,
        };
        stack.served().await
    }

    async fn served(mut self) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        self.endpoint = format!("http://{}", listener.local_addr().unwrap());
        let service = Router::new().fallback(answer).with_state(Arc::clone(&self.front));
        tokio::spawn(async move { axum::serve(listener, service).await });
        self
    }

    /// What `AWS_ENDPOINT_URL` is to hold.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The variables of somebody who knows the stack's name at most: all else comes from it.
    pub fn alone(&self) -> [(&str, &str); 5] {
        [
            ("AWS_ENDPOINT_URL", &self.endpoint),
            ("EVERTOKEN_VAULT_PREFIX", ""),
            ("EVERTOKEN_APP_SECRET", ""),
            ("EVERTOKEN_SIGNING_SECRET", ""),
            ("EVERTOKEN_PUBLIC_URL", ""),
        ]
    }

    /// The refresh ran to its end then.
    pub async fn ran(&self, at: OffsetDateTime) {
        let line = InputLogEvent::builder()
            .timestamp(at.unix_timestamp() * 1000)
            .message(r#"{"_aws":{},"RunDurationMs":812}"#);
        let logs = aws_sdk_cloudwatchlogs::Client::new(&self.config);
        let put = logs.put_log_events().log_group_name(&self.group).log_stream_name("one");
        put.log_events(line.build().unwrap()).send().await.unwrap();
    }

    /// Somebody has switched the schedule off.
    pub async fn disable(&self) {
        let scheduler = aws_sdk_scheduler::Client::new(&self.config);
        let found = scheduler.get_schedule().name(&self.schedule).send().await.unwrap();
        let update = scheduler.update_schedule().name(&self.schedule).state(ScheduleState::Disabled);
        let update = update.schedule_expression("rate(6 hours)").set_target(found.target);
        update.set_flexible_time_window(found.flexible_time_window).send().await.unwrap();
    }

    /// A run failed as a whole.
    pub async fn dead_letter(&self) {
        let sqs = aws_sdk_sqs::Client::new(&self.config);
        sqs.send_message().queue_url(&self.queue).message_body("{}").send().await.unwrap();
    }

    /// Nobody has clicked the link in the mail.
    pub fn unconfirmed(&self) {
        self.front.lock().unwrap().pending = true;
    }
}

async fn answer(State(front): State<Arc<Mutex<Front>>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let form: Vec<(String, String)> = form_urlencoded::parse(&body).into_owned().collect();
    let field =
        |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).unwrap_or_default();
    let own = front.lock().unwrap().answer(&field("Action"), &field("StackName"));
    match own {
        Some((status, xml)) => (status, xml).into_response(),
        None => pass(parts, body).await,
    }
}

async fn pass(parts: axum::http::request::Parts, body: Bytes) -> Response {
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let url = format!("{}{path}", Moto::shared().endpoint());
    let mut headers = parts.headers;
    headers.remove("host");
    headers.remove("content-length");
    let answer = web::client().request(parts.method, url).headers(headers).body(body).send().await.unwrap();
    let (status, headers) = (answer.status(), answer.headers().clone());
    let content_type = headers.get("content-type").cloned();
    let mut response = (status, answer.bytes().await.unwrap()).into_response();
    if let Some(content_type) = content_type {
        response.headers_mut().insert("content-type", content_type);
    }
    response
}

impl Front {
    fn answer(&self, action: &str, stack: &str) -> Option<(StatusCode, String)> {
        let known = stack == self.stack || stack == NESTED;
        match action {
            "DescribeStacks" | "ListStackResources" if !known => {
                let error = "<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack does not exist</Message></Error></ErrorResponse>";
                Some((StatusCode::BAD_REQUEST, error.to_owned()))
            }
            "DescribeStacks" => {
                let outputs = self.outputs.iter().fold(String::new(), |mut all, (key, value)| {
                    write!(all, "<member><OutputKey>{key}</OutputKey><OutputValue>{value}</OutputValue></member>")
                        .unwrap();
                    all
                });
                Some(result(
                    action,
                    &format!(
                        "<Stacks><member><StackName>{stack}</StackName><CreationTime>2026-11-22T05:00:00Z</CreationTime>\
                     <StackStatus>CREATE_COMPLETE</StackStatus><Outputs>{outputs}</Outputs></member></Stacks>"
                    ),
                ))
            }
            "ListStackResources" => {
                let resources = &self.resources[usize::from(stack == NESTED)];
                let resources = resources.iter().fold(String::new(), |mut all, (logical, kind, physical)| {
                    write!(
                        all,
                        "<member><LogicalResourceId>{logical}</LogicalResourceId><PhysicalResourceId>{physical}\
                         </PhysicalResourceId><ResourceType>{kind}</ResourceType><ResourceStatus>CREATE_COMPLETE\
                         </ResourceStatus><LastUpdatedTimestamp>2026-11-22T05:00:00Z</LastUpdatedTimestamp></member>"
                    )
                    .unwrap();
                    all
                });
                Some(result(action, &format!("<StackResourceSummaries>{resources}</StackResourceSummaries>")))
            }
            "ListSubscriptionsByTopic" if self.pending => Some(result(
                action,
                "<Subscriptions><member><SubscriptionArn>PendingConfirmation</SubscriptionArn><Protocol>email</Protocol>\
                 <Endpoint>ops@example.test</Endpoint></member></Subscriptions>",
            )),
            _ => None,
        }
    }
}

fn result(action: &str, content: &str) -> (StatusCode, String) {
    let xml = format!("<{action}Response><{action}Result>{content}</{action}Result></{action}Response>");
    (StatusCode::OK, xml)
}
