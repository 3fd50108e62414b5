//! The nested template `infra/alarms.yaml`: alarms, email, dashboard and saved queries.

use std::collections::{BTreeMap, BTreeSet};

use evertoken_core::events::{Event, EventKind};
use evertoken_core::metrics::Metric;
use evertoken_sandbox::Endpoint;
use evertoken_tests::browser::Consent;
use evertoken_tests::deployment::Deployment;
use evertoken_tests::http::Request;
use evertoken_tests::stack::Stack;
use evertoken_tests::template::Template;
use evertoken_tests::{embedded_metrics, faults, sample, wait};
use reqwest::Method;
use serde_json::{Value, json};
use time::Duration;

use crate::alarm_checks::{Expected, assert_alarms, properties_by_type};
use crate::log_queries::{
    assert_saved_queries, dashboard_metrics, dashboard_widgets, logged_fields, referenced_queries,
};

/// The nested stack, with the parameters that the main template passes to it.
pub(crate) fn alarms_stack(parameters: &[(&str, &str)]) -> Stack {
    let main = Stack::new(Template::main(), parameters).unwrap();
    let rule = "arn:aws:events:us-east-1:123456789012:rule/needs-a-person";
    main.nested("Alarms", Template::alarms()).with("NeedsAPerson.Arn", rule)
}

pub(crate) const EMAIL: [(&str, &str); 1] = [("AlarmEmail", "me@example.com")];

const TOPIC_ARN: &str = "arn:aws:sns:us-east-1:123456789012:alarms";

#[test]
fn the_alarms_are_nested_if_there_is_an_email_address_or_a_topic() {
    let is_nested = |parameters| Stack::new(Template::main(), parameters).unwrap().resources().contains_key("Alarms");
    assert!(!is_nested(&[]));
    assert!(is_nested(&EMAIL) && is_nested(&[("AlarmTopicArn", TOPIC_ARN)]));
    let main = Stack::new(Template::main(), &EMAIL).unwrap();
    assert_eq!(main.properties("Alarms")["TemplateURL"], "infra/alarms.yaml");
    let given = main.properties("Alarms")["Parameters"].clone();
    let given: BTreeSet<&str> = given.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(given, Template::alarms().section("Parameters").map(|(name, _)| name).collect());
}

#[test]
fn each_alarm_watches_its_metric_and_explains_itself() {
    let stack: &[[&str; 2]] = &[["Stack", "end-to-end"]];
    let refresh: &[[&str; 2]] = &[["FunctionName", "RefreshFunction"]];
    let pages: &[[&str; 2]] = &[["FunctionName", "CallbackFunction"]];
    let queue: &[[&str; 2]] = &[["QueueName", "DeadLetterQueue.QueueName"]];
    let api: &[[&str; 2]] = &[["ApiId", "Api"], ["Stage", "$default"]];
    let rule: &[[&str; 2]] = &[["RuleName", "needs-a-person"]];
    let (less, more) = ("LessThanThreshold", "GreaterThanThreshold");
    let (run, day, five_minutes) = ([21_600, 1, 1], [21_600, 4, 4], [300, 1, 1]);
    let twice_a_day = [21_600, 4, 2];
    let messages = "ApproximateNumberOfMessagesVisible";
    let expected: [Expected<'_>; 14] = [
        ("AccountsNeedLogin", "Evertoken", "LoginRequired", stack, "Maximum", run, more, 0, "ignore"),
        ("AccountsNeedOwner", "Evertoken", "Attention", stack, "Maximum", run, more, 0, "ignore"),
        ("ApiErrors", "AWS/ApiGateway", "5xx", api, "Sum", five_minutes, more, 0, "notBreaching"),
        ("CallbackErrors", "AWS/Lambda", "Errors", pages, "Sum", five_minutes, more, 0, "notBreaching"),
        ("CallbackThrottles", "AWS/Lambda", "Throttles", pages, "Sum", five_minutes, more, 0, "notBreaching"),
        ("DeadLetters", "AWS/SQS", messages, queue, "Maximum", five_minutes, more, 0, "notBreaching"),
        ("ExpiryIn14Days", "Evertoken", "MinSecondsToExpiry", stack, "Minimum", run, less, 14 * 86_400, "ignore"),
        ("ExpiryIn5Days", "Evertoken", "MinSecondsToExpiry", stack, "Minimum", run, less, 5 * 86_400, "ignore"),
        ("Heartbeat", "Evertoken", "RunDurationMs", stack, "SampleCount", day, less, 1, "breaching"),
        ("MessagesFail", "AWS/Events", "FailedInvocations", rule, "Sum", five_minutes, more, 0, "notBreaching"),
        ("RefreshErrors", "AWS/Lambda", "Errors", refresh, "Sum", five_minutes, more, 0, "notBreaching"),
        ("RefreshFails", "Evertoken", "RefreshFailed", stack, "Sum", twice_a_day, more, 0, "notBreaching"),
        ("RefreshThrottles", "AWS/Lambda", "Throttles", refresh, "Sum", five_minutes, more, 0, "notBreaching"),
        ("RemovalsFail", "Evertoken", "RemovalsFailed", stack, "Sum", five_minutes, more, 0, "notBreaching"),
    ];
    for (parameters, topic) in [(EMAIL, "Topic"), ([("AlarmTopicArn", TOPIC_ARN)], TOPIC_ARN)] {
        assert_alarms(&alarms_stack(&parameters), topic, &expected);
    }
}

