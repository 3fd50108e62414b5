//! The nested template: who is told of what.

use std::collections::{BTreeMap, BTreeSet};

use evertoken_core::events::{Event, EventKind};
use evertoken_core::metrics::Metric;
use evertoken_tests::browser::Consent;
use evertoken_tests::deployment::Deployment;
use evertoken_tests::stack::Stack;
use evertoken_tests::template::Template;
use evertoken_tests::{embedded_metrics, sample, waiting};
use serde_json::{Value, json};
use time::Duration;

/// The nested stack, with the parameters that the main one gives it.
fn alarms(parameters: &[(&str, &str)]) -> Stack {
    let main = Stack::new(Template::main(), parameters).unwrap();
    let given = main.properties("Alarms")["Parameters"].clone();
    let given: Vec<(&str, &str)> =
        given.as_object().unwrap().iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap())).collect();
    Stack::new(Template::alarms(), &given).unwrap()
}

const EMAIL: [(&str, &str); 1] = [("AlarmEmail", "me@example.com")];

const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:alarms";

fn of_type(stack: &Stack, kind: &str) -> BTreeMap<String, Value> {
    let resources = stack.resources().into_iter().filter(|(_, resource)| resource["Type"] == kind);
    resources.map(|(name, resource)| (name, resource["Properties"].clone())).collect()
}

#[test]
fn there_are_alarms_as_soon_as_somebody_can_be_told() {
    let made = |parameters| Stack::new(Template::main(), parameters).unwrap().resources().contains_key("Alarms");
    assert!(!made(&[]));
    assert!(made(&EMAIL) && made(&[("AlarmTopicArn", TOPIC)]));
    let main = Stack::new(Template::main(), &EMAIL).unwrap();
    assert_eq!(main.properties("Alarms")["TemplateURL"], "infra/alarms.yaml");
    let given = main.properties("Alarms")["Parameters"].clone();
    let given: BTreeSet<&str> = given.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(given, Template::alarms().section("Parameters").map(|(name, _)| name).collect());
}

/// Name, namespace, metric, dimension, statistic, seconds, periods, comparison, threshold, and what silence means.
type Expected<'a> = (&'a str, &'a str, &'a str, [&'a str; 2], &'a str, [u64; 2], &'a str, u64, &'a str);

#[test]
fn every_way_of_being_unwell_has_its_alarm() {
    let stack = ["Stack", "end-to-end"];
    let (refresh, pages) = (["FunctionName", "RefreshFunction"], ["FunctionName", "CallbackFunction"]);
    let queue = ["QueueName", "DeadLetterQueue.QueueName"];
    let (less, more) = ("LessThanThreshold", "GreaterThanThreshold");
    let (run, day, soon) = ([21_600, 1], [21_600, 4], [300, 1]);
    let waiting = "ApproximateNumberOfMessagesVisible";
    let expected: [Expected<'_>; 11] = [
        ("AccountsNeedLogin", "Evertoken", "LoginRequired", stack, "Maximum", run, more, 0, "ignore"),
        ("AccountsNeedOwner", "Evertoken", "Attention", stack, "Maximum", run, more, 0, "ignore"),
        ("CallbackErrors", "AWS/Lambda", "Errors", pages, "Sum", soon, more, 0, "notBreaching"),
        ("CallbackThrottles", "AWS/Lambda", "Throttles", pages, "Sum", soon, more, 0, "notBreaching"),
        ("DeadLetters", "AWS/SQS", waiting, queue, "Maximum", soon, more, 0, "notBreaching"),
        ("ExpiryIn14Days", "Evertoken", "MinSecondsToExpiry", stack, "Minimum", run, less, 14 * 86_400, "ignore"),
        ("ExpiryIn5Days", "Evertoken", "MinSecondsToExpiry", stack, "Minimum", run, less, 5 * 86_400, "ignore"),
        ("Heartbeat", "Evertoken", "RunDurationMs", stack, "SampleCount", day, less, 1, "breaching"),
        ("RefreshErrors", "AWS/Lambda", "Errors", refresh, "Sum", soon, more, 0, "notBreaching"),
        ("RefreshFails", "Evertoken", "RefreshFailed", stack, "Sum", day, more, 0, "notBreaching"),
        ("RefreshThrottles", "AWS/Lambda", "Throttles", refresh, "Sum", soon, more, 0, "notBreaching"),
    ];
    for (parameters, topic) in [(EMAIL, "Topic"), ([("AlarmTopicArn", TOPIC)], TOPIC)] {
        let made = of_type(&alarms(&parameters), "AWS::CloudWatch::Alarm");
        let names: Vec<&str> = made.keys().map(String::as_str).collect();
        assert_eq!(names, expected.map(|(name, ..)| name));
        for (name, namespace, metric, [dimension, of], statistic, [period, periods], comparison, threshold, silence) in
            expected
        {
            let alarm = &made[name];
            let words = alarm["AlarmDescription"].as_str().unwrap();
            assert!(words.len() > 100, "{name} must say what it means and what to do: {words}");
            let mut rest = alarm.clone();
            for looked_at in ["AlarmDescription", "Tags", "DatapointsToAlarm"] {
                rest.as_object_mut().unwrap().remove(looked_at);
            }
            let expected = json!({
                "Namespace": namespace,
                "MetricName": metric,
                "Dimensions": [{"Name": dimension, "Value": of}],
                "Statistic": statistic,
                "Period": period,
                "EvaluationPeriods": periods,
                "ComparisonOperator": comparison,
                "Threshold": threshold,
                "TreatMissingData": silence,
                "AlarmActions": [topic],
            });
            assert_eq!(rest, expected, "{name}");
            let needed = alarm.get("DatapointsToAlarm");
            assert_eq!(needed, (name == "RefreshFails").then(|| json!(2)).as_ref(), "{name}");
        }
    }
}

