//! `infra/deploy-policy.json` allows what CloudFormation does for the resource types of the templates, and no other service.

use std::collections::{BTreeMap, BTreeSet};

use evertoken_tests::permissions::{Grant, of_statements};
use evertoken_tests::template::Template;
use evertoken_tests::workspace;
use serde_json::Value;

/// The actions that CloudFormation performs to create and delete a resource of a type, on behalf of its caller. Source: the
/// permissions of the type's `create` and `delete` handlers (`aws cloudformation describe-type`).
const TYPES: [(&str, &[&str]); 22] = [
    ("AWS::ApiGatewayV2::Api", &["apigateway:POST", "apigateway:DELETE", "apigateway:TagResource"]),
    ("AWS::ApiGatewayV2::ApiMapping", &["apigateway:POST", "apigateway:DELETE"]),
    ("AWS::ApiGatewayV2::DomainName", &["apigateway:POST", "apigateway:DELETE", "apigateway:TagResource"]),
    ("AWS::ApiGatewayV2::Integration", &["apigateway:POST", "apigateway:DELETE"]),
    ("AWS::ApiGatewayV2::Route", &["apigateway:POST", "apigateway:DELETE"]),
    ("AWS::ApiGatewayV2::Stage", &["apigateway:POST", "apigateway:DELETE", "apigateway:TagResource"]),
    ("AWS::CloudFormation::Stack", &["cloudformation:CreateStack", "cloudformation:DeleteStack"]),
    ("AWS::CloudWatch::Alarm", &["cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms", "cloudwatch:TagResource"]),
    ("AWS::CloudWatch::Dashboard", &["cloudwatch:PutDashboard", "cloudwatch:DeleteDashboards"]),
    ("AWS::Events::Rule", &["events:PutRule", "events:PutTargets", "events:RemoveTargets", "events:DeleteRule"]),
    (
        "AWS::IAM::Role",
        &["iam:CreateRole", "iam:PutRolePolicy", "iam:DeleteRolePolicy", "iam:DeleteRole", "iam:TagRole"],
    ),
    ("AWS::IAM::Policy", &["iam:PutRolePolicy", "iam:GetRolePolicy", "iam:DeleteRolePolicy"]),
    (
        "AWS::Lambda::EventInvokeConfig",
        &["lambda:PutFunctionEventInvokeConfig", "lambda:DeleteFunctionEventInvokeConfig"],
    ),
    (
        "AWS::Lambda::Function",
        &["lambda:CreateFunction", "lambda:GetFunction", "lambda:DeleteFunction", "lambda:TagResource", "iam:PassRole"],
    ),
    ("AWS::Lambda::Permission", &["lambda:AddPermission", "lambda:RemovePermission"]),
    (
        "AWS::Logs::LogGroup",
        &["logs:CreateLogGroup", "logs:PutRetentionPolicy", "logs:DeleteLogGroup", "logs:TagResource"],
    ),
    ("AWS::Logs::QueryDefinition", &["logs:PutQueryDefinition", "logs:DeleteQueryDefinition"]),
    ("AWS::SNS::Topic", &["sns:CreateTopic", "sns:Subscribe", "sns:DeleteTopic", "sns:TagResource"]),
    ("AWS::SNS::TopicPolicy", &["sns:SetTopicAttributes"]),
    ("AWS::SQS::Queue", &["sqs:CreateQueue", "sqs:GetQueueAttributes", "sqs:DeleteQueue", "sqs:TagQueue"]),
    ("AWS::SQS::QueuePolicy", &["sqs:SetQueueAttributes"]),
    (
        "AWS::SecretsManager::Secret",
        &[
            "secretsmanager:CreateSecret",
            "secretsmanager:DeleteSecret",
            "secretsmanager:GetRandomPassword",
            "secretsmanager:TagResource",
        ],
    ),
];

/// Types with few actions, apart from the table to keep it readable.
const SCHEDULE: (&str, &[&str]) =
    ("AWS::Scheduler::Schedule", &["scheduler:CreateSchedule", "scheduler:DeleteSchedule", "iam:PassRole"]);

/// A function that the nested stack calls when it is deleted.
const CUSTOM: (&str, &[&str]) = ("Custom::EvertokenAccounts", &["lambda:InvokeFunction"]);

