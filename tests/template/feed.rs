//! The nested template `infra/feed.yaml`: bucket, delivery, publisher and alarms. Here, `Name` stands for the value of `Ref`
//! and `Name.Arn` for that of `GetAtt`.

use std::collections::BTreeSet;

use evertoken_core::events::{EventKind, SOURCE};
use evertoken_tests::permissions::{Grant, granted};
use evertoken_tests::stack::Stack;
use evertoken_tests::template::Template;
use serde_json::{Value, json};

use crate::alarm_checks::{Expected, assert_alarms};
use crate::alarms::EMAIL;
use crate::tags::assert_tagged;
use crate::trust::assert_trusts_only;

/// The nested stack, with the parameters that the main template passes to it.
pub(crate) fn feed_stack(parameters: &[(&str, &str)]) -> Stack {
    let main = Stack::new(Template::main(), &[&[("Feed", "on")], parameters].concat()).unwrap();
    main.nested("Feeds", Template::feed())
}

#[test]
fn feeds_are_nested_only_if_they_are_on() {
    assert!(!Stack::new(Template::main(), &[]).unwrap().resources().contains_key("Feeds"));
    let main = Stack::new(Template::main(), &[("Feed", "on")]).unwrap();
    assert_eq!(main.properties("Feeds")["TemplateURL"], "infra/feed.yaml");
    let given = main.properties("Feeds")["Parameters"].clone();
    let given: BTreeSet<&str> = given.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(given, Template::feed().section("Parameters").map(|(name, _)| name).collect());
    assert_eq!(main.outputs()["FeedUrl"], "Feeds.Outputs.Url");
    assert!(!Stack::new(Template::main(), &[]).unwrap().outputs().contains_key("FeedUrl"));
}