#[test]
fn only_alarms_and_rules_may_write_to_the_topic() {
    let key = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    let with_key = alarms(&[EMAIL[0], ("KmsKeyArn", key)]);
    assert_eq!(with_key.properties("Topic")["KmsMasterKeyId"], key);
    let own = alarms(&EMAIL);
    let topic = own.properties("Topic");
    assert_eq!(topic.get("KmsMasterKeyId"), None);
    assert_eq!(topic["Subscription"], json!([{"Protocol": "email", "Endpoint": "me@example.com"}]));
    let policy = own.properties("TopicPolicy");
    assert_eq!(policy["Topics"], json!(["Topic"]));
    let statements = policy["PolicyDocument"]["Statement"].as_array().unwrap();
    let services: Vec<&Value> = statements.iter().map(|statement| &statement["Principal"]["Service"]).collect();
    assert_eq!(services, ["cloudwatch.amazonaws.com", "events.amazonaws.com"]);
    for statement in statements {
        assert_eq!((&statement["Action"], &statement["Resource"]), (&json!("sns:Publish"), &json!("Topic")));
    }
    let condition = json!({"StringEquals": {"aws:SourceAccount": "123456789012"}});
    assert_eq!((&statements[0]["Condition"], statements[1].get("Condition")), (&condition, None));
    let given = alarms(&[("AlarmTopicArn", TOPIC)]);
    assert!(!given.resources().contains_key("Topic") && !given.resources().contains_key("TopicPolicy"));
    assert_eq!(given.outputs()["Topic"], TOPIC);
}

/// What a rule would send, if it would: every line of the template is a JSON string of its own, and so the mail has it.
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
        let value = event.pointer(&pointer).unwrap_or_else(|| panic!("an event has no {path}"));
        let value = value.as_str().map_or_else(|| value.to_string(), |text| text.replace('"', "\\\""));
        text = text.replace(&format!("<{name}>"), &value);
    }
    Some(
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON string: {line}")))
            .collect(),
    )
}

