//! `sam build` compiles the Lambda functions without the features that only the command and the tests ask for.

use std::process::Command;

use evertoken_tests::workspace;

/// Returns the features that a build of the default members enables in a package.
fn features(package: &str) -> String {
    tree(&["--invert", package, "--depth", "0"])
}

/// Returns the packages and features of a build of the default members.
fn tree(arguments: &[&str]) -> String {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--edges", "normal,features", "--prefix", "none", "--format", "{p} {f}"])
        .args(arguments)
        .current_dir(workspace::root())
        .output()
        .unwrap();
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    String::from_utf8(tree.stdout).unwrap()
}

#[test]
fn the_lambda_functions_have_no_feature_of_the_command_or_of_the_tests() {
    let sdk = features("aws-config");
    assert!(sdk.contains("rt-tokio"), "{sdk}");
    for feature in ["sso", "credentials-login", "credentials-process"] {
        assert!(!sdk.contains(feature), "{sdk}");
    }
    for package in ["evertoken-core", "evertoken-https"] {
        let features = features(package);
        assert!(features.contains(package) && !features.contains("test-support"), "{features}");
    }
}

/// `sam build` compiles the publisher of feeds in its own folder. As a default member, it would add these to the other two.
#[test]
fn the_login_pages_and_the_refresh_have_nothing_of_the_feeds() {
    let all = tree(&[]);
    assert!(all.contains("aws-sdk-secretsmanager v"));
    for package in ["aws-sdk-s3", "aws-sdk-cloudfront", "image", "evertoken-feed"] {
        assert!(!all.contains(&format!("{package} v")), "{package}");
    }
    let runtime = features("aws-runtime");
    assert!(runtime.contains("aws-runtime") && !runtime.contains("event-stream"), "{runtime}");
}
