//! Whether somebody is told when something is unwell.

use evertoken_aws::{AwsErrorCode, SdkConfig};

use super::finding::Finding;
use super::schedule::unseen;
use crate::aws::stack::Stack;

/// What SNS calls a subscription that nobody has confirmed (AWS, `ListSubscriptionsByTopic`).
const PENDING: &str = "PendingConfirmation";

/// The alarms, and whether anybody hears them.
pub(super) async fn check(config: &SdkConfig, stack: &Stack) -> Vec<Finding> {
    let alarms = stack.of_kind("AWS::CloudWatch::Alarm").count();
    if alarms == 0 {
        let text = format!("the stack {} has none: nobody is told when something is unwell", stack.name());
        return vec![Finding::warning("alarms", text, "Deploy with the parameter AlarmEmail or AlarmTopicArn.")];
    }
    let mut findings = vec![Finding::ok("alarms", format!("{alarms} are set"))];
    findings.extend(heard(config, stack).await);
    findings
}

async fn heard(config: &SdkConfig, stack: &Stack) -> Vec<Finding> {
    const SUBJECT: &str = "alarm subscription";
    let client = aws_sdk_sns::Client::new(config);
    let mut findings = Vec::new();
    for topic in stack.of_kind("AWS::SNS::Topic") {
        let answer = client.list_subscriptions_by_topic().topic_arn(&topic.physical_id).send().await;
        let answer = match answer.map_err(AwsErrorCode::from) {
            Ok(answer) => answer,
            Err(error) => {
                findings.push(unseen(SUBJECT, &error, "sns:ListSubscriptionsByTopic"));
                continue;
            }
        };
        let all = answer.subscriptions();
        let pending = all.iter().filter(|one| one.subscription_arn() == Some(PENDING)).count();
        findings.push(match (all.len(), pending) {
            (0, _) => Finding::problem(
                SUBJECT,
                format!("nobody listens to {}", topic.physical_id),
                "Subscribe an address to the topic.",
            ),
            (all, 0) => Finding::ok(SUBJECT, format!("confirmed, {all} in all")),
            (all, pending) => Finding::problem(
                SUBJECT,
                format!("{pending} of {all} not confirmed: nothing is sent there"),
                "Open the mail \"AWS Notification - Subscription Confirmation\" and click its link.",
            ),
        });
    }
    findings
}