#[test]
fn alarms_follow_the_interval_between_runs() {
    for hours in [2, 3, 4, 6, 8, 12] {
        let text = hours.to_string();
        let alarms = alarms_stack(&[EMAIL[0], ("RefreshEveryHours", &text)]);
        for alarm in ["AccountsNeedLogin", "AccountsNeedOwner", "ExpiryIn14Days", "ExpiryIn5Days", "RefreshFails"] {
            assert_eq!(alarms.properties(alarm)["Period"], hours * 3600, "{alarm}");
        }
        // The heartbeat is about the last 24 hours.
        let heartbeat = alarms.properties("Heartbeat");
        assert_eq!((&heartbeat["Period"], &heartbeat["EvaluationPeriods"]), (&json!(hours * 3600), &json!(24 / hours)));
        let description = alarms.properties("RefreshFails")["AlarmDescription"].as_str().unwrap().to_owned();
        assert!(description.contains(&format!("retries every {hours} hours")), "{description}");
    }
    let without_schedule = alarms_stack(&[EMAIL[0], ("Schedule", "off")]).resources();
    assert!(!without_schedule.contains_key("Heartbeat") && without_schedule.contains_key("RefreshFails"));
}

#[test]
fn messages_that_cannot_be_delivered_go_to_the_dead_letter_queue_and_raise_an_alarm() {
    let alarms = alarms_stack(&EMAIL);
    let rule = alarms.properties("NeedsAPerson");
    assert_eq!(rule["Targets"][0]["DeadLetterConfig"], json!({"Arn": "DeadLetterQueue.Arn"}));
    let policy = alarms.properties("DeadLetterQueuePolicy");
    assert_eq!(policy["Queues"], json!(["DeadLetterQueue"]));
    let statements = json!([{
        "Sid": "AllowUndeliveredMessages",
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": "DeadLetterQueue.Arn",
        "Condition": {"ArnEquals": {"aws:SourceArn": "arn:aws:events:us-east-1:123456789012:rule/needs-a-person"}},
    }]);
    assert_eq!(policy["PolicyDocument"]["Statement"], statements);
    let own_bus = alarms_stack(&[EMAIL[0], ("EventBusName", "shop")])
        .with("NeedsAPerson.Arn", "arn:aws:events:us-east-1:123456789012:rule/shop/needs-a-person");
    let dimensions =
        json!([{"Name": "RuleName", "Value": "needs-a-person"}, {"Name": "EventBusName", "Value": "shop"}]);
    assert_eq!(own_bus.properties("MessagesFail")["Dimensions"], dimensions);
    let without_events = alarms_stack(&[EMAIL[0], ("EventBusName", "")]).resources();
    for resource in ["NeedsAPerson", "DeadLetterQueuePolicy", "MessagesFail"] {
        assert!(!without_events.contains_key(resource), "{resource}");
    }
}

#[test]
fn alarms_refer_only_to_saved_queries_that_exist() {
    assert_eq!(referenced_queries(&alarms_stack(&EMAIL)), ["Errors", "Failed accounts"]);
}

