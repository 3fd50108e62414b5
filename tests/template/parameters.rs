//! The template rejects invalid parameters with an explanation.

use evertoken_tests::stack::Stack;
use evertoken_tests::template::Template;
use evertoken_tests::workspace;
use serde_json::Value;

fn assert_accepted(parameters: &[(&str, &str)]) {
    Stack::new(Template::main(), parameters).unwrap_or_else(|message| panic!("{parameters:?}: {message}"));
}

fn assert_rejected(parameters: &[(&str, &str)], explanation: &str) {
    match Stack::new(Template::main(), parameters) {
        Ok(_) => panic!("{parameters:?} was accepted"),
        Err(message) => assert!(message.contains(explanation), "{parameters:?}: {message}"),
    }
}

#[test]
fn all_parameters_are_optional() {
    assert_accepted(&[]);
}

/// SAM prompts for parameters in the template's order, and never accepts an empty answer for a `NoEcho` parameter
/// (aws-sam-cli 1.170, `GuidedContext.prompt_parameters`).
#[test]
fn the_guided_deployment_asks_for_the_alarm_address_first_and_for_no_secret() {
    let source = std::fs::read_to_string(workspace::root().join("template.yaml")).unwrap();
    let (_, parameters) = source.split_once("\nParameters:\n").unwrap();
    let mut names = parameters.lines().filter_map(|line| line.strip_prefix("  ")?.strip_suffix(':'));
    assert_eq!(names.find(|line| !line.starts_with([' ', '#'])), Some("AlarmEmail"));
    for (name, definition) in Template::main().section("Parameters") {
        assert!(definition.get("NoEcho").is_none(), "sam deploy --guided cannot leave {name} empty");
        assert!(definition.get("Default").is_some(), "sam deploy --guided cannot leave {name} empty");
    }
}

#[test]
fn each_parameter_has_the_documented_default() {
    let docs = std::fs::read_to_string(workspace::root().join("docs/deploy.md")).unwrap();
    for (name, definition) in Template::main().section("Parameters") {
        let default = match &definition["Default"] {
            Value::String(text) if text.is_empty() => "empty".to_owned(),
            Value::String(text) => format!("`{text}`"),
            number => format!("`{number}`"),
        };
        let row = format!("\n| `{name}` | {default} | ");
        assert!(docs.contains(&row), "the documentation has no row {row:?}");
    }
}

