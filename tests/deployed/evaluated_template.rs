//! The deployed functions match the template as the other tests evaluate it, without CloudFormation.

use std::collections::BTreeMap;

use evertoken_tests::aws_account::AwsAccount;
use evertoken_tests::moto::REGION;
use evertoken_tests::stack::{ACCOUNT, NAME, Stack};
use evertoken_tests::template::Template;
use serde_json::{Value, json};

/// Environment variables that only the copy of the template sets (`emulated_templates.py`).
const OF_THE_COPY: [&str; 7] = [
    "AWS_LAMBDA_LOG_FORMAT",
    "AWS_LAMBDA_LOG_LEVEL",
    "EVERTOKEN_AUTHORIZE_URL",
    "EVERTOKEN_FACEBOOK_DIALOG_URL",
    "EVERTOKEN_FACEBOOK_GRAPH_URL",
    "EVERTOKEN_GRAPH_URL",
    "EVERTOKEN_TOKEN_URL",
];

/// CloudFormation does not convert numbers, but environment variables are strings.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Compares both functions of the stack `NAME`, which was deployed with these parameters.
pub(crate) async fn matches_the_functions(owner: &AwsAccount, parameters: &[(&str, &str)]) {
    let mut stack = Stack::new(Template::main(), &owner.with_common_parameters(parameters)).unwrap();
    for resource in ["AppSecret", "SigningSecret", "Api"] {
        stack = stack.with(resource, &owner.reference(NAME, resource).await);
    }
    let role = owner.reference(NAME, "SchedulerRole").await;
    stack = stack.with("SchedulerRole.Arn", &format!("arn:aws:iam::{ACCOUNT}:role/{role}"));
    let queue = owner.reference(NAME, "DeadLetterQueue").await;
    let queue = queue.rsplit('/').next().unwrap();
    stack = stack.with("DeadLetterQueue.Arn", &format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}"));
    if stack.resources().contains_key("Packed") {
        stack = stack.with("Packed.Outputs.TableName", &owner.resource(NAME, "Packed.Index").await);
    }
    for name in ["CallbackFunction", "RefreshFunction"] {
        let (actual, expected) = (owner.function(NAME, name).await, stack.properties(name));
        let settings = json!({
            "Runtime": actual.runtime().unwrap().as_str(),
            "Handler": actual.handler().unwrap(),
            "Timeout": actual.timeout().unwrap(),
            "MemorySize": actual.memory_size().unwrap(),
            "Architectures": actual.architectures().iter().map(aws_sdk_lambda::types::Architecture::as_str).collect::<Vec<_>>(),
        });
        for (key, value) in settings.as_object().unwrap() {
            assert_eq!(*value, expected[key], "{name}: {key}");
        }
        let mut variables: BTreeMap<String, String> =
            actual.environment().unwrap().variables().unwrap().clone().into_iter().collect();
        variables.retain(|variable, _| !OF_THE_COPY.contains(&variable.as_str()));
        let expected = expected["Environment"]["Variables"].as_object().unwrap();
        let expected: BTreeMap<String, String> =
            expected.iter().map(|(variable, value)| (variable.clone(), text(value))).collect();
        assert_eq!(variables, expected, "{name}");
    }
}
