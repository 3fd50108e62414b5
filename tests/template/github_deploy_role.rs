//! `infra/github-deploy-role.yaml`: who can deploy from GitHub.

use std::process::Command;

use evertoken_tests::stack::Stack;
use evertoken_tests::template::Template;
use evertoken_tests::{venv, workspace};
use serde_json::json;

const POLICY: &str = "arn:aws:iam::123456789012:policy/deployers";

fn stack(parameters: &[(&str, &str)]) -> Stack {
    let translated = Command::new(venv::python())
        .arg(workspace::root().join("tests/support/translate.py"))
        .arg(workspace::root().join("infra/github-deploy-role.yaml"))
        .output()
        .unwrap();
    assert!(translated.status.success(), "{}", String::from_utf8_lossy(&translated.stderr));
    let template = Template(serde_json::from_slice(&translated.stdout).unwrap());
    let required = [("Repository", "you/evertoken"), ("PolicyArn", POLICY)];
    Stack::new(&template, &[&required, parameters].concat()).unwrap()
}

#[test]
fn only_jobs_in_one_environment_of_the_repository_can_assume_the_deploy_role() {
    let existing = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com";
    for (parameters, provider, environment) in [
        (&[][..], "Provider", "production"),
        (&[("ProviderArn", existing), ("Environment", "staging")][..], existing, "staging"),
    ] {
        let stack = stack(parameters);
        let trust = json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Principal": {"Federated": provider},
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {"StringEquals": {
                    "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
                    "token.actions.githubusercontent.com:sub": format!("repo:you/evertoken:environment:{environment}"),
                }},
            }],
        });
        let role = stack.properties("Role");
        assert_eq!(role["AssumeRolePolicyDocument"], trust);
        assert_eq!((&role["ManagedPolicyArns"], role.get("Policies")), (&json!([POLICY]), None));
        assert_eq!(stack.resources().contains_key("Provider"), provider == "Provider");
    }
    let provider = json!({"Url": "https://token.actions.githubusercontent.com", "ClientIdList": ["sts.amazonaws.com"]});
    assert_eq!(stack(&[]).properties("Provider"), provider);
}
