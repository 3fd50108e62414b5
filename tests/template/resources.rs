//! The resources of the translated template. Here, `Name` stands for the value of `Ref` and `Name.Arn` for that of `GetAtt`.

use std::time::Duration;

use evertoken_core::login::TimeLimits;
use std::collections::{BTreeMap, BTreeSet};

use evertoken_tests::permissions::{Grant, granted};
use evertoken_tests::stack::Stack;
use evertoken_tests::template::Template;
use evertoken_tests::workspace;
use regex_lite::Regex;
use serde_json::{Value, json};

use crate::feed::feed_stack;
use crate::tags::assert_tagged;
use crate::trust::assert_trusts_only;

fn stack(parameters: &[(&str, &str)]) -> Stack {
    Stack::new(Template::main(), parameters).unwrap()
}

fn types(stack: &Stack) -> BTreeMap<String, String> {
    let of = |resource: &Value| resource["Type"].as_str().unwrap().to_owned();
    stack.resources().iter().map(|(name, resource)| (name.clone(), of(resource))).collect()
}

const CERTIFICATE: &str = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d";

/// The resources that the default parameters create.
const DEFAULT_RESOURCES: [(&str, &str); 27] = [
    ("Api", "AWS::ApiGatewayV2::Api"),
    ("ApiIntegration", "AWS::ApiGatewayV2::Integration"),
    ("ApiPermission", "AWS::Lambda::Permission"),
    ("ApiRoute", "AWS::ApiGatewayV2::Route"),
    ("ApiStage", "AWS::ApiGatewayV2::Stage"),
    ("AppSecret", "AWS::SecretsManager::Secret"),
    ("CallbackFunction", "AWS::Lambda::Function"),
    ("CallbackFunctionEventInvokeConfig", "AWS::Lambda::EventInvokeConfig"),
    ("CallbackLogs", "AWS::Logs::LogGroup"),
    ("CallbackRole", "AWS::IAM::Role"),
    ("CallbackRoute", "AWS::ApiGatewayV2::Route"),
    ("ConnectedRoute", "AWS::ApiGatewayV2::Route"),
    ("RevealRoute", "AWS::ApiGatewayV2::Route"),
    ("DataDeletionRoute", "AWS::ApiGatewayV2::Route"),
    ("DeadLetterQueue", "AWS::SQS::Queue"),
    ("DeauthorizeRoute", "AWS::ApiGatewayV2::Route"),
    ("DeletionStatusRoute", "AWS::ApiGatewayV2::Route"),
    ("HomeRoute", "AWS::ApiGatewayV2::Route"),
    ("LoginRoute", "AWS::ApiGatewayV2::Route"),
    ("RefreshFunction", "AWS::Lambda::Function"),
    ("RefreshFunctionEventInvokeConfig", "AWS::Lambda::EventInvokeConfig"),
    ("RefreshFunctionTick", "AWS::Scheduler::Schedule"),
    ("RefreshLogs", "AWS::Logs::LogGroup"),
    ("RefreshRole", "AWS::IAM::Role"),
    ("RemovalPolicy", "AWS::IAM::Policy"),
    ("SchedulerRole", "AWS::IAM::Role"),
    ("SigningSecret", "AWS::SecretsManager::Secret"),
];

#[test]
fn creates_exactly_the_expected_resources() {
    let expected = |more: &[(&str, &str)]| -> BTreeMap<String, String> {
        DEFAULT_RESOURCES.iter().chain(more).map(|(name, kind)| ((*name).to_owned(), (*kind).to_owned())).collect()
    };
    assert_eq!(types(&stack(&[])), expected(&[]));
    let all_on = [
        ("PublicUrl", "https://login.example.com"),
        ("CertificateArn", CERTIFICATE),
        ("Rotation", "on"),
        ("AlarmEmail", "me@example.com"),
        ("AccountsOnDeletion", "remove"),
        ("Feed", "on"),
        ("Reader", "on"),
    ];
    let more = [
        ("ApiDomain", "AWS::ApiGatewayV2::DomainName"),
        ("ApiMapping", "AWS::ApiGatewayV2::ApiMapping"),
        ("RotationPermission", "AWS::Lambda::Permission"),
        ("Alarms", "AWS::CloudFormation::Stack"),
        ("Removal", "AWS::CloudFormation::Stack"),
        ("Feeds", "AWS::CloudFormation::Stack"),
        ("TokenReader", "AWS::CloudFormation::Stack"),
    ];
    assert_eq!(types(&stack(&all_on)), expected(&more));
}

