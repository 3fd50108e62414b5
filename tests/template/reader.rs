//! The nested template `infra/reader.yaml`: an API that IAM authorizes, and the function behind it.

use std::collections::BTreeSet;

use evertoken_core::vault::AccountStore;
use evertoken_tests::deployment::Deployment;
use evertoken_tests::permissions::{Grant, differences, granted};
use evertoken_tests::reader_function::ReaderFunction;
use evertoken_tests::sample;
use evertoken_tests::stack::Stack;
use evertoken_tests::template::Template;
use serde_json::{Value, json};
use time::Duration;

use crate::tags::assert_tagged;
use crate::trust::assert_trusts_only;

const KEY: &str = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/// Actions that AWS itself performs with the role.
const BY_AWS: [&str; 4] =
    ["logs:CreateLogStream", "logs:PutLogEvents", "xray:PutTraceSegments", "xray:PutTelemetryRecords"];

const ON: (&str, &str) = ("Reader", "on");

/// The nested stack, with the parameters that the main template passes to it.
pub(crate) fn reader_stack(parameters: &[(&str, &str)]) -> Stack {
    let main = Stack::new(Template::main(), &[&[ON], parameters].concat()).unwrap();
    main.with("Packed.Outputs.TableName", "the-table").nested("TokenReader", Template::reader())
}

#[test]
fn the_reader_is_nested_only_if_it_is_on() {
    let off = Stack::new(Template::main(), &[]).unwrap();
    assert!(!off.resources().contains_key("TokenReader") && !off.outputs().contains_key("ReaderUrl"));
    let main = Stack::new(Template::main(), &[ON]).unwrap();
    assert_eq!(main.properties("TokenReader")["TemplateURL"], "infra/reader.yaml");
    let given = main.properties("TokenReader")["Parameters"].clone();
    let given: BTreeSet<&str> = given.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(given, Template::reader().section("Parameters").map(|(name, _)| name).collect());
    assert_eq!(main.outputs()["ReaderUrl"], "TokenReader.Outputs.Url");
    assert_eq!(reader_stack(&[]).outputs()["Url"], "https://Api.execute-api.us-east-1.amazonaws.com");
}

#[test]
fn the_only_route_requires_iam_and_names_the_account() {
    let stack = reader_stack(&[]);
    assert_eq!(stack.properties("Api")["ProtocolType"], "HTTP");
    let route = json!({
        "ApiId": "Api",
        "RouteKey": "GET /accounts/{name}/token",
        "AuthorizationType": "AWS_IAM",
        "Target": "integrations/Integration",
    });
    assert_eq!(stack.properties("Route"), route);
    let routes = stack.resources().into_iter().filter(|(_, one)| one["Type"] == "AWS::ApiGatewayV2::Route").count();
    assert_eq!(routes, 1);
    let integration = json!({
        "ApiId": "Api",
        "IntegrationType": "AWS_PROXY",
        "IntegrationUri": "Function.Arn",
        "PayloadFormatVersion": "2.0",
        "TimeoutInMillis": 30000,
    });
    assert_eq!(stack.properties("Integration"), integration);
    let permission = json!({
        "Action": "lambda:InvokeFunction",
        "FunctionName": "Function",
        "Principal": "apigateway.amazonaws.com",
        "SourceArn": "arn:aws:execute-api:us-east-1:123456789012:Api/*",
    });
    assert_eq!(stack.properties("Permission"), permission);
    let stage = stack.properties("Stage");
    assert_eq!((&stage["StageName"], &stage["AutoDeploy"]), (&json!("$default"), &json!(true)));
    assert_eq!(stage["DefaultRouteSettings"], json!({"ThrottlingRateLimit": 100, "ThrottlingBurstLimit": 200}));
}

#[test]
fn the_reader_has_its_own_binary_role_and_log_group() {
    let stack = reader_stack(&[
        ("Architecture", "x86_64"),
        ("Tracing", "on"),
        ("LogLevel", "WARN"),
        ("LogRetentionDays", "30"),
    ]);
    let mut properties = stack.properties("Function");
    let properties = properties.as_object_mut().unwrap();
    for tested_elsewhere in ["Environment", "Description"] {
        assert!(properties.remove(tested_elsewhere).is_some());
    }
    let expected = json!({
        "Code": {"S3Bucket": "packaged", "S3Key": "evertoken-reader"},
        "Runtime": "provided.al2023",
        "Handler": "bootstrap",
        "Architectures": ["x86_64"],
        "MemorySize": 256,
        "Timeout": 29,
        "Role": "Role.Arn",
        "TracingConfig": {"Mode": "Active"},
        "LoggingConfig":
            {"LogFormat": "JSON", "LogGroup": "Logs", "ApplicationLogLevel": "WARN", "SystemLogLevel": "INFO"},
        "Tags": [{"Key": "lambda:createdBy", "Value": "SAM"}, {"Key": "evertoken:stack", "Value": "end-to-end"}],
    });
    assert_eq!(Value::Object(properties.clone()), expected);
    assert_eq!(stack.properties("Logs")["RetentionInDays"], "30");
    assert_trusts_only(&stack, "Role", "lambda.amazonaws.com");
    assert_eq!(reader_stack(&[]).properties("Role").get("PermissionsBoundary"), None);
    let boundary = "arn:aws:iam::123456789012:policy/boundary";
    let bounded = reader_stack(&[("PermissionsBoundary", boundary)]);
    assert_eq!(bounded.properties("Role")["PermissionsBoundary"], boundary);
}