#[test]
fn rejects_invalid_values_with_an_explanation() {
    for (name, value, explanation) in [
        ("InstagramAppId", "my-app", "or empty in a new stack"),
        ("Scopes", "instagram_business_basic, instagram_business_manage_comments", "without spaces"),
        ("Scopes", "instagram_business_manage_comments", "including instagram_business_basic"),
        ("Scopes", "", "including instagram_business_basic"),
        ("GraphVersion", "26", "or look like v26.0"),
        ("LoginMode", "anybody", "must be one of invited, open"),
        ("Provider", "google", "must be one of instagram, facebook, both"),
        ("FacebookScopes", "instagram_basic, pages_show_list", "without spaces"),
        ("FacebookConfigId", "my-config", "have digits only"),
        ("ReturnUrls", "http://shop.example", "https URLs separated by commas"),
        ("ReturnUrls", "https://a.example, https://b.example", "without spaces"),
        ("ReturnUrls", "https://a.example/?next=1", "queries"),
        ("ReturnUrls", "https://me:password@a.example", "user names"),
        ("PublicUrl", "https://login.example.com/", "without a trailing slash"),
        ("PublicUrl", "http://login.example.com", "must be empty, or https:// and a host"),
        ("PublicUrl", "https://login.example.com:8443", "without a port"),
        ("PublicUrl", "https://login..example.com", "must be empty, or https:// and a host"),
        ("PublicUrl", "https://-", "must be empty, or https:// and a host"),
        ("CertificateArn", "arn:aws:iam::123456789012:server-certificate/a", "ARN of an ACM certificate"),
        ("BrandName", &"a".repeat(61), "must be up to 60 visible characters"),
        ("BrandName", "Agency\u{202e}", "must be up to 60 visible characters"),
        ("BrandName", " Agency", "without spaces at either end"),
        ("BrandLogo", "logo.png", "must be empty, or the https URL of a picture"),
        ("BrandLogo", "http://agency.example/logo.png", "must be empty, or the https URL of a picture"),
        ("BrandLogo", "https://agency.example;img-src/*", "must be empty, or the https URL of a picture"),
        ("BrandColor", "blue", "or a color such as #1d4ed8"),
        ("BrandColor", "#12345", "or a color such as #1d4ed8"),
        ("ContactUrl", "agency.example", "must be empty, an https URL, or mailto:"),
        ("ContactUrl", "javascript:alert(1)", "must be empty, an https URL, or mailto:"),
        ("ContactUrl", "mailto:me@agency.example?body=x", "must be empty, an https URL, or mailto:"),
        ("PrivacyUrl", "https://me:password@agency.example/", "must be empty, or an https URL"),
        ("ThrottlingRateLimit", "0", "must be a number from 1 to 1000"),
        ("ThrottlingBurstLimit", "2001", "must be a number from 1 to 2000"),
        ("VaultPrefix", "/evertoken", "start and end with a letter or digit"),
        ("VaultPrefix", "", "1 to 64"),
        ("VaultPrefix", &"a".repeat(65), "1 to 64"),
        ("VaultPrefix", "evertoken-", "start and end with a letter or digit"),
        ("VaultPrefix", "shop/evertoken", "letters, digits, hyphens or underscores"),
        ("VaultPrefix", "evertoken/accounts/shop", "letters, digits, hyphens or underscores"),
        ("Schedule", "paused", "must be one of on, off"),
        ("RefreshEveryHours", "5", "must be one of 2, 3, 4, 6, 8, 12"),
        ("AccountTags", "team", "pairs key=value"),
        ("AccountTags", "team=web,team=shop", "without repeated keys"),
        ("AccountTags", "Aws:team=web", "without the prefixes aws: and evertoken:"),
        ("AccountTags", "a=1,evertoken:stack=2", "without the prefixes aws: and evertoken:"),
        ("AccountTags", &format!("a=1{}", ",b=2".repeat(20)), "up to 20 pairs"),
        ("RefreshAfterDays", "51", "must be a number of days from 1 to 50"),
        ("RefreshAfterDays", "twenty", "must be a number"),
        ("CheckEveryHours", "169", "must be a number of hours from 1 to 168, or 0"),
        ("CheckEveryHours", "daily", "must be a number"),
        ("Concurrency", "65", "must be a number from 1 to 64"),
        ("WritesPerSecond", "0", "must be a number from 1 to 50"),
        ("EventBusName", "a bus", "must be the name of an event bus"),
        ("Rotation", "yes", "must be one of on, off"),
        ("AccountsOnDeletion", "delete", "must be one of keep, remove"),
        ("Feed", "yes", "must be one of on, off"),
        ("Reader", "yes", "must be one of on, off"),
        ("FeedDomain", "https://feeds.example.com", "a host name without https://"),
        ("FeedDomain", "feeds", "a host name without https://"),
        ("FeedCertificateArn", "arn:aws:acm:eu-west-1:123456789012:certificate/0a1b2c3d", "in us-east-1"),
        ("Architecture", "arm", "must be one of arm64, x86_64"),
        ("LogLevel", "TRACE", "must be one of ERROR, WARN, INFO, DEBUG"),
        ("LogRetentionDays", "2", "must be one of 1, 3, 5"),
        ("Tracing", "true", "must be one of on, off"),
        ("KmsKeyArn", "arn:aws:kms:us-east-1:123456789012:alias/mine", "not of an alias"),
        ("PermissionsBoundary", "boundary", "must be empty, or the ARN of an IAM policy"),
        ("AlarmEmail", "me@example.com, you@example.com", "one email address"),
        ("AlarmTopicArn", "arn:aws:sns:us-east-1:123456789012:alarms.fifo", "a standard SNS topic"),
    ] {
        assert_rejected(&[(name, value)], explanation);
    }
}