#[test]
fn the_bucket_is_private_and_encrypted_and_keeps_nothing() {
    let bucket = feed_stack(&[]).properties("Bucket");
    let all = json!({"BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true});
    assert_eq!(bucket["PublicAccessBlockConfiguration"], all);
    assert_eq!(bucket["OwnershipControls"]["Rules"], json!([{"ObjectOwnership": "BucketOwnerEnforced"}]));
    let encryption = &bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"][0];
    assert_eq!(encryption["ServerSideEncryptionByDefault"]["SSEAlgorithm"], "AES256");
    let rule = &bucket["LifecycleConfiguration"]["Rules"][0];
    assert_eq!(rule["AbortIncompleteMultipartUpload"], json!({"DaysAfterInitiation": 1}));
    assert_eq!(bucket.get("VersioningConfiguration"), None, "a deleted post would remain as an earlier version");
}

#[test]
fn only_the_distribution_reads_the_bucket_and_only_public_files() {
    let policy = feed_stack(&[]).properties("BucketPolicy");
    let statements = policy["PolicyDocument"]["Statement"].as_array().unwrap();
    assert_eq!(statements.len(), 2);
    let source = "arn:aws:cloudfront::123456789012:distribution/Distribution";
    let read = json!({
        "Sid": "ServePublicFiles",
        "Effect": "Allow",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Action": "s3:GetObject",
        "Resource": ["Bucket.Arn/feed/*", "Bucket.Arn/img/*", "Bucket.Arn/widget.js"],
        "Condition": {"StringEquals": {"AWS:SourceArn": source}},
    });
    assert_eq!(statements[0], read);
    let without_tls = json!({
        "Sid": "RequireTls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": ["Bucket.Arn", "Bucket.Arn/*"],
        "Condition": {"Bool": {"aws:SecureTransport": false}},
    });
    assert_eq!(statements[1], without_tls);
}

#[test]
fn the_distribution_signs_its_requests_and_serves_stale_files_soon() {
    let stack = feed_stack(&[]);
    let control = &stack.properties("AccessControl")["OriginAccessControlConfig"];
    assert_eq!((&control["SigningBehavior"], &control["SigningProtocol"]), (&json!("always"), &json!("sigv4")));
    let config = stack.properties("Distribution")["DistributionConfig"].clone();
    let origin = &config["Origins"][0];
    assert_eq!(origin["OriginAccessControlId"], "AccessControl.Id");
    let seconds = origin["ConnectionAttempts"].as_u64().unwrap() * origin["ConnectionTimeout"].as_u64().unwrap();
    assert!(seconds <= 5, "a visitor waits {seconds} seconds for a stale file");
    for error in config["CustomErrorResponses"].as_array().unwrap() {
        assert!(error["ErrorCachingMinTTL"].as_u64().unwrap() <= 5, "{error}");
    }
    assert_eq!(config["HttpVersion"], "http2and3");
    let behavior = &config["DefaultCacheBehavior"];
    assert_eq!(behavior["AllowedMethods"], json!(["GET", "HEAD", "OPTIONS"]));
    assert_eq!((&behavior["Compress"], &behavior["ViewerProtocolPolicy"]), (&json!(true), &json!("redirect-to-https")));
    let policies = (&behavior["CachePolicyId"], &behavior["ResponseHeadersPolicyId"]);
    assert_eq!(policies, (&json!("CachePolicy"), &json!("HeadersPolicy")));
}

#[test]
fn caches_ignore_query_strings_cookies_and_headers_and_keep_stale_files_for_a_week() {
    let policy = feed_stack(&[]).properties("CachePolicy")["CachePolicyConfig"].clone();
    let key = json!({
        "EnableAcceptEncodingGzip": true,
        "EnableAcceptEncodingBrotli": true,
        "QueryStringsConfig": {"QueryStringBehavior": "none"},
        "CookiesConfig": {"CookieBehavior": "none"},
        "HeadersConfig": {"HeaderBehavior": "none"},
    });
    assert_eq!(policy["ParametersInCacheKeyAndForwardedToOrigin"], key);
    assert_eq!(policy["MinTTL"], 0);
    // `stale-if-error` of a feed (`FilePath::cache_control`).
    assert!(policy["MaxTTL"].as_u64().unwrap() >= 604_800);
}

#[test]
fn every_site_may_use_the_files() {
    let policy = feed_stack(&[]).properties("HeadersPolicy")["ResponseHeadersPolicyConfig"].clone();
    assert_eq!(policy["CorsConfig"]["AccessControlAllowOrigins"]["Items"], json!(["*"]));
    assert_eq!(policy["CorsConfig"]["AccessControlAllowCredentials"], false);
    let corp = json!([{"Header": "Cross-Origin-Resource-Policy", "Value": "cross-origin", "Override": true}]);
    assert_eq!(policy["CustomHeadersConfig"]["Items"], corp);
    assert_eq!(policy["SecurityHeadersConfig"]["ContentTypeOptions"], json!({"Override": true}));
    let hsts = &policy["SecurityHeadersConfig"]["StrictTransportSecurity"];
    assert_eq!(hsts["AccessControlMaxAgeSec"], 31_536_000);
}

/// The names of these resources are shared by all regions of an account, so two stacks must not have the same.
#[test]
fn global_names_contain_the_stacks_unique_id() {
    let stack = feed_stack(&[]);
    for (resource, config) in [
        ("AccessControl", "OriginAccessControlConfig"),
        ("CachePolicy", "CachePolicyConfig"),
        ("HeadersPolicy", "ResponseHeadersPolicyConfig"),
    ] {
        let name = stack.properties(resource)[config]["Name"].as_str().unwrap().to_owned();
        assert_eq!(name, "evertoken-0a1b2c3d");
    }
    // A real ID has 36 characters, and CloudFront accepts names of 64 (`OriginAccessControlConfig`).
    assert!("evertoken-".len() + 36 <= 64);
}

#[test]
fn a_domain_of_its_own_is_served_with_its_certificate() {
    let by_default = feed_stack(&[]);
    let config = by_default.properties("Distribution")["DistributionConfig"].clone();
    assert_eq!(config["ViewerCertificate"], json!({"CloudFrontDefaultCertificate": true}));
    assert_eq!(config.get("Aliases"), None);
    assert_eq!(by_default.outputs()["Url"], "https://Distribution.DomainName");

    let certificate = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d";
    let own = [("FeedDomain", "feeds.example.com"), ("FeedCertificateArn", certificate)];
    let stack = feed_stack(&own);
    let config = stack.properties("Distribution")["DistributionConfig"].clone();
    assert_eq!(config["Aliases"], json!(["feeds.example.com"]));
    let viewer = json!({"AcmCertificateArn": certificate, "SslSupportMethod": "sni-only", "MinimumProtocolVersion": "TLSv1.2_2021"});
    assert_eq!(config["ViewerCertificate"], viewer);
    assert_eq!(stack.outputs()["Url"], "https://feeds.example.com");
    let variables = &stack.properties("Function")["Environment"]["Variables"];
    assert_eq!(variables["EVERTOKEN_FEED_URL"], "https://feeds.example.com");
    assert_eq!(stack.outputs()["DomainTarget"], "Distribution.DomainName");
    let main = Stack::new(Template::main(), &[&[("Feed", "on")], &own[..]].concat()).unwrap();
    assert_eq!(main.outputs()["FeedDomainTarget"], "Feeds.Outputs.DomainTarget");
}

#[test]
fn the_publisher_has_its_own_binary_role_and_log_group() {
    let stack =
        feed_stack(&[("Architecture", "x86_64"), ("Tracing", "on"), ("LogLevel", "WARN"), ("LogRetentionDays", "30")]);
    let mut properties = stack.properties("Function");
    let properties = properties.as_object_mut().unwrap();
    for tested_elsewhere in ["Environment", "Description"] {
        assert!(properties.remove(tested_elsewhere).is_some());
    }
    let expected = json!({
        "Code": {"S3Bucket": "packaged", "S3Key": "evertoken-feed"},
        "Runtime": "provided.al2023",
        "Handler": "bootstrap",
        "Architectures": ["x86_64"],
        "MemorySize": 1024,
        "Timeout": 900,
        "Role": "Role.Arn",
        "TracingConfig": {"Mode": "Active"},
        "LoggingConfig":
            {"LogFormat": "JSON", "LogGroup": "Logs", "ApplicationLogLevel": "WARN", "SystemLogLevel": "INFO"},
        "Tags": [{"Key": "lambda:createdBy", "Value": "SAM"}, {"Key": "evertoken:stack", "Value": "end-to-end"}],
    });
    assert_eq!(Value::Object(properties.clone()), expected);
    assert_eq!(stack.properties("Logs")["RetentionInDays"], "30");
    for (role, service) in [
        ("Role", "lambda.amazonaws.com"),
        ("SchedulerRole", "scheduler.amazonaws.com"),
        ("RemovalRole", "lambda.amazonaws.com"),
    ] {
        assert_trusts_only(&stack, role, service);
    }
}

#[test]
fn the_schedule_invokes_the_publisher_every_15_minutes_and_failures_go_to_the_dead_letter_queue() {
    let stack = feed_stack(&[]);
    let schedule = stack.properties("FunctionTick");
    assert_eq!(schedule["ScheduleExpression"], "rate(15 minutes)");
    assert_eq!(schedule["FlexibleTimeWindow"], json!({"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 5}));
    let target = json!({
        "Arn": "Function.Arn",
        "RoleArn": "SchedulerRole.Arn",
        "Input": r#"{"action":"publish_due"}"#,
        "RetryPolicy": {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 900},
        "DeadLetterConfig": {"Arn": "DeadLetterQueue.Arn"},
    });
    assert_eq!(schedule["Target"], target);
    let grant = |action: &str, resource: &str| Grant {
        action: action.to_owned(),
        resource: resource.to_owned(),
        condition: "null".to_owned(),
    };
    let expected = [grant("lambda:InvokeFunction", "Function.Arn"), grant("sqs:SendMessage", "DeadLetterQueue.Arn")];
    assert_eq!(granted(&stack, "SchedulerRole"), BTreeSet::from(expected));
    let retries = json!({
        "FunctionName": "Function",
        "Qualifier": "$LATEST",
        "MaximumRetryAttempts": 1,
        "MaximumEventAgeInSeconds": 3600,
        "DestinationConfig": {"OnFailure": {"Destination": "DeadLetterQueue.Arn"}},
    });
    assert_eq!(stack.properties("FunctionEventInvokeConfig"), retries);
}

#[test]
fn events_about_accounts_that_come_and_go_invoke_the_publisher() {
    let stack = feed_stack(&[("EventBusName", "shop")]);
    let rule = stack.properties("AccountChanged");
    assert_eq!(rule["EventBusName"], "shop");
    let kinds = [
        EventKind::AccountConnected,
        EventKind::AccountDisconnected,
        EventKind::AccountReconnected,
        EventKind::DataDeleted,
    ];
    let pattern = json!({"source": [SOURCE], "detail-type": kinds.map(EventKind::as_str), "detail": {"version": [1]}});
    assert_eq!(rule["EventPattern"], pattern);
    let targets = json!([{
        "Id": "publisher",
        "Arn": "Function.Arn",
        "RetryPolicy": {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 900},
    }]);
    assert_eq!(rule["Targets"], targets);
    let permission = json!({
        "Action": "lambda:InvokeFunction",
        "FunctionName": "Function",
        "Principal": "events.amazonaws.com",
        "SourceArn": "AccountChanged.Arn",
    });
    assert_eq!(stack.properties("AccountChangedPermission"), permission);
    let without_events = feed_stack(&[("EventBusName", "")]).resources();
    for resource in ["AccountChanged", "AccountChangedPermission"] {
        assert!(!without_events.contains_key(resource), "{resource}");
    }
}

#[test]
fn each_alarm_about_feeds_watches_its_metric_and_explains_itself() {
    let stack: &[[&str; 2]] = &[["Stack", "end-to-end"]];
    let function: &[[&str; 2]] = &[["FunctionName", "Function"]];
    let (less, more) = ("LessThanThreshold", "GreaterThanThreshold");
    let (hour, four_hours, six_hours) = ([3600, 1, 1], [3600, 4, 2], [3600, 6, 6]);
    let expected: [Expected<'_>; 4] = [
        ("FeedsFail", "Evertoken", "FeedsFailed", stack, "Sum", four_hours, more, 0, "notBreaching"),
        ("FeedsStale", "Evertoken", "FeedsStale", stack, "Maximum", hour, more, 0, "ignore"),
        ("PublisherErrors", "AWS/Lambda", "Errors", function, "Sum", [300, 1, 1], more, 0, "notBreaching"),
        ("PublisherIsSilent", "Evertoken", "Feeds", stack, "SampleCount", six_hours, less, 1, "breaching"),
    ];
    assert_alarms(&feed_stack(&[]), "", &[]);
    let own_topic = [("AlarmTopicArn", "arn:aws:sns:us-east-1:123456789012:alarms")];
    for parameters in [EMAIL, own_topic] {
        assert_alarms(&feed_stack(&parameters), "Alarms.Outputs.Topic", &expected);
    }
}

#[test]
fn no_role_of_the_feeds_has_a_wildcard_action_and_all_have_the_permissions_boundary() {
    let boundary = "arn:aws:iam::123456789012:policy/boundary";
    let stack = feed_stack(&[("PermissionsBoundary", boundary), ("Tracing", "on")]);
    let roles = stack.resources().into_iter().filter(|(_, resource)| resource["Type"] == "AWS::IAM::Role");
    let mut names = Vec::new();
    for (name, resource) in roles {
        assert_eq!(resource["Properties"]["PermissionsBoundary"], boundary, "{name}");
        for grant in granted(&stack, &name) {
            assert!(!grant.action.contains('*'), "{name}: {grant:?}");
            let without_resources = ["BatchGetSecretValue", "PutTraceSegments", "PutTelemetryRecords"];
            let operation = grant.action.split(':').next_back().unwrap();
            assert!(grant.resource != "*" || without_resources.contains(&operation), "{name}: {grant:?}");
        }
        names.push(name);
    }
    assert_eq!(names, ["RemovalRole", "Role", "SchedulerRole"]);
    assert!(feed_stack(&[]).properties("Role").get("PermissionsBoundary").is_none());
}

#[test]
fn every_taggable_resource_of_the_feeds_is_tagged_with_the_stack() {
    let untagged = [
        "AWS::CloudFront::CachePolicy",
        "AWS::CloudFront::OriginAccessControl",
        "AWS::CloudFront::ResponseHeadersPolicy",
        "AWS::Events::Rule", // CloudFormation passes the nested stack's tags
        "AWS::Lambda::EventInvokeConfig",
        "AWS::Lambda::Permission",
        "AWS::Logs::QueryDefinition",
        "AWS::S3::BucketPolicy",
        "AWS::Scheduler::Schedule",
        "Custom::EvertokenFeedContent",
    ];
    assert_tagged(&feed_stack(&EMAIL), &untagged);
}
