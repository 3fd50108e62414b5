//! The variables that the template sets are those that the binaries read, both ways.

use std::collections::{BTreeMap, BTreeSet};

use evertoken_tests::leashed::Leashed;
use evertoken_tests::stack::Stack;
use evertoken_tests::template::Template;
use evertoken_tests::{binaries, venv};
use futures_util::future::join_all;
use regex_lite::Regex;
use serde_json::Value;

/// A value that none of them may hold.
const NONSENSE: &str = "* not \u{1f} a value *";

/// Where Instagram is: a template has no reason to say so, tests and stand-ins have.
const ELSEWHERE: [&str; 3] = ["EVERTOKEN_AUTHORIZE_URL", "EVERTOKEN_GRAPH_URL", "EVERTOKEN_TOKEN_URL"];

/// A function's binary, and its variables with values that it takes.
fn function(resource: &str) -> (String, BTreeMap<String, String>) {
    let parameters = [("PublicUrl", "https://login.example.test")];
    let stack = Stack::new(Template::main(), &parameters).unwrap();
    let stack = stack.with("AppSecret", "evertoken/app").with("SigningSecret", "evertoken/signing");
    let function = stack.properties(resource);
    let variables = function["Environment"]["Variables"].as_object().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let variables = variables.iter().map(|(name, value)| (name.clone(), text(value))).collect();
    (text(&function["Code"]["S3Key"]), variables)
}

/// Every name that the sources know.
fn known_names() -> BTreeSet<String> {
    let name = Regex::new(r#""(EVERTOKEN_[A-Z_]+)""#).unwrap();
    let mut names = BTreeSet::new();
    let mut folders = vec![venv::root().join("crates")];
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

/// Whether the binary reads a variable: with nonsense in it, and the others as the template sets them, it says no and
/// names it. It says so before it does anything else, and what it does not read it cannot name.
async fn reads(binary: &str, variables: &BTreeMap<String, String>, name: &str) -> bool {
    // Nobody answers there: a binary that takes what it was given ends as well.
    let of_lambda = [
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
    let of_lambda = of_lambda.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let mut environment: BTreeMap<String, String> = variables.clone();
    environment.extend(of_lambda);
    environment.insert(name.to_owned(), NONSENSE.to_owned());
    let environment: Vec<_> = environment.into_iter().collect();
    let mut process = Leashed::start(binaries::path(binary), &[], &environment);
    let code = process.ended().await;
    code == 2 && process.stderr().starts_with(&format!("evertoken cannot start: {name} "))
}

async fn assert_same(resource: &str) {
    let (binary, variables) = function(resource);
    let set: BTreeSet<String> = variables.keys().cloned().collect();
    let asked: BTreeSet<String> = known_names().union(&set).cloned().collect();
    let answers = join_all(asked.iter().map(|name| reads(&binary, &variables, name))).await;
    let read = asked.iter().zip(answers).filter(|(_, reads)| *reads).map(|(name, _)| name.clone());
    let read: BTreeSet<String> = read.filter(|name| !ELSEWHERE.contains(&name.as_str())).collect();
    assert_eq!(set, read, "{resource}: what the template sets, and what {binary} reads");
}

#[tokio::test]
async fn the_pages_read_what_the_template_sets_and_nothing_else() {
    assert_same("CallbackFunction").await;
}

#[tokio::test]
async fn the_refresh_reads_what_the_template_sets_and_nothing_else() {
    assert_same("RefreshFunction").await;
}