fn event(kind: EventKind) -> Value {
    let mut document = sample::document("shop-de");
    document.health.message = Some(r#"Instagram says "expired". The owner connects again."#.to_owned());
    let link = "https://login.example.com/login?invite=abc.def";
    let event = Event {
        reconnect_url: Some(link.to_owned()),
        ..Event::about(&document, kind, sample::ISSUED_AT, "00c0ffee00c0ffee")
    };
    json!({"source": "evertoken", "detail-type": kind.as_str(), "detail": event.detail()})
}

#[test]
fn a_message_says_which_account_why_and_how_it_is_repaired() {
    let rule = alarms(&EMAIL).properties("NeedsAPerson");
    assert_eq!((&rule["EventBusName"], &rule["Targets"][0]["Arn"]), (&json!("default"), &json!("Topic")));
    let lines = message(&rule, &event(EventKind::LoginRequired)).unwrap();
    let expected = [
        "Login Required: the Instagram account @blue_bottle, which Evertoken (end-to-end) keeps as shop-de.",
        r#"Why: Instagram says "expired". The owner connects again."#,
        "Its state is healthy. Its token ends at 2027-01-21T05:00:00Z.",
        "What to do: the account's owner acts on Instagram, or connects again by this link. It holds for seven days and for this \
         account alone:",
        "https://login.example.com/login?invite=abc.def",
        "Reference, also in the log: 00c0ffee00c0ffee",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn people_hear_of_what_waits_for_people_and_of_nothing_else() {
    let rule = alarms(&EMAIL).properties("NeedsAPerson");
    let all = [
        (EventKind::OwnerActionNeeded, true),
        (EventKind::LoginRequired, true),
        (EventKind::TokenRefreshed, false),
        (EventKind::TokenRefreshFailed, false),
        (EventKind::AccountRecovered, false),
        (EventKind::AccountConnected, false),
        (EventKind::AccountReconnected, false),
        (EventKind::AccountDisconnected, false),
        (EventKind::DataDeleted, false),
    ];
    for (kind, told) in all {
        assert_eq!(message(&rule, &event(kind)).is_some(), told, "{kind:?}");
    }
    let silent = alarms(&[EMAIL[0], ("EventBusName", "")]);
    assert!(!silent.resources().contains_key("NeedsAPerson"));
}

/// The metrics of ours that the dashboard shows.
fn shown(stack: &Stack) -> BTreeSet<String> {
    let body: Value = serde_json::from_str(stack.properties("Board")["DashboardBody"].as_str().unwrap()).unwrap();
    let widgets = body["widgets"].as_array().unwrap().iter();
    let metrics = widgets.flat_map(|widget| widget["properties"]["metrics"].as_array().cloned().unwrap_or_default());
    let ours = metrics.filter(|metric| metric[0] == "Evertoken").inspect(|metric| {
        assert_eq!((&metric[2], &metric[3]), (&json!("Stack"), &json!("end-to-end")));
    });
    ours.map(|metric| metric[1].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn what_alarms_and_dashboard_look_at_is_what_the_binaries_emit() {
    let stack = Deployment::new().await;
    let (callback, refresh) = tokio::join!(stack.callback(), stack.refresh());
    stack.browser(&callback).log_in(&stack.invite("shop-de"), Consent::allow("blue_bottle")).await;
    let cancelled = Consent { decision: "cancel", ..Consent::allow("blue_bottle") };
    stack.browser(&callback).log_in(&stack.invite("shop-fr"), cancelled).await;
    stack.plant("due", Duration::days(21)).await;
    refresh.invoke(&json!({"version": 1})).await;

    let nested = alarms(&EMAIL);
    let made = of_type(&nested, "AWS::CloudWatch::Alarm");
    let ours = made.values().filter(|alarm| alarm["Namespace"] == "Evertoken");
    let watched: BTreeSet<String> = ours.map(|alarm| alarm["MetricName"].as_str().unwrap().to_owned()).collect();
    let emitted = || {
        let lines = [callback.log(), refresh.log()].map(|log| embedded_metrics::read(&log, "end-to-end"));
        lines.into_iter().flatten().flat_map(BTreeMap::into_keys).collect::<BTreeSet<String>>()
    };
    let all = Metric::ALL.len();
    waiting::until("all metrics", || (emitted().len() >= all).then_some(())).await;
    assert!(watched.is_subset(&emitted()), "{watched:?} {:?}", emitted());
    assert_eq!(shown(&nested), emitted());
}

/// The names of fields that a saved query asks for; what CloudWatch and Lambda themselves write is theirs.
fn fields(query: &str) -> BTreeSet<&str> {
    let parts = query.split('|').map(str::trim);
    let asked = parts.flat_map(|part| match part.split_once(' ') {
        Some(("fields", list)) => list.split(',').map(str::trim).collect(),
        Some(("filter", condition)) => {
            let condition = condition.strip_prefix("ispresent(").unwrap_or(condition);
            vec![condition.split([' ', ')']).next().unwrap()]
        }
        _ => Vec::new(),
    });
    asked.filter(|field| !field.starts_with('@') && *field != "type").collect()
}

/// The names of all fields of the log's own lines.
fn logged_fields(log: &str) -> BTreeSet<String> {
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines.filter_map(|line| line.as_object().cloned()).flatten().map(|(name, _)| name).collect()
}

#[tokio::test]
async fn saved_queries_ask_for_what_log_lines_have() {
    let stack = Deployment::new().await;
    let (callback, refresh) = tokio::join!(stack.callback(), stack.refresh());
    stack.browser(&callback).log_in(&stack.invite("shop-de"), Consent::allow("blue_bottle")).await;
    stack.browser(&callback).get(&stack.page("/login?invite=nonsense")).await;
    let error = json!({"message": "no", "type": "OAuthException", "code": 190, "error_subcode": 463});
    let answer = json!({"kind": "status", "status": 400, "body": {"error": error}});
    for endpoint in ["refresh", "me"] {
        stack.instagram.fault(json!({"endpoint": endpoint, "times": "always", "answer": answer})).await;
    }
    stack.plant("dead", Duration::days(21)).await;
    refresh.invoke(&json!({"version": 1})).await;
    for (lambda, last) in [(&callback, "error.code"), (&refresh, "refresh run completed")] {
        lambda.logged(last).await;
    }
    let logged = logged_fields(&format!("{}\n{}", callback.log(), refresh.log()));
    let queries = of_type(&alarms(&EMAIL), "AWS::Logs::QueryDefinition");
    assert_eq!(queries.len(), 6);
    for (name, query) in queries {
        assert!(query["Name"].as_str().unwrap().starts_with("end-to-end/"), "{name}");
        let text = query["QueryString"].as_str().unwrap();
        for field in fields(text) {
            assert!(logged.contains(field), "{name} asks for {field}; there are {logged:?}");
        }
        for group in query["LogGroupNames"].as_array().unwrap() {
            assert!(["CallbackLogs", "RefreshLogs"].contains(&group.as_str().unwrap()), "{name}");
        }
    }
}