#[test]
fn only_alarms_and_rules_may_publish_to_the_topic() {
    let key = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    let with_key = alarms_stack(&[EMAIL[0], ("KmsKeyArn", key)]);
    assert_eq!(with_key.properties("Topic")["KmsMasterKeyId"], key);
    let created = alarms_stack(&EMAIL);
    let topic = created.properties("Topic");
    assert_eq!(topic.get("KmsMasterKeyId"), None);
    assert_eq!(topic["Subscription"], json!([{"Protocol": "email", "Endpoint": "me@example.com"}]));
    let policy = created.properties("TopicPolicy");
    assert_eq!(policy["Topics"], json!(["Topic"]));
    let statements = policy["PolicyDocument"]["Statement"].as_array().unwrap();
    let services: Vec<&Value> = statements.iter().map(|statement| &statement["Principal"]["Service"]).collect();
    assert_eq!(services, ["cloudwatch.amazonaws.com", "events.amazonaws.com"]);
    for statement in statements {
        assert_eq!((&statement["Action"], &statement["Resource"]), (&json!("sns:Publish"), &json!("Topic")));
    }
    let condition = json!({"StringEquals": {"aws:SourceAccount": "123456789012"}});
    assert_eq!((&statements[0]["Condition"], statements[1].get("Condition")), (&condition, None));
    let own_topic = alarms_stack(&[("AlarmTopicArn", TOPIC_ARN)]);
    assert!(!own_topic.resources().contains_key("Topic") && !own_topic.resources().contains_key("TopicPolicy"));
    assert_eq!(own_topic.outputs()["Topic"], TOPIC_ARN);
}

/// The lines that a rule would send, or `None` if it does not match the event. Each line of the input template is a JSON string.
fn message(rule: &Value, event: &Value) -> Option<Vec<String>> {
    let pattern = &rule["EventPattern"];
    for key in ["source", "detail-type"] {
        if !pattern[key].as_array().unwrap().contains(&event[key]) {
            return None;
        }
    }
    assert_eq!(pattern["detail"], json!({"version": [1]}));
    let transformer = &rule["Targets"][0]["InputTransformer"];
    let mut text = transformer["InputTemplate"].as_str().unwrap().to_owned();
    for (name, path) in transformer["InputPathsMap"].as_object().unwrap() {
        let pointer = path.as_str().unwrap().strip_prefix('$').unwrap().replace('.', "/");
        let value = event.pointer(&pointer).unwrap_or_else(|| panic!("the event has no {path}"));
        let value = value.as_str().map_or_else(|| value.to_string(), |text| text.replace('"', "\\\""));
        text = text.replace(&format!("<{name}>"), &value);
    }
    Some(
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("not a JSON string: {line}")))
            .collect(),
    )
}

