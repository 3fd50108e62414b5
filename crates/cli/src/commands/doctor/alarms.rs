//! Checks the alarms and who receives them.

use evertoken_aws::{AwsErrorCode, SdkConfig};

use super::finding::Finding;
use super::unavailable::unavailable;
use crate::aws::stack::Stack;

/// The ARN of a subscription that is not confirmed (AWS, `ListSubscriptionsByTopic`).
const PENDING: &str = "PendingConfirmation";

pub(super) async fn check(config: &SdkConfig, stack: &Stack) -> Vec<Finding> {
    let alarms = stack.of_kind("AWS::CloudWatch::Alarm").count();
    if alarms == 0 {
        let text = format!("the stack {} has none, so nobody is alerted to problems", stack.name());
        return vec![Finding::warning("alarms", text, "Deploy with the parameter AlarmEmail or AlarmTopicArn.")];
    }
    let mut findings = vec![Finding::ok("alarms", format!("{alarms} configured"))];
    findings.extend(check_subscriptions(config, stack).await);
    findings
}

async fn check_subscriptions(config: &SdkConfig, stack: &Stack) -> Vec<Finding> {
    const SUBJECT: &str = "alarm subscription";
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
        findings.push(match (all.len(), pending) {
            (0, _) => Finding::problem(
                SUBJECT,
                format!("{} has no subscription", topic.physical_id),
                "Subscribe an address to the topic.",
            ),
            (all, 0) => Finding::ok(SUBJECT, format!("{all} confirmed")),
            (all, pending) => Finding::problem(
                SUBJECT,
                format!("{pending} of {all} not confirmed, so they receive nothing"),
                "Open the email \"AWS Notification - Subscription Confirmation\" and click its link.",
            ),
        });
    }
    findings
}
