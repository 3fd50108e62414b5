//! The roles allow exactly what the binaries call (docs/decisions/0008).

use std::collections::BTreeSet;
use std::sync::LazyLock;

use evertoken_core::entropy::SystemEntropy;
use evertoken_core::invite::{Invite, InviteId};
use evertoken_sandbox::{Endpoint, FaultResponse, InjectedFault};
use evertoken_tests::browser::Consent;
use evertoken_tests::deployment::Deployment;
use evertoken_tests::http::{Request, parameter};
use evertoken_tests::iam_policy_check::RecordedCalls;
use evertoken_tests::lambda_emulator::Lambda;
use evertoken_tests::permissions::{Grant, differences, granted};
use evertoken_tests::stack::Stack;
use evertoken_tests::template::Template;
use evertoken_tests::{faults, sample};
use reqwest::Method;
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

const KEY: &str = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/// All optional features that need permissions.
const ALL_FEATURES: [(&str, &str); 4] =
    [("Rotation", "on"), ("KmsKeyArn", KEY), ("AccountTags", "team=web,cost-center=4711"), ("Tracing", "on")];

const ROLES: [&str; 2] = ["CallbackRole", "RefreshRole"];

/// Actions that AWS itself performs with the role.
const BY_AWS: [(&str, &str); 5] = [
    ("logs:CreateLogStream", "Lambda writes the function's output to its log group"),
    ("logs:PutLogEvents", "Lambda writes the function's output to its log group"),
    ("sqs:SendMessage", "Lambda sends a failed asynchronous invocation to its destination"),
    ("xray:PutTraceSegments", "Lambda's X-Ray daemon sends segments"),
    ("xray:PutTelemetryRecords", "Lambda's X-Ray daemon sends its own telemetry"),
];

/// The calls of a session that uses every feature of both functions once.
struct Recorded {
    calls: RecordedCalls,
    stack: Stack,
}

static RECORDED: LazyLock<Recorded> = LazyLock::new(|| {
    let record = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(record());
    std::thread::spawn(record).join().unwrap()
});

async fn record() -> Recorded {
    let stack = Deployment::new().await.with_parameters(&ALL_FEATURES);
    let (callback, refresh) = tokio::join!(stack.callback(), stack.refresh());
    log_in_and_leave(&stack, &callback).await;
    // Instagram rejects the new token on /me, so the refresh parks it.
    stack.add_account("parked", Duration::days(21)).await;
    stack.instagram.inject_fault(faults::invalid_token(Endpoint::Me, 463)).await;
    refresh.invoke(&json!({"version": 1, "accounts": ["parked"], "force": true})).await;
    assert!(stack.secret_version("parked", "EVERTOKEN_PARKED").await.is_some());
    // Instagram rejects the old token too. Only a login helps, and the event contains a signed link to it.
    stack.instagram.inject_fault(faults::invalid_token(Endpoint::Refresh, 463)).await;
    stack.add_account("dead", Duration::days(21)).await;
    let report = refresh.invoke(&json!({})).await;
    assert!(report["login_required"].as_u64().unwrap() > 0, "{report}");
    stack.instagram.clear_faults().await;
    rotate(&stack, &refresh).await;
    Recorded { calls: stack.calls.clone(), stack: stack.stack() }
}

/// Logins with reusable and single-use invites, a failed login, deauthorization, data deletion and a duplicate callback.
async fn log_in_and_leave(stack: &Deployment, callback: &Lambda) {
    let invite =
        Invite { name: Some(sample::name("shop-de")), ..Invite::new(OffsetDateTime::now_utc() + Duration::days(1)) };
    let once = || Invite { once: Some(InviteId::generate(&SystemEntropy).unwrap()), ..invite.clone() };
    let log_in = async |invite: Invite, status: u16| {
        let page = stack.browser(callback).log_in(&stack.invite_link_for(&invite), Consent::allow("blue_bottle")).await;
        assert_eq!(page.status, status, "{}", page.body);
    };
    log_in(invite.clone(), 200).await;
    log_in(once(), 200).await;
    // Another account takes the name.
    let page = stack
        .browser(callback)
        .log_in(&stack.invite_link_for(&Invite { replace: true, ..invite.clone() }), Consent::allow("corner_bakery"))
        .await;
    assert_eq!(page.status, 200, "{}", page.body);
    log_in(Invite { replace: true, ..invite.clone() }, 200).await;
    // The login fails, so the single-use invite becomes valid again.
    stack.instagram.inject_fault(InjectedFault::new(Endpoint::Me, FaultResponse::Truncated).always()).await;
    let page = stack.browser(callback).log_in(&stack.invite_link_for(&once()), Consent::allow("blue_bottle")).await;
    assert!(page.status >= 400, "{}", page.body);
    stack.instagram.clear_faults().await;
    // The wrong account withdraws its claim to a single-use invite, and the right one claims it again.
    let link = stack.invite_link_for(&once());
    for (account, status) in [("corner_bakery", 403), ("blue_bottle", 200)] {
        let page = stack.browser(callback).log_in(&link, Consent::allow(account)).await;
        assert_eq!(page.status, status, "{}", page.body);
    }
    reveal(stack, callback, &invite).await;
    leave(stack, callback, "/deauthorize").await;
    log_in(invite.clone(), 200).await;
    leave(stack, callback, "/data-deletion").await;
    log_in(invite.clone(), 200).await;
    // An invite without a name, and a browser whose second request reaches another instance.
    let other = stack.callback().await;
    let mut browser = stack.browser(callback);
    let page = browser.open(&stack.invite_link_for(&Invite { name: None, ..invite })).await;
    let back = browser.consent(&page, Consent::allow("corner_bakery")).await;
    let mut again = browser.served_by(&other);
    for browser in [&mut browser, &mut again] {
        let page = browser.open(&back).await;
        assert_eq!(page.status, 200, "{}", page.body);
    }
}

