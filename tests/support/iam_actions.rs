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

/// Returns a secret's ARN. The ARN of a secret given by name ends in a hyphen and six random letters.
fn arn(secret: &str) -> String {
    if secret.starts_with("arn:") {
        secret.to_owned()
    } else {
        format!("arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{secret}-AbCdEf")
    }
}