#[test]
fn the_api_sends_every_route_to_the_callback_function() {
    let stack = stack(&[]);
    assert_eq!(stack.properties("Api")["ProtocolType"], "HTTP");
    let integration = json!({
        "ApiId": "Api",
        "IntegrationType": "AWS_PROXY",
        "IntegrationUri": "CallbackFunction.Arn",
        "PayloadFormatVersion": "2.0",
        "TimeoutInMillis": 30000,
    });
    assert_eq!(stack.properties("ApiIntegration"), integration);
    let route = json!({"ApiId": "Api", "RouteKey": "$default", "Target": "integrations/ApiIntegration"});
    assert_eq!(stack.properties("ApiRoute"), route);
    let mut stage = stack.properties("ApiStage");
    assert!(stage.as_object_mut().unwrap().remove("RouteSettings").is_some());
    let expected = json!({
        "ApiId": "Api",
        "StageName": "$default",
        "AutoDeploy": true,
        "DefaultRouteSettings": {"ThrottlingRateLimit": "10", "ThrottlingBurstLimit": "20"},
    });
    assert_eq!(stage, expected);
    let permission = json!({
        "Action": "lambda:InvokeFunction",
        "FunctionName": "CallbackFunction",
        "Principal": "apigateway.amazonaws.com",
        "SourceArn": "arn:aws:execute-api:us-east-1:123456789012:Api/*",
    });
    assert_eq!(stack.properties("ApiPermission"), permission);
}

#[test]
fn the_login_pages_have_the_given_rate_and_burst_limit() {
    let stack = stack(&[("ThrottlingRateLimit", "7"), ("ThrottlingBurstLimit", "9")]);
    let limits = json!({"ThrottlingRateLimit": "7", "ThrottlingBurstLimit": "9"});
    let stage = stack.properties("ApiStage");
    assert_eq!(stage["DefaultRouteSettings"], limits);
    for (route, settings) in stage["RouteSettings"].as_object().unwrap() {
        assert_eq!(*settings, limits, "{route}");
    }
}

