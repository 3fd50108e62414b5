//! A parameter that cannot be is refused by the template itself, with words.

use evertoken_tests::stack::Stack;
use evertoken_tests::template::Template;
use serde_json::Value;

const APP: [(&str, &str); 2] =
    [("InstagramAppId", "1234567890123456"), ("InstagramAppSecret", "0123456789abcdef0123456789abcdef")];

fn accepted(parameters: &[(&str, &str)]) {
    Stack::new(Template::main(), parameters).unwrap_or_else(|words| panic!("{parameters:?}: {words}"));
}

fn refused(parameters: &[(&str, &str)], words: &str) {
    match Stack::new(Template::main(), parameters) {
        Ok(_) => panic!("{parameters:?} was accepted"),
        Err(refusal) => assert!(refusal.contains(words), "{parameters:?}: {refusal}"),
    }
}

#[test]
fn a_stack_needs_no_parameter() {
    accepted(&[]);
    accepted(&APP);
}

#[test]
fn what_is_out_of_range_is_refused_with_words() {
    for (name, value, words) in [
        ("InstagramAppId", "my-app", "must be the Instagram app ID, digits only"),
        ("InstagramAppSecret", " 0123456789abcdef0123456789abcdef", "without spaces around it"),
        ("Scopes", "instagram_business_basic, instagram_business_manage_comments", "no spaces"),
        ("Scopes", "instagram_business_manage_comments", "instagram_business_basic among them"),
        ("Scopes", "", "instagram_business_basic among them"),
        ("GraphVersion", "26", "must look like v26.0"),
        ("LoginMode", "anybody", "must be one of invited, open"),
        ("ReturnUrls", "http://shop.example", "https addresses with commas between"),
        ("ReturnUrls", "https://a.example, https://b.example", "no spaces"),
        ("PublicUrl", "https://login.example.com/", "without a slash at the end"),
        ("PublicUrl", "http://login.example.com", "must be empty, or https:// and a host"),
        ("CertificateArn", "arn:aws:iam::123456789012:server-certificate/a", "ARN of an ACM certificate"),
        ("ThrottlingRateLimit", "0", "must be a number from 1 to 1000"),
        ("ThrottlingBurstLimit", "2001", "must be a number from 1 to 2000"),
        ("VaultPrefix", "/evertoken", "with a letter or digit at both ends"),
        ("VaultPrefix", "", "1 to 64"),
        ("RefreshAfterDays", "51", "must be a number of days from 1 to 50"),
        ("RefreshAfterDays", "twenty", "must be a number"),
        ("Concurrency", "65", "must be a number from 1 to 64"),
        ("WritesPerSecond", "0", "must be a number from 1 to 50"),
        ("EventBusName", "a bus", "must be the name of an event bus"),
        ("Rotation", "yes", "must be one of on, off"),
        ("AccountsOnDeletion", "delete", "must be one of keep, remove"),
        ("Architecture", "arm", "must be one of arm64, x86_64"),
        ("LogLevel", "TRACE", "must be one of ERROR, WARN, INFO, DEBUG"),
        ("LogRetentionDays", "2", "must be one of 1, 3, 5"),
        ("Tracing", "true", "must be one of on, off"),
        ("KmsKeyArn", "arn:aws:kms:us-east-1:123456789012:alias/mine", "not of an alias"),
        ("PermissionsBoundary", "boundary", "must be empty, or the ARN of an IAM policy"),
        ("AlarmEmail", "me@example.com, you@example.com", "one e-mail address"),
        ("AlarmTopicArn", "arn:aws:sns:us-east-1:123456789012:alarms.fifo", "a standard SNS topic"),
    ] {
        refused(&[(name, value)], words);
    }
}

#[test]
fn parameters_that_need_each_other_are_refused_alone() {
    for half in APP {
        refused(&[half], "Give both, or neither");
    }
    let certificate = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d-0000-1111-2222-333344445555";
    refused(&[("CertificateArn", certificate)], "CertificateArn needs PublicUrl");
    accepted(&[("CertificateArn", certificate), ("PublicUrl", "https://login.example.com")]);
    let topic = ("AlarmTopicArn", "arn:aws:sns:us-east-1:123456789012:alarms");
    refused(&[topic, ("AlarmEmail", "me@example.com")], "Give AlarmEmail or AlarmTopicArn");
    accepted(&[topic]);
}

#[test]
fn every_parameter_says_what_it_is_and_what_it_may_be() {
    for (name, definition) in Template::main().section("Parameters") {
        assert!(definition["Description"].is_string(), "{name} has no description");
        let bounded =
            ["AllowedPattern", "AllowedValues", "MinValue"].iter().any(|bound| definition.get(bound).is_some());
        assert!(bounded, "{name} takes anything");
        let listed = definition.get("AllowedValues").is_some();
        assert!(listed || definition["ConstraintDescription"].is_string(), "{name} refuses without words");
    }
    let groups = &Template::main().0["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"];
    let shown = groups.as_array().unwrap().iter().flat_map(|group| group["Parameters"].as_array().unwrap());
    let mut shown: Vec<&str> = shown.filter_map(Value::as_str).collect();
    let mut all: Vec<&str> = Template::main().section("Parameters").map(|(name, _)| name).collect();
    shown.sort_unstable();
    all.sort_unstable();
    assert_eq!(shown, all, "the console groups each parameter once");
}
