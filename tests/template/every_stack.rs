//! What holds for the main stack and its nested stacks, and permissions that no recorded call of a function shows.

use std::collections::BTreeSet;

use evertoken_tests::permissions::{Grant, granted};
use evertoken_tests::stack::Stack;
use evertoken_tests::template::Template;
use serde_json::{Value, json};

use crate::alarm_checks::properties_by_type;

const KEY: &str = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/// The main stack with all nested stacks, and these parameters.
fn stacks(parameters: &[(&str, &str)]) -> [(&'static str, Stack); 6] {
    let all_on = [
        ("AlarmEmail", "me@example.com"),
        ("AccountsOnDeletion", "remove"),
        ("Feed", "on"),
        ("Layout", "packed"),
        ("Reader", "on"),
    ];
    let main = Stack::new(Template::main(), &[&all_on, parameters].concat()).unwrap();
    let rule = "arn:aws:events:us-east-1:123456789012:rule/needs-a-person";
    [
        ("Alarms", main.nested("Alarms", Template::alarms()).with("NeedsAPerson.Arn", rule)),
        ("Feeds", main.nested("Feeds", Template::feed())),
        ("Packed", main.nested("Packed", Template::packed())),
        ("Removal", main.nested("Removal", Template::removal())),
        ("TokenReader", main.nested("TokenReader", Template::reader())),
        ("main", main),
    ]
}

fn grant(action: &str, resource: &str, condition: &Value) -> Grant {
    Grant { action: action.to_owned(), resource: resource.to_owned(), condition: condition.to_string() }
}

/// Each function with its stack, its role, its log group, and whether it is invoked asynchronously.
const FUNCTIONS: [(&str, &str, &str, &str, bool); 6] = [
    ("Feeds", "Function", "Role", "Logs", true),
    ("Feeds", "RemovalFunction", "RemovalRole", "RemovalLogs", false),
    ("Removal", "Function", "Role", "Logs", false),
    ("TokenReader", "Function", "Role", "Logs", false),
    ("main", "CallbackFunction", "CallbackRole", "CallbackLogs", true),
    ("main", "RefreshFunction", "RefreshRole", "RefreshLogs", true),
];

/// No function makes these calls, so the tests that compare a role with recorded calls leave them out.
#[test]
fn aws_may_write_each_functions_own_log_and_send_its_failures_to_the_dead_letter_queue() {
    let stacks = stacks(&[("Tracing", "on")]);
    let mut checked = Vec::new();
    for (stack_name, stack) in &stacks {
        for (name, function) in properties_by_type(stack, "AWS::Lambda::Function") {
            let found = FUNCTIONS.iter().find(|(stack, function, ..)| stack == stack_name && *function == name);
            let (.., role, log, is_asynchronous) = *found.unwrap_or_else(|| panic!("{stack_name}/{name} is unknown"));
            assert_eq!(function["Role"], format!("{role}.Arn"), "{stack_name}/{name}");
            assert_eq!(function["LoggingConfig"]["LogGroup"], log, "{stack_name}/{name}");
            let group = format!("{log}.Arn");
            let mut expected = BTreeSet::from([
                grant("logs:CreateLogStream", &group, &Value::Null),
                grant("logs:PutLogEvents", &group, &Value::Null),
            ]);
            if is_asynchronous {
                expected.insert(grant("sqs:SendMessage", "DeadLetterQueue.Arn", &Value::Null));
            }
            if function["TracingConfig"]["Mode"] == "Active" {
                let actions = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"];
                expected.extend(actions.map(|action| grant(action, "*", &Value::Null)));
            }
            let is_by_aws = |grant: &Grant| {
                let service = grant.action.split(':').next().unwrap();
                ["logs", "sqs", "xray"].contains(&service)
            };
            let by_aws: BTreeSet<Grant> = granted(stack, role).into_iter().filter(is_by_aws).collect();
            assert_eq!(by_aws, expected, "{stack_name}/{name}");
            checked.push((*stack_name, name));
        }
    }
    assert_eq!(checked, FUNCTIONS.map(|(stack, function, ..)| (stack, function.to_owned())));
}

#[test]
fn a_login_through_facebook_adds_only_the_permission_to_read_the_apps_secret() {
    let roles = |provider: &str| {
        let main = Stack::new(Template::main(), &[("Feed", "on"), ("Provider", provider)]).unwrap();
        let feeds = main.nested("Feeds", Template::feed());
        [granted(&main, "CallbackRole"), granted(&main, "RefreshRole"), granted(&feeds, "Role")]
    };
    let app = "arn:aws:secretsmanager:us-east-1:123456789012:secret:evertoken/app-??????";
    let read = BTreeSet::from([grant("secretsmanager:GetSecretValue", app, &Value::Null)]);
    for provider in ["facebook", "both"] {
        let both = roles(provider).into_iter().zip(roles("instagram"));
        let added: Vec<_> = both.map(|(with, without)| &with - &without).collect();
        // The login pages read it for every login.
        assert_eq!(added, [BTreeSet::new(), read.clone(), read.clone()], "{provider}");
    }
}

#[test]
fn every_function_that_calls_facebook_reads_the_apps_secret_of_the_stacks_prefix() {
    for (provider, expected) in
        [("instagram", json!(null)), ("facebook", json!("shop/app")), ("both", json!("shop/app"))]
    {
        let main =
            Stack::new(Template::main(), &[("Feed", "on"), ("Provider", provider), ("VaultPrefix", "shop")]).unwrap();
        let feeds = main.nested("Feeds", Template::feed());
        for (stack, function) in [(&main, "RefreshFunction"), (&feeds, "Function")] {
            let variables = stack.properties(function)["Environment"]["Variables"].clone();
            assert_eq!(variables["EVERTOKEN_APP_SECRET_NAME"], expected, "{provider}: {function}");
            assert_eq!(variables["EVERTOKEN_PROVIDER"], provider, "{function}");
        }
    }
}

#[test]
fn packs_add_only_the_permission_to_find_and_read_them_to_the_publisher() {
    let role = |layout: &str| {
        let parameters = [("Feed", "on"), ("KmsKeyArn", KEY), ("Layout", layout)];
        let main = Stack::new(Template::main(), &parameters).unwrap().with("Packed.Outputs.TableName", "the-table");
        granted(&main.nested("Feeds", Template::feed()), "Role")
    };
    let packs = "arn:aws:secretsmanager:us-east-1:123456789012:secret:evertoken/packs/*";
    let table = "arn:aws:dynamodb:us-east-1:123456789012:table/the-table";
    let through_index = json!({"StringEquals": {"kms:ViaService": "dynamodb.us-east-1.amazonaws.com"}});
    let expected = BTreeSet::from([
        grant("dynamodb:BatchGetItem", table, &Value::Null),
        grant("dynamodb:GetItem", table, &Value::Null),
        grant("kms:Decrypt", KEY, &through_index),
        grant("secretsmanager:GetSecretValue", packs, &Value::Null),
    ]);
    assert_eq!(&role("packed") - &role("single"), expected);
}

#[test]
fn every_log_group_keeps_its_logs_for_the_given_days() {
    let mut groups = BTreeSet::new();
    for (stack_name, stack) in stacks(&[("LogRetentionDays", "365")]) {
        for (name, group) in properties_by_type(&stack, "AWS::Logs::LogGroup") {
            assert_eq!(group["RetentionInDays"], "365", "{stack_name}/{name}");
            groups.insert((stack_name, name));
        }
    }
    assert_eq!(groups, FUNCTIONS.map(|(stack, _, _, log, _)| (stack, log.to_owned())).into());
}

#[test]
fn everything_but_the_secrets_and_the_index_is_deleted_with_the_stack() {
    for (stack_name, stack) in stacks(&[("Workers", "2")]) {
        for (name, resource) in stack.resources() {
            if ["AWS::SecretsManager::Secret", "AWS::DynamoDB::Table"].contains(&resource["Type"].as_str().unwrap()) {
                continue;
            }
            for policy in ["DeletionPolicy", "UpdateReplacePolicy"] {
                let is_deleted = resource.get(policy).is_none_or(|value| value == "Delete");
                assert!(is_deleted, "{stack_name}/{name}: {policy} is {}", resource[policy]);
            }
        }
    }
}
