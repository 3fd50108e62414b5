//! A stub of CloudFormation's read API in front of moto.
//!
//! moto's CloudFormation silently skips secrets, schedules and APIs, its SNS confirms every subscription at once, and its
//! Lambda does not know the functions. The stub answers those requests itself, in AWS's own format, and forwards all others to
//! moto.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use url::form_urlencoded;

use crate::http;
use crate::moto::Moto;

/// The name of a nested stack, which consists of the main stack's name, the resource's name and a random part.
pub fn nested_stack_name(stack: &str, resource: &str) -> String {
    format!("{stack}-{resource}-1A2B3C4D")
}

fn nested_stack_arn(stack: &str, resource: &str) -> String {
    format!("arn:aws:cloudformation:us-east-1:123456789012:stack/{}/1", nested_stack_name(stack, resource))
}

/// The architecture of the stack's functions.
pub const FUNCTION_ARCHITECTURE: &str = "x86_64";

/// A resource's logical ID, type and physical ID.
pub type Resource = (&'static str, &'static str, String);

/// A stack and its nested stacks, as CloudFormation describes them.
#[derive(Debug, Default)]
pub struct StackDescription {
    /// The stack's name.
    pub name: String,
    /// The stack's parameters.
    pub parameters: Vec<(&'static str, String)>,
    /// The stack's outputs.
    pub outputs: Vec<(&'static str, String)>,
    /// The resources of the stack, without its nested stacks.
    pub resources: Vec<Resource>,
    /// The nested stacks: the resource's name, and the resources of the nested stack.
    pub nested: Vec<(&'static str, Vec<Resource>)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Subscription {
    Confirmed,
    Pending,
}

/// A running stub, which is served until the test's async runtime shuts down.
#[derive(Debug)]
pub struct CloudFormationStub {
    endpoint: String,
    state: Arc<StubState>,
}

#[derive(Debug)]
struct StubState {
    stack: StackDescription,
    changed_parameters: Mutex<Vec<(&'static str, String)>>,
    subscription: Mutex<Subscription>,
    schedule_age: Mutex<Duration>,
}

impl CloudFormationStub {
    /// Starts a stub that knows this stack.
    pub async fn start(stack: StackDescription) -> Self {
        let state = Arc::new(StubState {
            stack,
            changed_parameters: Mutex::default(),
            subscription: Mutex::new(Subscription::Confirmed),
            schedule_age: Mutex::default(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let service = Router::new().fallback(respond).with_state(Arc::clone(&state));
        tokio::spawn(async move { axum::serve(listener, service).await });
        Self { endpoint, state }
    }

    /// Returns the value for `AWS_ENDPOINT_URL`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Reports another value of a parameter of the stack.
    pub fn set_parameter(&self, name: &'static str, value: &str) {
        self.state.changed_parameters.lock().unwrap().push((name, value.to_owned()));
    }

    /// Reports the alarm topic's subscription as not yet confirmed.
    pub fn leave_subscription_pending(&self) {
        *self.state.subscription.lock().unwrap() = Subscription::Pending;
    }

    /// Reports all schedules as created and changed this long before they were. moto always reports the present.
    pub fn age_schedules(&self, by: Duration) {
        *self.state.schedule_age.lock().unwrap() = by;
    }
}

async fn respond(State(state): State<Arc<StubState>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    if parts.uri.path().starts_with("/2015-03-31/functions/") && parts.uri.path().ends_with("/configuration") {
        let configuration = serde_json::json!({"Architectures": [FUNCTION_ARCHITECTURE]});
        return (StatusCode::OK, configuration.to_string()).into_response();
    }
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let form: Vec<(String, String)> = form_urlencoded::parse(&body).into_owned().collect();
    let field =
        |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).unwrap_or_default();
    match state.respond(&field("Action"), &field("StackName")) {
        Some((status, xml)) => (status, xml).into_response(),
        None if parts.method == Method::GET && parts.uri.path().starts_with("/schedules/") => {
            let age = *state.schedule_age.lock().unwrap();
            let response = forward(parts, body).await.into_body();
            let mut schedule: Value =
                serde_json::from_slice(&axum::body::to_bytes(response, usize::MAX).await.unwrap()).unwrap();
            for date in ["CreationDate", "LastModificationDate"] {
                schedule[date] = json!(schedule[date].as_f64().unwrap() - age.as_secs_f64());
            }
            schedule.to_string().into_response()
        }
        None => forward(parts, body).await,
    }
}

async fn forward(parts: Parts, body: Bytes) -> Response {
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let url = format!("{}{path}", Moto::shared().endpoint());
    let mut headers = parts.headers;
    headers.remove("host");
    headers.remove("content-length");
    let forwarded = http::client().request(parts.method, url).headers(headers).body(body).send().await.unwrap();
    let (status, headers) = (forwarded.status(), forwarded.headers().clone());
    let content_type = headers.get("content-type").cloned();
    let mut response = (status, forwarded.bytes().await.unwrap()).into_response();
    if let Some(content_type) = content_type {
        response.headers_mut().insert("content-type", content_type);
    }
    response
}

impl StubState {
    /// Returns the stub's own response to an action, or `None` if moto handles it.
    fn respond(&self, action: &str, stack: &str) -> Option<(StatusCode, String)> {
        let is_known = stack == self.stack.name || self.stack.nested_resources(stack).is_some();
        match action {
            "DescribeStacks" | "ListStackResources" if !is_known => {
                let error = "<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack does not exist</Message></Error></ErrorResponse>";
                Some((StatusCode::BAD_REQUEST, error.to_owned()))
            }
            "DescribeStacks" => {
                let changed = self.changed_parameters.lock().unwrap();
                Some(result(action, &self.stack.describe(stack, &changed)))
            }
            "ListStackResources" => {
                let nested = self.stack.nested_resources(stack);
                Some(result(action, &list(&nested.unwrap_or_else(|| self.stack.all_resources()))))
            }
            "ListSubscriptionsByTopic" if *self.subscription.lock().unwrap() == Subscription::Pending => Some(result(
                action,
                "<Subscriptions><member><SubscriptionArn>PendingConfirmation</SubscriptionArn><Protocol>email</Protocol>\
                 <Endpoint>ops@example.test</Endpoint></member></Subscriptions>",
            )),
            _ => None,
        }
    }
}

impl StackDescription {
    /// The resources of the stack, including its nested stacks.
    fn all_resources(&self) -> Vec<Resource> {
        let nested = self.nested.iter().map(|(resource, _)| *resource);
        let nested =
            nested.map(|resource| (resource, "AWS::CloudFormation::Stack", nested_stack_arn(&self.name, resource)));
        self.resources.iter().cloned().chain(nested).collect()
    }

    /// The resources of the nested stack with this ARN.
    fn nested_resources(&self, arn: &str) -> Option<Vec<Resource>> {
        let nested = self.nested.iter().find(|(resource, _)| nested_stack_arn(&self.name, resource) == arn);
        nested.map(|(_, resources)| resources.clone())
    }

    /// `changed` parameters follow those that they replace.
    fn describe(&self, stack: &str, changed: &[(&'static str, String)]) -> String {
        let parameters = self.parameters.iter().chain(changed).fold(String::new(), |mut xml, (key, value)| {
            write!(xml, "<member><ParameterKey>{key}</ParameterKey><ParameterValue>{value}</ParameterValue></member>")
                .unwrap();
            xml
        });
        let outputs = self.outputs.iter().fold(String::new(), |mut xml, (key, value)| {
            write!(xml, "<member><OutputKey>{key}</OutputKey><OutputValue>{value}</OutputValue></member>").unwrap();
            xml
        });
        format!(
            "<Stacks><member><StackName>{stack}</StackName><CreationTime>2026-11-22T05:00:00Z</CreationTime>\
             <StackStatus>CREATE_COMPLETE</StackStatus><Parameters>{parameters}</Parameters>\
             <Outputs>{outputs}</Outputs></member></Stacks>"
        )
    }
}

fn list(resources: &[Resource]) -> String {
    let summaries = resources.iter().fold(String::new(), |mut xml, (logical, kind, physical)| {
        write!(
            xml,
            "<member><LogicalResourceId>{logical}</LogicalResourceId><PhysicalResourceId>{physical}\
             </PhysicalResourceId><ResourceType>{kind}</ResourceType><ResourceStatus>CREATE_COMPLETE\
             </ResourceStatus><LastUpdatedTimestamp>2026-11-22T05:00:00Z</LastUpdatedTimestamp></member>"
        )
        .unwrap();
        xml
    });
    format!("<StackResourceSummaries>{summaries}</StackResourceSummaries>")
}

fn result(action: &str, content: &str) -> (StatusCode, String) {
    let xml = format!("<{action}Response><{action}Result>{content}</{action}Result></{action}Response>");
    (StatusCode::OK, xml)
}