/// Without a route of its own, a page would share the throttle of `$default` with everything else. `/healthz` does.
#[test]
fn each_page_and_callback_has_a_throttle_of_its_own() {
    let source = std::fs::read_to_string(workspace::root().join("crates/callback/src/routes.rs")).unwrap();
    let served = Regex::new(r#"\.route\("([^"]+)", (get|post)\("#).unwrap();
    let served = served.captures_iter(&source).map(|found| format!("{} {}", found[2].to_uppercase(), &found[1]));
    let expected: BTreeSet<_> = served.filter(|route| route != "GET /healthz").collect();
    assert_eq!(expected.len(), 9);
    let is_choice = |route: &String| route.ends_with("/choose");
    let without_choice = expected.iter().filter(|route| !is_choice(route)).cloned().collect();
    let with_choice = &expected | &BTreeSet::from(["POST /choose".to_owned()]);
    for (provider, expected) in [("instagram", without_choice), ("both", with_choice)] {
        assert_throttled(&stack(&[("Provider", provider)]), &expected);
    }
}

fn assert_throttled(stack: &Stack, expected: &BTreeSet<String>) {
    let stage = stack.properties("ApiStage");
    let throttled: BTreeSet<_> = stage["RouteSettings"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(throttled, *expected);
    let routes: BTreeMap<_, _> =
        types(stack).into_iter().filter(|(_, kind)| kind == "AWS::ApiGatewayV2::Route").collect();
    let mut found = BTreeSet::new();
    for name in routes.keys().filter(|name| *name != "ApiRoute") {
        let route = stack.properties(name);
        assert_eq!(route["Target"], "integrations/ApiIntegration");
        found.insert(route["RouteKey"].as_str().unwrap().to_owned());
        // API Gateway rejects settings of a route that does not exist yet. The stage refers to a route with a condition.
        let before_the_stage = stack.resources()["ApiStage"]["DependsOn"].as_array().unwrap().clone();
        let is_referred_to = stage["StageVariables"][name.as_str()] == json!(name);
        assert!(before_the_stage.contains(&json!(name)) || is_referred_to, "{name}");
    }
    assert_eq!(found, *expected);
}

#[test]
fn each_function_has_its_own_binary_role_and_log_group() {
    let stack = stack(&[("Architecture", "x86_64"), ("Tracing", "on"), ("LogLevel", "WARN")]);
    for (function, binary, role, log, timeout) in [
        ("CallbackFunction", "evertoken-callback", "CallbackRole.Arn", "CallbackLogs", 29),
        ("RefreshFunction", "evertoken-refresh", "RefreshRole.Arn", "RefreshLogs", 900),
    ] {
        let mut properties = stack.properties(function);
        let properties = properties.as_object_mut().unwrap();
        for tested_elsewhere in ["Environment", "Description"] {
            assert!(properties.remove(tested_elsewhere).is_some());
        }
        let expected = json!({
            "Code": {"S3Bucket": "packaged", "S3Key": binary},
            "Runtime": "provided.al2023",
            "Handler": "bootstrap",
            "Architectures": ["x86_64"],
            "MemorySize": 256,
            "Timeout": timeout,
            "Role": role,
            "TracingConfig": {"Mode": "Active"},
            "LoggingConfig":
                {"LogFormat": "JSON", "LogGroup": log, "ApplicationLogLevel": "WARN", "SystemLogLevel": "INFO"},
            "Tags": [{"Key": "lambda:createdBy", "Value": "SAM"}, {"Key": "evertoken:stack", "Value": "end-to-end"}],
        });
        assert_eq!(Value::Object(properties.clone()), expected, "{function}");
    }
}

#[test]
fn a_slow_login_gets_a_page_and_a_slow_removal_is_kept_before_the_function_and_the_api_time_out() {
    let stack = stack(&[]);
    let function = Duration::from_secs(stack.properties("CallbackFunction")["Timeout"].as_u64().unwrap());
    let api = Duration::from_millis(stack.properties("ApiIntegration")["TimeoutInMillis"].as_u64().unwrap());
    let TimeLimits { provider, login, response, removal } = TimeLimits::default();
    assert!(provider < login && login < response && response < function && function < api);
    assert!(login <= Duration::from_secs(25));
    // A call to AWS ends after twelve seconds.
    assert!(removal + Duration::from_secs(12) < function);
}

#[test]
fn the_schedule_invokes_the_refresh_and_failures_go_to_the_dead_letter_queue() {
    let stack = stack(&[]);
    let schedule = stack.properties("RefreshFunctionTick");
    assert_eq!((&schedule["ScheduleExpression"], &schedule["State"]), (&json!("rate(6 hours)"), &json!("ENABLED")));
    assert_eq!(schedule["FlexibleTimeWindow"], json!({"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 30}));
    let target = json!({
        "Arn": "RefreshFunction.Arn",
        "RoleArn": "SchedulerRole.Arn",
        "Input": r#"{"version":1}"#,
        "RetryPolicy": {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 3600},
        "DeadLetterConfig": {"Arn": "DeadLetterQueue.Arn"},
    });
    assert_eq!(schedule["Target"], target);
    let grant = |action: &str, resource: &str| Grant {
        action: action.to_owned(),
        resource: resource.to_owned(),
        condition: "null".to_owned(),
    };
    let expected =
        [grant("lambda:InvokeFunction", "RefreshFunction.Arn"), grant("sqs:SendMessage", "DeadLetterQueue.Arn")];
    assert_eq!(granted(&stack, "SchedulerRole"), BTreeSet::from(expected));
    let retries = json!({
        "FunctionName": "RefreshFunction",
        "Qualifier": "$LATEST",
        "MaximumRetryAttempts": 1,
        "MaximumEventAgeInSeconds": 3600,
        "DestinationConfig": {"OnFailure": {"Destination": "DeadLetterQueue.Arn"}},
    });
    assert_eq!(stack.properties("RefreshFunctionEventInvokeConfig"), retries);
    // Removal requests that the schedule sends again.
    let kept = json!({
        "FunctionName": "CallbackFunction",
        "Qualifier": "$LATEST",
        "DestinationConfig": {"OnFailure": {"Destination": "DeadLetterQueue.Arn"}},
    });
    assert_eq!(stack.properties("CallbackFunctionEventInvokeConfig"), kept);
    let queue = stack.properties("DeadLetterQueue");
    assert_eq!((&queue["SqsManagedSseEnabled"], &queue["MessageRetentionPeriod"]), (&json!(true), &json!(1_209_600)));
}

#[test]
fn the_schedule_can_be_changed_and_turned_off() {
    let stack = stack(&[("RefreshEveryHours", "2"), ("Schedule", "off")]);
    let schedule = stack.properties("RefreshFunctionTick");
    assert_eq!((&schedule["ScheduleExpression"], &schedule["State"]), (&json!("rate(2 hours)"), &json!("DISABLED")));
    let variables = &stack.properties("RefreshFunction")["Environment"]["Variables"];
    assert_eq!(variables["EVERTOKEN_REFRESH_EVERY_HOURS"], "2");
}

#[test]
fn the_binary_chooses_the_graph_version_unless_a_parameter_does() {
    for version in ["", "v27.0"] {
        let stack = stack(&[("GraphVersion", version)]);
        for function in ["CallbackFunction", "RefreshFunction"] {
            let variables = &stack.properties(function)["Environment"]["Variables"];
            assert_eq!(variables["EVERTOKEN_GRAPH_VERSION"], version);
        }
        let feeds = feed_stack(&[("GraphVersion", version)]);
        assert_eq!(feeds.properties("Function")["Environment"]["Variables"]["EVERTOKEN_GRAPH_VERSION"], version);
    }
}

#[test]
fn an_output_warns_if_nobody_is_alerted() {
    let alerts = |parameters| stack(parameters).outputs()["Alerts"].clone();
    assert!(alerts(&[]).starts_with("WARNING: nobody."));
    assert!(alerts(&[("AlarmEmail", "me@example.com")]).starts_with("me@example.com, after"));
    let topic = "arn:aws:sns:us-east-1:123456789012:alarms";
    assert_eq!(alerts(&[("AlarmTopicArn", topic)]), topic);
}

#[test]
fn only_one_service_can_assume_each_role() {
    let stack = stack(&[]);
    for (role, service) in [
        ("CallbackRole", "lambda.amazonaws.com"),
        ("RefreshRole", "lambda.amazonaws.com"),
        ("SchedulerRole", "scheduler.amazonaws.com"),
    ] {
        assert_trusts_only(&stack, role, service);
    }
}

#[test]
fn deleting_the_stack_keeps_all_secrets_by_default() {
    let stack = stack(&[]);
    for (name, resource) in stack.resources() {
        if resource["Type"] == "AWS::SecretsManager::Secret" {
            assert_eq!(resource["DeletionPolicy"], "RetainExceptOnCreate", "{name}");
            assert_eq!(resource["UpdateReplacePolicy"], "Retain", "{name}");
            let secret = resource["Properties"]["Name"].as_str().unwrap();
            assert!(
                !secret.starts_with("evertoken/accounts/"),
                "logins create the accounts' secrets, not the stack: {secret}"
            );
        }
    }
    let kept = &stack.outputs()["KeptAfterDeletion"];
    for secret in ["evertoken/accounts/", "evertoken/app", "evertoken/signing"] {
        assert!(kept.contains(secret), "{kept}");
    }
    let deleting = Stack::new(Template::main(), &[("AccountsOnDeletion", "remove")]).unwrap();
    assert!(deleting.outputs()["KeptAfterDeletion"].contains("You can restore the accounts' secrets for 7 days"));
}

#[test]
fn both_secrets_use_the_given_kms_key() {
    let key = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    let stack = stack(&[("VaultPrefix", "shop-evertoken"), ("KmsKeyArn", key)]);
    let secret = stack.properties("AppSecret");
    assert_eq!((&secret["Name"], &secret["KmsKeyId"]), (&json!("shop-evertoken/app"), &json!(key)));
    let secret = stack.properties("SigningSecret");
    assert_eq!((&secret["Name"], &secret["KmsKeyId"]), (&json!("shop-evertoken/signing"), &json!(key)));
    // The signing key must have at least 32 characters.
    assert_eq!(secret["GenerateSecretString"], json!({"PasswordLength": 64, "ExcludePunctuation": true}));
    assert_eq!(Stack::new(Template::main(), &[]).unwrap().properties("AppSecret").get("KmsKeyId"), None);
}

/// CloudFormation writes a secret whenever its `SecretString` changes. It is therefore the text that earlier versions of the
/// template had for empty parameters; where they had others, the secret leaves the stack and is retained (docs/decisions/0033).
#[test]
fn no_deployment_changes_an_existing_app_secret() {
    let created = stack(&[]);
    let empty = r#"{"app_id":"","app_secret":"","previous_app_secrets":[]}"#;
    assert_eq!(created.properties("AppSecret")["SecretString"], empty);
    let set_by_parameters = stack(&[("InstagramAppId", "1234567890123456")]);
    assert!(!set_by_parameters.resources().contains_key("AppSecret"));
    for stack in [created, set_by_parameters] {
        let variables = &stack.properties("CallbackFunction")["Environment"]["Variables"];
        assert_eq!(variables["EVERTOKEN_APP_SECRET_NAME"], "evertoken/app");
    }
    let definition = &Template::main().0["Resources"]["AppSecret"];
    assert_eq!(definition["DeletionPolicy"], "RetainExceptOnCreate");
    assert!(definition["Properties"]["SecretString"].is_string(), "no parameter may change the text");
}

#[test]
fn log_groups_have_the_given_retention() {
    let stack = stack(&[("LogRetentionDays", "365")]);
    for (log, name) in [("CallbackLogs", "callback"), ("RefreshLogs", "refresh")] {
        let log = stack.properties(log);
        assert_eq!(log["LogGroupName"], format!("/aws/lambda/end-to-end/{name}"));
        assert_eq!(log["RetentionInDays"], "365");
    }
}

#[test]
fn every_taggable_resource_is_tagged_with_the_stack() {
    let parameters =
        [("PublicUrl", "https://a.example"), ("CertificateArn", CERTIFICATE), ("AlarmEmail", "me@example.com")];
    let untagged = [
        "AWS::ApiGatewayV2::ApiMapping",
        "AWS::ApiGatewayV2::Integration",
        "AWS::ApiGatewayV2::Route",
        "AWS::ApiGatewayV2::Stage", // supports tags, but its API has them already
        "AWS::IAM::Policy",
        "AWS::Lambda::EventInvokeConfig",
        "AWS::Lambda::Permission",
        "AWS::Scheduler::Schedule",
    ];
    assert_tagged(&stack(&parameters), &untagged);
}

#[test]
fn a_custom_domain_is_served_and_used_in_all_urls() {
    let default = stack(&[]);
    let api_url = "https://Api.execute-api.us-east-1.amazonaws.com";
    assert_eq!(default.outputs()["RedirectUri"], format!("{api_url}/callback"));
    assert!(!default.outputs().contains_key("DomainTarget"));
    let behind_proxy = stack(&[("PublicUrl", "https://login.example.com")]);
    assert!(!behind_proxy.resources().contains_key("ApiDomain"));
    // The proxy calls the API at its own URL.
    for stack in [&default, &behind_proxy] {
        assert_eq!(stack.properties("Api").get("DisableExecuteApiEndpoint"), None);
    }
    let served = stack(&[("PublicUrl", "https://login.example.com"), ("CertificateArn", CERTIFICATE)]);
    assert_eq!(served.properties("Api")["DisableExecuteApiEndpoint"], true);
    let own_url = |value: &Value| value.to_string().contains("Api.execute-api.");
    assert!(!served.outputs().values().any(|output| output.contains("execute-api.")), "{:?}", served.outputs());
    let domain = served.properties("ApiDomain");
    assert_eq!(domain["DomainName"], "login.example.com");
    let configuration =
        json!([{"CertificateArn": CERTIFICATE, "EndpointType": "REGIONAL", "SecurityPolicy": "TLS_1_2"}]);
    assert_eq!(domain["DomainNameConfigurations"], configuration);
    let mapping = json!({"ApiId": "Api", "DomainName": "ApiDomain", "Stage": "ApiStage"});
    assert_eq!(served.properties("ApiMapping"), mapping);
    assert_eq!(served.outputs()["DomainTarget"], "ApiDomain.RegionalDomainName");
    for stack in [behind_proxy, served] {
        for function in ["CallbackFunction", "RefreshFunction"] {
            let variables = &stack.properties(function)["Environment"]["Variables"];
            assert!(!own_url(variables), "{function}");
            assert_eq!(variables["EVERTOKEN_PUBLIC_URL"], "https://login.example.com");
        }
        let outputs = stack.outputs();
        assert_eq!(outputs["ConnectUrl"], "https://login.example.com/");
        for (output, path) in
            [("RedirectUri", "callback"), ("DeauthorizeUrl", "deauthorize"), ("DataDeletionUrl", "data-deletion")]
        {
            assert_eq!(outputs[output], format!("https://login.example.com/{path}"));
        }
    }
}

#[test]
fn no_function_has_a_vpc_or_reserved_concurrency() {
    for (name, resource) in stack(&[]).resources() {
        for absent in ["VpcConfig", "ReservedConcurrentExecutions"] {
            assert!(resource["Properties"].get(absent).is_none(), "{name} has {absent}");
        }
    }
}

#[test]
fn reserved_concurrency_limits_the_login_pages_only() {
    let stack = stack(&[("ReservedConcurrency", "5")]);
    assert_eq!(stack.properties("CallbackFunction")["ReservedConcurrentExecutions"], "5");
    assert!(stack.properties("RefreshFunction").get("ReservedConcurrentExecutions").is_none());
}

#[test]
fn the_scheduler_may_send_removals_to_the_callback_function_only() {
    let policy = stack(&[]).properties("RemovalPolicy");
    assert_eq!(policy["Roles"], json!(["SchedulerRole"]));
    let statement = json!([{
        "Sid": "SendRemovalsAgain",
        "Effect": "Allow",
        "Action": "lambda:InvokeFunction",
        "Resource": "CallbackFunction.Arn",
    }]);
    assert_eq!(policy["PolicyDocument"]["Statement"], statement);
}

#[test]
fn only_secrets_of_this_aws_account_can_invoke_the_rotation() {
    let permission = json!({
        "Action": "lambda:InvokeFunction",
        "FunctionName": "RefreshFunction",
        "Principal": "secretsmanager.amazonaws.com",
        "SourceAccount": "123456789012",
    });
    assert_eq!(stack(&[("Rotation", "on")]).properties("RotationPermission"), permission);
}

#[test]
fn the_infra_readme_states_the_resource_counts() {
    let readme = std::fs::read_to_string(workspace::root().join("infra/README.md")).unwrap();
    let count = |template: &Template| template.section("Resources").count();
    for row in [
        format!("| `template.yaml`, after SAM | {} | {} |", count(Template::main()), stack(&[]).resources().len()),
        format!("| `infra/alarms.yaml` | {} | 0 |", count(Template::alarms())),
        format!("| `infra/removal.yaml` | {} | 0 |", count(Template::removal())),
        format!("| `infra/feed.yaml`, after SAM | {} | 0 |", count(Template::feed())),
        format!("| `infra/packed.yaml` | {} | 0 |", count(Template::packed())),
        format!("| `infra/reader.yaml`, after SAM | {} | 0 |", count(Template::reader())),
    ] {
        assert!(readme.contains(&row), "infra/README.md does not contain: {row}");
    }
    // CloudFormation accepts 1 MB, but a readable template is far smaller.
    for template in [
        "template.yaml",
        "infra/alarms.yaml",
        "infra/removal.yaml",
        "infra/feed.yaml",
        "infra/packed.yaml",
        "infra/reader.yaml",
    ] {
        let bytes = std::fs::metadata(workspace::root().join(template)).unwrap().len();
        assert!(bytes < 51_200, "{template} has {bytes} bytes");
    }
}

#[test]
fn the_outputs_contain_commands_that_create_an_invite_and_print_a_token() {
    let outputs = stack(&[]).outputs();
    let url = "https://Api.execute-api.us-east-1.amazonaws.com";
    let invite = format!("evertoken invite --signing-secret SigningSecret --public-url {url} --name my-shop");
    assert_eq!(outputs["InviteCommand"], invite);
    let read = "aws secretsmanager get-secret-value --region us-east-1 --secret-id evertoken/accounts/my-shop \
                --query SecretString --output text | jq -r .access_token";
    assert_eq!(outputs["ReadTokenCommand"], read);
    let own_url = stack(&[("PublicUrl", "https://login.example.com"), ("Layout", "packed")]).outputs();
    assert!(own_url["InviteCommand"].as_str().contains(" --public-url https://login.example.com --name "));
    // A new account is in a pack, which only the command reads.
    assert_eq!(own_url["ReadTokenCommand"], "evertoken token my-shop --stack end-to-end");
}
