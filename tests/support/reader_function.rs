//! The reader API's function, as `infra/reader.yaml` describes it, behind a proxy that checks its role's policies.

use serde_json::{Value, json};

use crate::aws_proxy::AwsProxy;
use crate::deployment::Deployment;
use crate::http::Request;
use crate::iam_policy_check::{IamPolicyCheck, RecordedCalls};
use crate::lambda_emulator::Lambda;
use crate::stack::Stack;
use crate::template::Template;
use crate::{api_gateway, binaries};

/// The ARN of the caller.
pub const CALLER: &str = "arn:aws:sts::123456789012:assumed-role/shop/session";

/// The function and its nested stack.
#[derive(Debug)]
pub struct ReaderFunction {
    /// The function.
    pub lambda: Lambda,
    /// The nested stack.
    pub stack: Stack,
    /// The AWS calls of the function, in IAM's terms.
    pub calls: RecordedCalls,
    /// The proxy between the function and AWS.
    pub aws: AwsProxy,
}

impl ReaderFunction {
    /// Starts the function of a deployment whose parameter `Reader` is `on`.
    pub async fn start(deployment: &Deployment) -> Self {
        let stack = deployment.stack().nested("TokenReader", Template::reader());
        let calls = RecordedCalls::default();
        let aws = AwsProxy::with_policy_check(IamPolicyCheck::new(&stack, "Role", &calls)).await;
        let function = stack.properties("Function");
        let environment = deployment.environment(&function, aws.endpoint());
        let binary = binaries::path(function["Code"]["S3Key"].as_str().unwrap());
        let lambda = Lambda::start("reader", binary, &environment, &deployment.scanner).await;
        Self { lambda, stack, calls, aws }
    }

    /// Requests the token of an account, as API Gateway does for a caller that IAM has authorized. Returns the status and the body.
    pub async fn get(&self, account: &str) -> (u16, Value) {
        let url = format!("https://abcdefghij.execute-api.us-east-1.amazonaws.com/accounts/{account}/token");
        let request = Request::get(&url.parse().unwrap());
        let mut event = api_gateway::event(&request, &[]);
        event["requestContext"]["authorizer"] = json!({"iam": {"accountId": "123456789012", "userArn": CALLER}});
        let response = api_gateway::response(&request, &self.lambda.invoke(&event).await);
        assert_eq!(response.header("cache-control"), "no-store");
        (response.status, serde_json::from_str(&response.body).unwrap())
    }
}