#[test]
fn all_resources_of_the_reader_are_tagged() {
    let untagged = [
        "AWS::ApiGatewayV2::Integration",
        "AWS::ApiGatewayV2::Route",
        "AWS::Lambda::Permission",
        "AWS::Logs::QueryDefinition",
    ];
    assert_tagged(&reader_stack(&[]), &untagged);
}

/// A read of an account in each place, and of one that does not exist.
async fn reads(parameters: &[(&str, &str)], layout: &str) -> (ReaderFunction, String) {
    let deployment = Deployment::new().await.with_parameters(&[&[ON], parameters].concat());
    let deployment = if layout == "packed" { deployment.with_packs().await } else { deployment };
    deployment.add_account("own-secret", Duration::days(5)).await;
    if layout == "packed" {
        deployment.packed_vault().create(&sample::document("packed")).await.unwrap();
    }
    let reader = ReaderFunction::start(&deployment).await;
    let expected = [("own-secret", 200), ("packed", if layout == "packed" { 200 } else { 404 }), ("unknown", 404)];
    for (account, status) in expected {
        assert_eq!(reader.get(account).await.0, status, "{layout}: {account}");
    }
    (reader, deployment.prefix.clone())
}

/// The differences between what the role allows and what the function calls, with this template.
fn find_differences(reader: &ReaderFunction, prefix: &str, template: &Template) -> Vec<String> {
    let ours: BTreeSet<Grant> = granted(&reader.stack.of(template), "Role")
        .into_iter()
        .filter(|grant| !BY_AWS.contains(&grant.action.as_str()))
        .collect();
    differences(&ours, &reader.calls.of("Role"), prefix)
}

/// Changes the actions of a statement in a copy of the template.
fn changed(sid: &str, actions: &[&str]) -> Template {
    let mut template = Template::reader().clone();
    let statements = template.part("/Resources/Role/Properties/Policies/0/PolicyDocument/Statement");
    let mut statements = statements
        .as_array_mut()
        .unwrap()
        .iter_mut()
        .map(|statement| if statement.get("Fn::If").is_some() { &mut statement["Fn::If"][1] } else { statement });
    statements.find(|statement| statement["Sid"] == sid).unwrap()["Action"] = json!(actions);
    template
}

#[tokio::test]
async fn the_readers_role_allows_exactly_what_the_function_calls() {
    for layout in ["single", "packed"] {
        let (reader, prefix) = reads(&[("KmsKeyArn", KEY), ("Tracing", "on")], layout).await;
        assert_eq!(find_differences(&reader, &prefix, Template::reader()), [""; 0], "{layout}");
        assert_eq!(reader.calls.denied(), [""; 0], "{layout}");
    }
}

#[tokio::test]
async fn detects_a_missing_and_an_excessive_permission_of_the_reader() {
    let (reader, prefix) = reads(&[("KmsKeyArn", KEY)], "packed").await;
    for (sid, action) in [
        ("ReadAccounts", "secretsmanager:GetSecretValue"),
        ("ReadPacks", "secretsmanager:GetSecretValue"),
        ("FindPacks", "dynamodb:GetItem"),
        ("UseKeyThroughSecretsManager", "kms:Decrypt"),
    ] {
        let missing = find_differences(&reader, &prefix, &changed(sid, &[]));
        let starts =
            |start: &str, found: &[String]| !found.is_empty() && found.iter().all(|one| one.starts_with(start));
        assert!(starts(&format!("called but not allowed: {action} on "), &missing), "{sid}: {missing:?}");
        let excessive = find_differences(&reader, &prefix, &changed(sid, &[action, "dynamodb:PutItem"]));
        assert!(starts("allowed but never called: dynamodb:PutItem on ", &excessive), "{sid}: {excessive:?}");
    }
}
