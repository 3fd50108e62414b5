//! Maps requests to AWS to the IAM actions they require (AWS, "Service Authorization Reference").

use serde_json::Value;

use crate::moto::REGION;
use crate::permissions::Call;
use crate::stack::ACCOUNT;

/// Returns the actions that AWS checks for a request: its own action and any dependent ones.
pub fn required(target: &str, body: &[u8], kms_key: Option<&str>) -> Vec<Call> {
    let (service, operation) = target.rsplit_once('.').unwrap_or_else(|| panic!("not an AWS request: {target}"));
    let body: Value = serde_json::from_slice(body).unwrap();
    match service {
        "secretsmanager" => secrets_manager(operation, &body, kms_key),
        "AWSEvents" => event_bridge(operation, &body),
        "AWSScheduler" => scheduler(operation, &body),
        "AmazonSQS" => sqs(operation, &body),
        "DynamoDB_20120810" => dynamo_db(operation, &body, kms_key),
        _ => panic!("{target}: the tests do not support this service"),
    }
}

fn secrets_manager(operation: &str, body: &Value, kms_key: Option<&str>) -> Vec<Call> {
    let call = |action: &str, resource: String| Call {
        action: format!("secretsmanager:{action}"),
        resource,
        context: Vec::new(),
    };
    // Secrets Manager uses the KMS key on behalf of its caller.
    let through_key = |action: &str| {
        kms_key.map(|key| Call {
            action: format!("kms:{action}"),
            resource: key.to_owned(),
            context: vec![("kms:ViaService".to_owned(), format!("secretsmanager.{REGION}.amazonaws.com"))],
        })
    };
    let (decrypt, encrypt) = (|| through_key("Decrypt"), || through_key("GenerateDataKey"));
    let secret = |key: &str| arn(body[key].as_str().unwrap());
    let own = |resource| call(operation, resource);
    match operation {
        "ListSecrets" => vec![own("*".to_owned())],
        // `ListSecrets` is required only for a request with filters.
        "BatchGetSecretValue" => {
            let each = body["SecretIdList"].as_array().unwrap().iter();
            let each = each.map(|id| call("GetSecretValue", arn(id.as_str().unwrap())));
            std::iter::once(own("*".to_owned())).chain(each).chain(decrypt()).collect()
        }
        "CreateSecret" => {
            let tags = body.get("Tags").map(|_| call("TagResource", secret("Name")));
            std::iter::once(own(secret("Name"))).chain(tags).chain(encrypt()).chain(decrypt()).collect()
        }
        "GetSecretValue" => std::iter::once(own(secret("SecretId"))).chain(decrypt()).collect(),
        "PutSecretValue" => std::iter::once(own(secret("SecretId"))).chain(encrypt()).collect(),
        _ => vec![own(secret("SecretId"))],
    }
}

fn event_bridge(operation: &str, body: &Value) -> Vec<Call> {
    assert_eq!(operation, "PutEvents");
    let entries = body["Entries"].as_array().unwrap().iter();
    let call = |entry: &Value| {
        let bus = entry["EventBusName"].as_str().unwrap();
        let arn = format!("arn:aws:events:{REGION}:{ACCOUNT}:event-bus/{bus}");
        Call {
            action: "events:PutEvents".to_owned(),
            resource: if bus.starts_with("arn:") { bus.to_owned() } else { arn },
            context: vec![("events:source".to_owned(), entry["Source"].as_str().unwrap().to_owned())],
        }
    };
    entries.map(call).collect()
}