/// The types of `infra/feed.yaml`.
const OF_FEEDS: [(&str, &[&str]); 7] = [
    ("AWS::CloudFront::CachePolicy", &["cloudfront:CreateCachePolicy", "cloudfront:DeleteCachePolicy"]),
    (
        "AWS::CloudFront::Distribution",
        &["cloudfront:CreateDistribution", "cloudfront:DeleteDistribution", "cloudfront:TagResource"],
    ),
    (
        "AWS::CloudFront::OriginAccessControl",
        &["cloudfront:CreateOriginAccessControl", "cloudfront:DeleteOriginAccessControl"],
    ),
    (
        "AWS::CloudFront::ResponseHeadersPolicy",
        &["cloudfront:CreateResponseHeadersPolicy", "cloudfront:DeleteResponseHeadersPolicy"],
    ),
    (
        "AWS::S3::Bucket",
        &[
            "s3:CreateBucket",
            "s3:DeleteBucket",
            "s3:PutBucketOwnershipControls",
            "s3:PutBucketPublicAccessBlock",
            "s3:PutBucketTagging",
            "s3:PutEncryptionConfiguration",
            "s3:PutLifecycleConfiguration",
        ],
    ),
    ("AWS::S3::BucketPolicy", &["s3:PutBucketPolicy", "s3:DeleteBucketPolicy"]),
    ("Custom::EvertokenFeedContent", &["lambda:InvokeFunction"]),
];

/// The types of the packed layout. The table outlives its stack.
const OF_PACKS: [(&str, &[&str]); 3] = [
    (
        "AWS::Lambda::EventSourceMapping",
        &[
            "lambda:CreateEventSourceMapping",
            "lambda:DeleteEventSourceMapping",
            "lambda:GetEventSourceMapping",
            "lambda:TagResource",
        ],
    ),
    (
        "AWS::DynamoDB::Table",
        &[
            "dynamodb:CreateTable",
            "dynamodb:DescribeTable",
            "dynamodb:TagResource",
            "dynamodb:UpdateContinuousBackups",
            "dynamodb:UpdateTimeToLive",
        ],
    ),
    (
        "AWS::IAM::ManagedPolicy",
        &["iam:CreatePolicy", "iam:DeletePolicy", "iam:AttachRolePolicy", "iam:DetachRolePolicy"],
    ),
];

/// The actions that CloudFormation performs to change a resource in place, where they differ from those above. Source: the
/// permissions of the type's `update` handler.
const UPDATES: [(&str, &[&str]); 16] = [
    ("AWS::ApiGatewayV2::Stage", &["apigateway:PATCH"]),
    ("AWS::CloudFormation::Stack", &["cloudformation:UpdateStack"]),
    ("AWS::CloudFront::CachePolicy", &["cloudfront:UpdateCachePolicy"]),
    ("AWS::CloudFront::Distribution", &["cloudfront:UpdateDistribution"]),
    ("AWS::CloudFront::OriginAccessControl", &["cloudfront:UpdateOriginAccessControl"]),
    ("AWS::CloudFront::ResponseHeadersPolicy", &["cloudfront:UpdateResponseHeadersPolicy"]),
    ("AWS::DynamoDB::Table", &["dynamodb:UpdateTable"]),
    // IAM keeps five versions of a policy.
    ("AWS::IAM::ManagedPolicy", &["iam:CreatePolicyVersion", "iam:DeletePolicyVersion", "iam:ListPolicyVersions"]),
    (
        "AWS::IAM::Role",
        &[
            "iam:AttachRolePolicy",
            "iam:DeleteRolePermissionsBoundary",
            "iam:DetachRolePolicy",
            "iam:PutRolePermissionsBoundary",
            "iam:UpdateAssumeRolePolicy",
        ],
    ),
    ("AWS::Lambda::EventInvokeConfig", &["lambda:UpdateFunctionEventInvokeConfig"]),
    ("AWS::Lambda::EventSourceMapping", &["lambda:UpdateEventSourceMapping"]),
    (
        "AWS::Lambda::Function",
        &[
            "lambda:DeleteFunctionConcurrency",
            "lambda:PutFunctionConcurrency",
            "lambda:UpdateFunctionCode",
            "lambda:UpdateFunctionConfiguration",
        ],
    ),
    ("AWS::SNS::Topic", &["sns:SetTopicAttributes", "sns:Unsubscribe"]),
    ("AWS::SQS::Queue", &["sqs:SetQueueAttributes"]),
    ("AWS::Scheduler::Schedule", &["scheduler:UpdateSchedule"]),
    ("AWS::SecretsManager::Secret", &["secretsmanager:UpdateSecret"]),
];

fn policy() -> BTreeSet<Grant> {
    let text = std::fs::read_to_string(workspace::root().join("infra/deploy-policy.json")).unwrap();
    let policy: Value = serde_json::from_str(&text).unwrap();
    of_statements(policy["Statement"].as_array().unwrap())
}

/// All templates of the stack.
fn templates() -> [&'static Template; 6] {
    [
        Template::main(),
        Template::alarms(),
        Template::removal(),
        Template::feed(),
        Template::packed(),
        Template::reader(),
    ]
}

fn types_of(template: &Template) -> BTreeSet<String> {
    let types = template.section("Resources").map(|(_, resource)| resource["Type"].as_str().unwrap().to_owned());
    types.collect()
}

