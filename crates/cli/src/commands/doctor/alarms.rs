//! Checks the alarms and who receives them.

use evertoken_aws::{AwsErrorCode, SdkConfig};

use super::finding::Finding;
use super::unavailable::unavailable;
use crate::aws::stack::Stack;

/// The ARN of a subscription that is not confirmed (AWS, `ListSubscriptionsByTopic`).
const PENDING: &str = "PendingConfirmation";

const SUBJECT: &str = "alarm subscription";

pub(super) async fn check(config: &SdkConfig, stack: &Stack) -> Vec<Finding> {
    let alarms = stack.of_kind("AWS::CloudWatch::Alarm").count();
    let mut findings = vec![configured(alarms, stack.name())];
    if alarms > 0 {
        findings.extend(check_subscriptions(config, stack).await);
    }
    findings
}

fn configured(alarms: usize, stack: &str) -> Finding {
    if alarms == 0 {
        let text = format!("the stack {stack} has none, so nobody is alerted to problems");
        return Finding::warning("alarms", text, "Deploy with the parameter AlarmEmail or AlarmTopicArn.");
    }
    Finding::ok("alarms", format!("{alarms} configured"))
}

async fn check_subscriptions(config: &SdkConfig, stack: &Stack) -> Vec<Finding> {
    let client = aws_sdk_sns::Client::new(config);
    let mut findings = Vec::new();
    for topic in stack.of_kind("AWS::SNS::Topic") {
        let response = client.list_subscriptions_by_topic().topic_arn(&topic.physical_id).send().await;
        let response = match response.map_err(AwsErrorCode::from) {
            Ok(response) => response,
            Err(error) => {
                findings.push(unavailable(SUBJECT, &error, "sns:ListSubscriptionsByTopic"));
                continue;
            }
        };
        let all = response.subscriptions();
        let pending = all.iter().filter(|one| one.subscription_arn() == Some(PENDING)).count();
        findings.push(confirmed(&topic.physical_id, all.len(), pending));
    }
    findings
}

/// The finding for a topic with this number of subscriptions, of which some are not confirmed.
fn confirmed(topic: &str, all: usize, pending: usize) -> Finding {
    match (all, pending) {
        (0, _) => {
            Finding::problem(SUBJECT, format!("{topic} has no subscription"), "Subscribe an address to the topic.")
        }
        (all, 0) => Finding::ok(SUBJECT, format!("{all} confirmed")),
        (all, pending) => Finding::problem(
            SUBJECT,
            format!("{pending} of {all} not confirmed, so they receive nothing"),
            "Open the email \"AWS Notification - Subscription Confirmation\" and click its link.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::doctor::finding::Severity;

    #[test]
    fn alarms_that_reach_nobody_are_reported() {
        for (finding, state, text) in [
            (configured(0, "shop"), Severity::Warning, "the stack shop has none, so nobody is alerted to problems"),
            (configured(7, "shop"), Severity::Ok, "7 configured"),
            (confirmed("arn:topic", 0, 0), Severity::Problem, "arn:topic has no subscription"),
            (confirmed("arn:topic", 2, 0), Severity::Ok, "2 confirmed"),
            (confirmed("arn:topic", 2, 1), Severity::Problem, "1 of 2 not confirmed, so they receive nothing"),
            (confirmed("arn:topic", 1, 1), Severity::Problem, "1 of 1 not confirmed, so they receive nothing"),
        ] {
            assert_eq!((finding.state, finding.text.as_str()), (state, text));
            assert_eq!(finding.remedy.is_some(), state != Severity::Ok, "{text}");
        }
    }
}