/// Copies the token after a login, which works once.
async fn reveal(stack: &Deployment, callback: &Lambda, invite: &Invite) {
    let mut browser = stack.browser(callback);
    let link = stack.invite_link_for(&Invite { reveal: true, ..invite.clone() });
    let page = browser.log_in(&link, Consent::allow("blue_bottle")).await;
    let form = vec![("receipt".to_owned(), parameter(&page.url, "receipt"))];
    let request = Request { form, ..Request::get(&stack.page_url("/reveal")).method(Method::POST) };
    for status in [200, 410] {
        let page = browser.send(&request).await;
        assert_eq!(page.status, status, "{}", page.body);
    }
}

async fn leave(stack: &Deployment, callback: &Lambda, path: &str) {
    let form = vec![("signed_request".to_owned(), stack.instagram.signed_request("blue_bottle").await)];
    let request = Request { form, ..Request::get(&stack.page_url(path)).method(Method::POST) };
    let answer = stack.browser(callback).send(&request).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

/// "Rotate secret immediately" in the console.
async fn rotate(stack: &Deployment, refresh: &Lambda) {
    const VERSION: &str = "11111111-2222-3333-4444-555555555555";
    stack.add_account("by-hand", Duration::days(21)).await;
    stack.start_rotation("by-hand", VERSION).await;
    for step in ["createSecret", "setSecret", "testSecret", "finishSecret"] {
        let event = json!({"SecretId": stack.secret("by-hand"), "ClientRequestToken": VERSION, "Step": step});
        assert_eq!(refresh.invoke(&event).await, Value::Null, "{step}");
    }
}

/// The differences between a template's roles and the recorded calls.
fn find_differences(template: &Template) -> Vec<String> {
    let recorded = &*RECORDED;
    let stack = recorded.stack.of(template);
    let differences = ROLES.iter().flat_map(|role| {
        let by_aws = |grant: &Grant| BY_AWS.iter().any(|(action, _)| grant.action == *action);
        let ours: BTreeSet<Grant> = granted(&stack, role).into_iter().filter(|grant| !by_aws(grant)).collect();
        let differences = differences(&ours, &recorded.calls.of(role), stack.parameter("VaultPrefix"));
        differences.into_iter().map(move |difference| format!("{role}: {difference}"))
    });
    differences.collect()
}

#[test]
fn each_role_allows_exactly_what_its_function_calls() {
    assert_eq!(find_differences(Template::main()), [""; 0]);
}

/// The statement with this `Sid`. A conditional statement is the second argument of its `Fn::If`.
fn statement<'a>(template: &'a mut Template, role: &str, sid: &str) -> &'a mut Value {
    let statements = template.part(&format!("/Resources/{role}/Properties/Policies/0/PolicyDocument/Statement"));
    let mut statements = statements
        .as_array_mut()
        .unwrap()
        .iter_mut()
        .map(|statement| if statement.get("Fn::If").is_some() { &mut statement["Fn::If"][1] } else { statement });
    statements.find(|statement| statement["Sid"] == sid).unwrap_or_else(|| panic!("{role} has no {sid}"))
}

/// Changes the template and returns the only difference that results.
fn only_difference(change: impl FnOnce(&mut Template)) -> String {
    let mut template = Template::main().clone();
    change(&mut template);
    let found = find_differences(&template);
    assert_eq!(found.len(), 1, "{found:#?}");
    found.into_iter().next().unwrap()
}