#[test]
fn the_deploy_policy_covers_every_resource_type_of_the_templates_and_no_other_service() {
    let table: BTreeMap<&str, &[&str]> =
        TYPES.into_iter().chain([SCHEDULE, CUSTOM]).chain(OF_FEEDS).chain(OF_PACKS).collect();
    let granted = policy();
    let mut services = BTreeSet::from(["cloudformation".to_owned(), "s3".to_owned()]);
    for kind in templates().into_iter().flat_map(types_of) {
        let actions = table.get(kind.as_str()).unwrap_or_else(|| panic!("the table has no actions for {kind}"));
        for action in *actions {
            assert!(granted.iter().any(|grant| grant.action == *action), "{kind} needs {action}");
            services.insert(action.split(':').next().unwrap().to_owned());
        }
    }
    for grant in &granted {
        let service = grant.action.split(':').next().unwrap();
        assert!(services.contains(service), "no resource needs {}", grant.action);
    }
}

#[test]
fn the_deploy_policy_covers_the_upgrade_of_every_resource_that_changes_in_place() {
    let (granted, types) = (policy(), templates().into_iter().flat_map(types_of).collect::<BTreeSet<_>>());
    for (kind, actions) in UPDATES {
        assert!(types.contains(kind), "no template has a resource of the type {kind}");
        for action in actions {
            assert!(granted.iter().any(|grant| grant.action == *action), "an upgrade of {kind} needs {action}");
        }
    }
}

#[test]
fn the_deploy_policy_cannot_read_accounts_or_reach_roles_of_others() {
    // It returns a new random text.
    for grant in policy().into_iter().filter(|grant| grant.action != "secretsmanager:GetRandomPassword") {
        assert!(!grant.action.contains('*'), "{grant:?}");
        for (service, part) in
            [("secretsmanager", ":secret:evertoken/"), ("iam", "/evertoken-"), ("lambda", ":function:evertoken-")]
        {
            if grant.action.starts_with(&format!("{service}:")) {
                // How workers are invoked has no name, and belongs to a function.
                let of_workers =
                    grant.condition.contains("lambda:FunctionArn") || grant.resource.contains(":event-source-mapping:");
                let limit = if of_workers { &grant.condition } else { &grant.resource };
                let is_tag = grant.resource.contains(":event-source-mapping:");
                assert!(limit.contains(part) || is_tag, "{grant:?}");
                assert!(!grant.resource.contains("accounts"), "{grant:?}");
            }
        }
    }
}

/// The resources of each service, without the part of the ARN before them. Some services allow no limit, or give
/// resources names that do not contain the stack's.
const RESOURCES: [(&str, &[&str]); 14] = [
    ("apigateway", &["/apis", "/apis/*", "/domainnames", "/domainnames/*", "/tags/*"]),
    (
        "cloudformation",
        &[
            "stack/aws-sam-cli-managed-default/*",
            "stack/evertoken-*",
            "stack/evertoken/*",
            "transform/Serverless-2016-10-31",
        ],
    ),
    ("cloudfront", &["cache-policy/*", "distribution/*", "origin-access-control/*", "response-headers-policy/*"]),
    ("cloudwatch", &["*"]),
    ("dynamodb", &["table/evertoken-*"]),
    ("events", &["rule/*"]),
    ("iam", &["policy/evertoken-*", "role/evertoken-*"]),
    ("lambda", &["*", "event-source-mapping:*", "function:evertoken-*"]),
    ("logs", &["*"]),
    ("s3", &["aws-sam-cli-managed-default-*", "evertoken-*"]),
    ("scheduler", &["schedule/default/evertoken-*"]),
    ("secretsmanager", &["*", "secret:evertoken/app-??????", "secret:evertoken/signing-??????"]),
    ("sns", &["evertoken-*"]),
    ("sqs", &["evertoken-*"]),
];

#[test]
fn the_deploy_policy_is_limited_to_the_stacks_names_where_a_service_has_them() {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for grant in policy() {
        let service = grant.action.split(':').next().unwrap();
        let of_resource = grant.resource.split(':').nth(2).unwrap_or(service);
        assert!(RESOURCES.iter().any(|(known, _)| *known == of_resource), "{grant:?}");
        // One statement combines actions and resources of several services.
        if of_resource == service {
            let resource = grant.resource.splitn(6, ':').last().unwrap();
            found.entry(service.to_owned()).or_default().insert(resource.to_owned());
        }
    }
    let owned = |(service, resources): (&str, &[&str])| {
        (service.to_owned(), resources.iter().map(|resource| (*resource).to_owned()).collect::<BTreeSet<_>>())
    };
    assert_eq!(found, RESOURCES.map(owned).into());
}