fn event(kind: EventKind) -> Value {
    let mut document = sample::document("shop-de");
    document.health.message = Some(r#"Instagram says "expired". The owner connects again."#.to_owned());
    let link = "https://login.example.com/login?invite=abc.def";
    let event = Event {
        reconnect_url: Some(link.to_owned()),
        ..Event::about(&evertoken_core::sample::versioned(document), kind, sample::ISSUED_AT, "00c0ffee00c0ffee")
    };
    json!({"source": "evertoken", "detail-type": kind.as_str(), "detail": event.detail()})
}

#[test]
fn the_email_names_the_account_the_reason_and_what_to_do() {
    let rule = alarms_stack(&EMAIL).properties("NeedsAPerson");
    assert_eq!((&rule["EventBusName"], &rule["Targets"][0]["Arn"]), (&json!("default"), &json!("Topic")));
    let lines = message(&rule, &event(EventKind::LoginRequired)).unwrap();
    let expected = [
        "Login Required: Instagram account @blue_bottle (account shop-de in the Evertoken stack end-to-end)",
        r#"Reason: Instagram says "expired". The owner connects again."#,
        "Health: healthy. Access ends at 2027-01-21T05:00:00Z.",
        "What to do: ask the account's owner to resolve this on Instagram, or to log in again with the link below. The link \
         works for 7 days, and only for this account.",
        // The spaces keep a mail program from making the quote part of the link.
        " https://login.example.com/login?invite=abc.def ",
        "More about this message: https://github.com/evertoken/evertoken/blob/main/docs/runbook.md#events ",
        "Log reference: 00c0ffee00c0ffee",
    ];
    assert_eq!(lines, expected);
}

/// All kinds of events. The match does not compile if one is missing.
macro_rules! all_kinds {
    ($($kind:ident: $needs_action:literal,)+) => {
        const ALL_KINDS: &[EventKind] = &[$(EventKind::$kind,)+];

        fn needs_action(kind: EventKind) -> bool {
            match kind { $(EventKind::$kind => $needs_action,)+ }
        }
    };
}

all_kinds! {
    AccountConnected: false,
    AccountReconnected: false,
    TokenRefreshed: false,
    TokenRefreshFailed: false,
    OwnerActionNeeded: true,
    LoginRequired: true,
    AccessExpiring: true,
    AccountRecovered: false,
    TokenRevealed: false,
    AccountDisconnected: false,
    DataDeleted: false,
}

#[test]
fn sends_email_only_for_accounts_that_need_action() {
    let rule = alarms_stack(&EMAIL).properties("NeedsAPerson");
    for kind in ALL_KINDS {
        assert_eq!(message(&rule, &event(*kind)).is_some(), needs_action(*kind), "{kind:?}");
    }
    let without_events = alarms_stack(&[EMAIL[0], ("EventBusName", "")]);
    assert!(!without_events.resources().contains_key("NeedsAPerson"));
}

#[tokio::test]
async fn alarms_and_dashboard_use_the_metrics_that_the_binaries_emit() {
    let stack = Deployment::new().await;
    let (callback, refresh) = tokio::join!(stack.callback(), stack.refresh());
    stack.browser(&callback).log_in(&stack.invite_link("shop-de"), Consent::allow("blue_bottle")).await;
    let canceled = Consent { decision: "cancel", ..Consent::allow("blue_bottle") };
    stack.browser(&callback).log_in(&stack.invite_link("shop-fr"), canceled).await;
    let form = vec![("signed_request".to_owned(), sample::forged_signed_request())];
    let forged = Request { form, ..Request::get(&stack.page_url("/data-deletion")).method(Method::POST) };
    assert_eq!(stack.browser(&callback).send(&forged).await.status, 400);
    stack.add_account("due", Duration::days(21)).await;
    refresh.invoke(&json!({"version": 1})).await;

    let nested = alarms_stack(&EMAIL);
    let alarms = properties_by_type(&nested, "AWS::CloudWatch::Alarm");
    let ours = alarms.values().filter(|alarm| alarm["Namespace"] == "Evertoken");
    let watched: BTreeSet<String> = ours.map(|alarm| alarm["MetricName"].as_str().unwrap().to_owned()).collect();
    let emitted = || {
        let lines = [callback.log(), refresh.log()].map(|log| embedded_metrics::read(&log, "end-to-end"));
        lines.into_iter().flatten().flat_map(BTreeMap::into_keys).collect::<BTreeSet<String>>()
    };
    // `feed_permissions.rs` checks the metrics of feeds.
    let all = Metric::ALL.iter().filter(|metric| !metric.name().starts_with("Feeds")).count();
    wait::until("all metrics", || (emitted().len() >= all).then_some(())).await;
    assert!(watched.is_subset(&emitted()), "{watched:?} {:?}", emitted());
    assert_eq!(dashboard_metrics(&nested), emitted());
}

#[tokio::test]
async fn saved_queries_use_fields_that_the_logs_contain() {
    let stack = Deployment::new().await;
    let (callback, refresh) = tokio::join!(stack.callback(), stack.refresh());
    stack.browser(&callback).log_in(&stack.invite_link("shop-de"), Consent::allow("blue_bottle")).await;
    stack.browser(&callback).get(&stack.page_url("/login?invite=nonsense")).await;
    for endpoint in [Endpoint::Refresh, Endpoint::Me] {
        stack.instagram.inject_fault(faults::invalid_token(endpoint, 463)).await;
    }
    stack.add_account("dead", Duration::days(21)).await;
    refresh.invoke(&json!({"version": 1})).await;
    for (lambda, last) in [(&callback, "error.code"), (&refresh, "refresh run completed")] {
        lambda.wait_for_log(last).await;
    }
    let logged = logged_fields(&format!("{}\n{}", callback.log(), refresh.log()));
    let stack = alarms_stack(&EMAIL);
    assert_eq!(properties_by_type(&stack, "AWS::Logs::QueryDefinition").len(), 6);
    assert_saved_queries(&stack, &logged, &["CallbackLogs", "RefreshLogs"]);
}

#[test]
fn saved_queries_and_widgets_read_the_logs_and_metrics_that_they_are_about() {
    let stack = alarms_stack(&EMAIL);
    let (both, refresh) = (json!(["CallbackLogs", "RefreshLogs"]), json!(["RefreshLogs"]));
    let expected = [
        ("AccountsThatFailed", &refresh),
        ("ByReference", &both),
        ("ColdStarts", &both),
        ("Errors", &both),
        ("OneAccount", &both),
        ("Runs", &refresh),
    ];
    let queries = properties_by_type(&stack, "AWS::Logs::QueryDefinition");
    let groups: Vec<_> = queries.iter().map(|(name, query)| (name.as_str(), &query["LogGroupNames"])).collect();
    assert_eq!(groups, expected);

    let widgets = dashboard_widgets(&stack);
    let sources = widgets.iter().filter_map(|widget| widget["properties"]["query"].as_str()?.split(" | ").next());
    assert_eq!(sources.collect::<Vec<_>>(), ["SOURCE 'RefreshLogs'"]);
    let metrics = widgets.iter().filter_map(|widget| widget["properties"]["metrics"].as_array()).flatten();
    let of_aws = metrics.filter(|metric| metric[0].as_str().is_some_and(|namespace| namespace.starts_with("AWS/")));
    let of_aws = of_aws.map(|metric| [0_usize, 1, 2, 3].map(|part| metric[part].as_str().unwrap()).join(" "));
    let expected = [
        "AWS/Lambda Duration FunctionName CallbackFunction",
        "AWS/Lambda Duration FunctionName CallbackFunction",
        "AWS/Lambda Errors FunctionName RefreshFunction",
        "AWS/Lambda Throttles FunctionName RefreshFunction",
        "AWS/Lambda Errors FunctionName CallbackFunction",
        "AWS/Lambda Throttles FunctionName CallbackFunction",
        "AWS/SQS ApproximateNumberOfMessagesVisible QueueName DeadLetterQueue.QueueName",
    ];
    assert_eq!(of_aws.collect::<Vec<_>>(), expected);
}

/// Each worker reports the accounts of its own parts.
#[test]
fn the_dashboard_adds_up_the_accounts_that_the_workers_report() {
    for (workers, statistic) in [("0", "Maximum"), ("4", "Sum")] {
        let stack = alarms_stack(&[EMAIL[0], ("Layout", "packed"), ("Workers", workers)]);
        let widgets = dashboard_widgets(&stack).into_iter();
        let mut of_accounts = widgets.filter(|widget| widget["properties"]["title"] == "Accounts by health");
        assert_eq!(of_accounts.next().unwrap()["properties"]["stat"], statistic, "{workers} workers");
    }
}

#[test]
fn the_email_address_is_subscribed_to_a_topic_that_receives_messages_and_alarms() {
    let stack = alarms_stack(&EMAIL);
    let subscription = json!([{"Protocol": "email", "Endpoint": "me@example.com"}]);
    assert_eq!(stack.properties("Topic")["Subscription"], subscription);
    assert_eq!(stack.properties("NeedsAPerson")["Targets"][0]["Arn"], "Topic");
}

#[test]
fn a_given_topic_receives_messages_and_alarms_and_no_other_is_created() {
    let stack = alarms_stack(&[("AlarmTopicArn", TOPIC_ARN)]);
    assert!(!stack.resources().contains_key("Topic"));
    assert_eq!(stack.properties("NeedsAPerson")["Targets"][0]["Arn"], TOPIC_ARN);
    for (name, alarm) in properties_by_type(&stack, "AWS::CloudWatch::Alarm") {
        assert_eq!(alarm["AlarmActions"], json!([TOPIC_ARN]), "{name}");
    }
}