#[test]
fn detects_an_excessive_permission() {
    let action = only_difference(|template| {
        statement(template, "RefreshRole", "RefreshAccounts")["Action"]
            .as_array_mut()
            .unwrap()
            .push(json!("secretsmanager:DeleteSecret"));
    });
    assert!(action.starts_with("RefreshRole: allowed but never called: secretsmanager:DeleteSecret on "), "{action}");
    let wildcard = only_difference(|template| {
        statement(template, "RefreshRole", "PublishEvents")["Action"] = json!("events:*");
    });
    assert!(wildcard.starts_with("RefreshRole: allowed but never called: events:* on "), "{wildcard}");
    let resource = only_difference(|template| {
        statement(template, "CallbackRole", "PublishEvents")["Resource"] = json!("*");
    });
    assert_eq!(resource, "CallbackRole: allowed but never called: events:PutEvents on *");
    let condition = only_difference(|template| {
        statement(template, "CallbackRole", "PublishEvents").as_object_mut().unwrap().remove("Condition");
    });
    assert!(condition.starts_with("CallbackRole: allowed but never called: events:PutEvents on arn:"), "{condition}");
    let other_secret = only_difference(|template| {
        statement(template, "RefreshRole", "SignReconnectLinks")["Resource"] = json!([{"Fn::Sub": "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:${VaultPrefix}/app-??????"}, {"Ref": "SigningSecret"}]);
    });
    assert!(other_secret.contains("never called: secretsmanager:GetSecretValue on ") && other_secret.contains("/app-"));
}

#[test]
fn detects_a_missing_permission() {
    for (role, sid, action) in [
        ("CallbackRole", "StoreAccounts", "secretsmanager:TagResource"),
        ("CallbackRole", "StoreAccounts", "secretsmanager:RestoreSecret"),
        ("CallbackRole", "StoreAccounts", "secretsmanager:UpdateSecretVersionStage"),
        ("CallbackRole", "RecordUsedInvites", "secretsmanager:DeleteSecret"),
        ("CallbackRole", "RecordUsedInvites", "secretsmanager:TagResource"),
        ("CallbackRole", "RecordLogins", "secretsmanager:TagResource"),
        ("RefreshRole", "RefreshAccounts", "secretsmanager:PutSecretValue"),
        ("RefreshRole", "RotateSecrets", "secretsmanager:UpdateSecretVersionStage"),
        ("RefreshRole", "UseKeyThroughSecretsManager", "kms:Decrypt"),
    ] {
        let mut template = Template::main().clone();
        let actions = statement(&mut template, role, sid)["Action"].as_array_mut().unwrap();
        actions.retain(|allowed| allowed != action);
        let found = find_differences(&template);
        assert!(!found.is_empty(), "{role} without {action}");
        for finding in found {
            assert!(finding.starts_with(&format!("{role}: called but not allowed: {action} on ")), "{finding}");
        }
    }
}

#[test]
fn roles_have_no_permissions_for_disabled_features() {
    let stack = Stack::new(Template::main(), &[("EventBusName", "")]).unwrap();
    let actions: BTreeSet<String> =
        ROLES.iter().flat_map(|role| granted(&stack, role)).map(|grant| grant.action).collect();
    for action in &actions {
        let service = action.split(':').next().unwrap();
        assert!(!["events", "kms", "xray"].contains(&service), "{action}");
    }
    let refresh = granted(&stack, "RefreshRole");
    assert!(refresh.iter().all(|grant| grant.action != "secretsmanager:UpdateSecretVersionStage"));
}

#[test]
fn no_role_has_a_wildcard_action_and_all_have_the_permissions_boundary() {
    let boundary = "arn:aws:iam::123456789012:policy/boundary";
    let parameters: Vec<_> = ALL_FEATURES.into_iter().chain([("PermissionsBoundary", boundary)]).collect();
    let stack = Stack::new(Template::main(), &parameters).unwrap();
    let mut roles = 0;
    for (name, resource) in stack.resources().iter().filter(|(_, resource)| resource["Type"] == "AWS::IAM::Role") {
        roles += 1;
        assert_eq!(resource["Properties"]["PermissionsBoundary"], boundary, "{name}");
        for grant in granted(&stack, name) {
            assert!(!grant.action.contains('*'), "{name}: {grant:?}");
            let without_resources = ["ListSecrets", "BatchGetSecretValue", "PutTraceSegments", "PutTelemetryRecords"];
            let operation = grant.action.split(':').next_back().unwrap();
            assert!(grant.resource != "*" || without_resources.contains(&operation), "{name}: {grant:?}");
        }
    }
    assert_eq!(roles, 3);
    assert!(Stack::new(Template::main(), &[]).unwrap().properties("RefreshRole").get("PermissionsBoundary").is_none());
}