#[test]
fn rejects_incomplete_and_conflicting_combinations() {
    let certificate = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d-0000-1111-2222-333344445555";
    assert_rejected(&[("CertificateArn", certificate)], "CertificateArn requires PublicUrl");
    assert_accepted(&[("CertificateArn", certificate), ("PublicUrl", "https://login.example.com")]);
    let domain = ("FeedDomain", "feeds.example.com");
    let certificate = ("FeedCertificateArn", certificate);
    for incomplete in [&[domain][..], &[certificate], &[domain, ("Feed", "on")], &[domain, certificate]] {
        assert_rejected(incomplete, "FeedDomain and FeedCertificateArn require each other, and Feed=on");
    }
    assert_accepted(&[("Feed", "on")]);
    assert_accepted(&[domain, certificate, ("Feed", "on")]);
    let topic = ("AlarmTopicArn", "arn:aws:sns:us-east-1:123456789012:alarms");
    assert_rejected(&[topic, ("AlarmEmail", "me@example.com")], "Set AlarmEmail or AlarmTopicArn, not both");
    assert_accepted(&[topic]);
    for tags in ["team=web", "acme:cost-center=4711,team=web,a=", "team=web,team2=web"] {
        assert_accepted(&[("AccountTags", tags)]);
    }
    for (name, value) in [
        ("BrandName", "Müller & Söhne"),
        ("BrandName", "x"),
        ("BrandLogo", "https://cdn.agency.example:8443/logo.svg?v=2"),
        ("BrandColor", "#0A5c36"),
        ("ContactUrl", "https://agency.example/@us#contact"),
        ("ContactUrl", "mailto:help+insta@agency.example"),
        ("PrivacyUrl", "https://agency.example"),
    ] {
        assert_accepted(&[(name, value)]);
    }
    for prefix in ["e", "ab", "a-_-b", "shop_evertoken"] {
        assert_accepted(&[("VaultPrefix", prefix)]);
    }
}

/// CloudFormation allows `Ref` and the rule functions only, so a rule can compare values but not look into them
/// (CloudFormation Template Reference, "Rule functions", "Supported functions").
#[test]
fn rules_use_only_the_functions_that_cloudformation_supports_there() {
    fn functions(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(object) => object.iter().for_each(|(key, value)| {
                found.extend((key == "Ref" || key.starts_with("Fn::")).then(|| key.clone()));
                functions(value, found);
            }),
            Value::Array(items) => items.iter().for_each(|item| functions(item, found)),
            _ => {}
        }
    }
    let mut used = Vec::new();
    functions(&Template::main().0["Rules"], &mut used);
    let supported = ["Ref", "Fn::And", "Fn::Contains", "Fn::Equals", "Fn::Not", "Fn::Or"];
    assert!(!used.is_empty());
    for function in used {
        assert!(supported.contains(&function.as_str()), "{function}");
    }
}

#[test]
fn every_parameter_has_a_description_and_a_constraint() {
    for (name, definition) in Template::main().section("Parameters") {
        assert!(definition["Description"].is_string(), "{name} has no description");
        let bounded =
            ["AllowedPattern", "AllowedValues", "MinValue"].iter().any(|bound| definition.get(bound).is_some());
        assert!(bounded, "{name} accepts any value");
        let listed = definition.get("AllowedValues").is_some();
        assert!(listed || definition["ConstraintDescription"].is_string(), "{name} has no constraint description");
    }
    let groups = &Template::main().0["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"];
    let shown = groups.as_array().unwrap().iter().flat_map(|group| group["Parameters"].as_array().unwrap());
    let mut shown: Vec<&str> = shown.filter_map(Value::as_str).collect();
    let mut all: Vec<&str> = Template::main().section("Parameters").map(|(name, _)| name).collect();
    shown.sort_unstable();
    all.sort_unstable();
    assert_eq!(shown, all, "the console shows each parameter in one group");
}
