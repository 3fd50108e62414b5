//! The template sets exactly the environment variables that the binaries read.

use std::collections::{BTreeMap, BTreeSet};

use evertoken_tests::child_process::ChildProcess;
use evertoken_tests::stack::Stack;
use evertoken_tests::template::Template;
use evertoken_tests::{binaries, workspace};
use futures_util::future::join_all;
use regex_lite::Regex;
use serde_json::Value;

use crate::feed::feed_stack;
use crate::reader::reader_stack;

/// A value that is invalid for every variable.
const INVALID: &str = "* not \u{1f} a value *";

/// The URLs of Instagram and Facebook, which only tests and the sandbox override.
const NOT_IN_TEMPLATE: [&str; 5] = [
    "EVERTOKEN_AUTHORIZE_URL",
    "EVERTOKEN_FACEBOOK_DIALOG_URL",
    "EVERTOKEN_FACEBOOK_GRAPH_URL",
    "EVERTOKEN_GRAPH_URL",
    "EVERTOKEN_TOKEN_URL",
];

/// For the dialog, which only the login pages open. All functions read it with Facebook's other settings.
const FOR_LOGIN_PAGES: &str = "EVERTOKEN_FACEBOOK_CONFIG_ID";

/// For new secrets. Functions that create none read them with the other settings of the vault.
const FOR_NEW_SECRETS: [&str; 2] = ["EVERTOKEN_ACCOUNT_TAGS", "EVERTOKEN_KMS_KEY"];

/// The binary of a function, and its variables with valid values.
fn function(stack: &Stack, resource: &str) -> (String, BTreeMap<String, String>) {
    let function = stack.properties(resource);
    let variables = function["Environment"]["Variables"].as_object().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let variables = variables.iter().map(|(name, value)| (name.clone(), text(value))).collect();
    (text(&function["Code"]["S3Key"]), variables)
}

/// All names in the source code that this pattern captures.
pub(crate) fn known_names(pattern: &str) -> BTreeSet<String> {
    let name = Regex::new(pattern).unwrap();
    let mut names = BTreeSet::new();
    let mut folders = vec![workspace::root().join("crates")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let source = std::fs::read_to_string(path).unwrap();
                names.extend(name.captures_iter(&source).map(|found| found[1].to_owned()));
            }
        }
    }
    names
}

/// Whether the binary reads a variable. If only that variable has an invalid value, the binary must refuse to start and name
/// it, which it can do only for a variable that it reads.
async fn reads(binary: &str, variables: &BTreeMap<String, String>, name: &str) -> bool {
    // Nothing listens on this port, so a binary that accepts all variables exits as well.
    let lambda = [
        ("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9"),
        ("AWS_LAMBDA_FUNCTION_NAME", "f"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "l"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "l"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ];
    let lambda = lambda.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let mut environment: BTreeMap<String, String> = variables.clone();
    environment.extend(lambda);
    environment.insert(name.to_owned(), INVALID.to_owned());
    let environment: Vec<_> = environment.into_iter().collect();
    let mut process = ChildProcess::start(binaries::path(binary), &[], &environment);
    let code = process.wait_for_exit().await;
    code == 2 && process.stderr().starts_with(&format!("evertoken cannot start: {name} "))
}

/// Compares the variables that the template sets with those that the binary reads, except for some.
async fn assert_reads_exactly_what_the_template_sets(stack: &Stack, resource: &str, except: &[&str]) {
    let (binary, variables) = function(stack, resource);
    let set: BTreeSet<String> = variables.keys().cloned().collect();
    let candidates: BTreeSet<String> = known_names(r#""(EVERTOKEN_[A-Z_]+)""#).union(&set).cloned().collect();
    let answers = join_all(candidates.iter().map(|name| reads(&binary, &variables, name))).await;
    let read = candidates.iter().zip(answers).filter(|(_, reads)| *reads).map(|(name, _)| name.clone());
    let read: BTreeSet<String> =
        read.filter(|name| !NOT_IN_TEMPLATE.contains(&name.as_str()) && !except.contains(&name.as_str())).collect();
    assert_eq!(set, read, "{resource}: variables that the template sets, and variables that {binary} reads");
}

fn main_stack(provider: &str, layout: &str) -> Stack {
    let parameters = [("PublicUrl", "https://login.example.test"), ("Provider", provider), ("Layout", layout)];
    let workers = if layout == "packed" { "2" } else { "0" };
    let parameters = [&parameters[..], &[("Workers", workers)]].concat();
    let stack = Stack::new(Template::main(), &parameters).unwrap().with("Packed.Outputs.TableName", "the-table");
    let stack = stack.with("Packed.Outputs.QueueUrl", "https://sqs.us-east-1.amazonaws.com/123456789012/work");
    stack.with("SigningSecret", "evertoken/signing").with_arns()
}

#[tokio::test]
async fn the_callback_function_reads_exactly_what_the_template_sets() {
    for (provider, layout) in [("instagram", "single"), ("both", "packed")] {
        let stack = main_stack(provider, layout);
        assert_reads_exactly_what_the_template_sets(&stack, "CallbackFunction", &[]).await;
    }
}

#[tokio::test]
async fn the_refresh_function_reads_exactly_what_the_template_sets() {
    for (provider, layout) in [("instagram", "single"), ("facebook", "packed")] {
        let stack = main_stack(provider, layout);
        assert_reads_exactly_what_the_template_sets(&stack, "RefreshFunction", &[FOR_LOGIN_PAGES]).await;
    }
}

#[tokio::test]
async fn the_publisher_of_feeds_reads_exactly_what_the_template_sets() {
    for provider in ["instagram", "both"] {
        let stack = feed_stack(&[("Provider", provider)]).with("Bucket", "feeds");
        let stack = stack.with("Distribution", "EDFDVBD6EXAMPLE");
        let stack = stack.with("Distribution.DomainName", "d111111abcdef8.cloudfront.net");
        let except = [&FOR_NEW_SECRETS[..], &[FOR_LOGIN_PAGES]].concat();
        assert_reads_exactly_what_the_template_sets(&stack, "Function", &except).await;
    }
}

#[tokio::test]
async fn the_reader_reads_exactly_what_the_template_sets() {
    assert_reads_exactly_what_the_template_sets(&reader_stack(&[]), "Function", &FOR_NEW_SECRETS).await;
}