/// A batch needs the permission of its parts (AWS, "Amazon SQS API permissions").
fn sqs(operation: &str, body: &Value) -> Vec<Call> {
    let queue = body["QueueUrl"].as_str().unwrap().rsplit('/').next().unwrap();
    let action = format!("sqs:{}", operation.trim_end_matches("Batch"));
    vec![Call { action, resource: format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}"), context: Vec::new() }]
}

/// A transaction needs the permissions of its parts (AWS, "DynamoDB transactions", "Using IAM").
fn dynamo_db(operation: &str, body: &Value, kms_key: Option<&str>) -> Vec<Call> {
    let call = |action: &str, table: &str| Call {
        action: format!("dynamodb:{action}"),
        resource: format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{table}"),
        context: Vec::new(),
    };
    let mut calls = match operation {
        "BatchGetItem" => {
            body["RequestItems"].as_object().unwrap().keys().map(|table| call(operation, table)).collect()
        }
        "TransactWriteItems" => {
            let parts = body["TransactItems"].as_array().unwrap().iter();
            let parts = parts.flat_map(|part| part.as_object().unwrap());
            let table = |part: &Value| part["TableName"].as_str().unwrap().to_owned();
            parts.map(|(kind, part)| call(&format!("{kind}Item"), &table(part))).collect::<Vec<_>>()
        }
        _ => vec![call(operation, body["TableName"].as_str().unwrap())],
    };
    // DynamoDB uses the KMS key on behalf of its caller.
    calls.extend(kms_key.map(|key| Call {
        action: "kms:Decrypt".to_owned(),
        resource: key.to_owned(),
        context: vec![("kms:ViaService".to_owned(), format!("dynamodb.{REGION}.amazonaws.com"))],
    }));
    calls
}

/// The body has the schedule's name, which a request has in its path.
fn scheduler(operation: &str, body: &Value) -> Vec<Call> {
    assert_eq!(operation, "CreateSchedule");
    let name = body["Name"].as_str().unwrap();
    let call = |action: &str, resource: &str, context| Call {
        action: action.to_owned(),
        resource: resource.to_owned(),
        context,
    };
    let service = ("iam:PassedToService".to_owned(), "scheduler.amazonaws.com".to_owned());
    vec![
        call(
            "scheduler:CreateSchedule",
            &format!("arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/default/{name}"),
            Vec::new(),
        ),
        call("iam:PassRole", body["Target"]["RoleArn"].as_str().unwrap(), vec![service]),
    ]
}

/// Returns the actions that AWS checks for a request to S3 in the path style, `/BUCKET/KEY`, or to CloudFront.
pub fn required_by_path(service: &str, method: &str, path_and_query: &str, body: &[u8]) -> Vec<Call> {
    let call = |action: &str, resource: String| Call { action: action.to_owned(), resource, context: Vec::new() };
    let (path, query) = path_and_query.split_once('?').unwrap_or((path_and_query, ""));
    let path = path.trim_matches('/');
    match (service, method) {
        ("s3", "POST") if query.starts_with("delete") => {
            let body = std::str::from_utf8(body).unwrap();
            let keys = body.split("<Key>").skip(1).map(|rest| rest.split("</Key>").next().unwrap());
            keys.map(|key| call("s3:DeleteObject", format!("arn:aws:s3:::{path}/{key}"))).collect()
        }
        ("s3", "GET") if query.contains("list-type=2") => vec![call("s3:ListBucket", format!("arn:aws:s3:::{path}"))],
        ("s3", "GET") => vec![call("s3:GetObject", format!("arn:aws:s3:::{path}"))],
        ("s3", "PUT") => vec![call("s3:PutObject", format!("arn:aws:s3:::{path}"))],
        ("cloudfront", "POST") if path.ends_with("/invalidation") => {
            let distribution = path.split('/').nth(2).unwrap();
            let arn = format!("arn:aws:cloudfront::{ACCOUNT}:distribution/{distribution}");
            vec![call("cloudfront:CreateInvalidation", arn)]
        }
        _ => panic!("{service} {method} {path_and_query}: the tests do not support this request"),
    }
}

/// Returns a secret's ARN. The ARN of a secret given by name ends in a hyphen and six random letters.
fn arn(secret: &str) -> String {
    if secret.starts_with("arn:") {
        secret.to_owned()
    } else {
        format!("arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{secret}-AbCdEf")
    }
}
