//! The dead-letter queues: what could not be run at all.

use aws_sdk_sqs::types::QueueAttributeName::ApproximateNumberOfMessages;
use evertoken_aws::{AwsErrorCode, SdkConfig};

use super::finding::Finding;
use super::schedule::unseen;
use crate::aws::stack::Stack;

/// Each of the stack's.
pub(super) async fn check(config: &SdkConfig, stack: &Stack) -> Vec<Finding> {
    let client = aws_sdk_sqs::Client::new(config);
    let mut findings = Vec::new();
    for queue in stack.of_kind("AWS::SQS::Queue").filter(|queue| queue.logical_id.contains("DeadLetter")) {
        let subject = format!("dead-letter queue {}", queue.logical_id);
        let ask =
            client.get_queue_attributes().queue_url(&queue.physical_id).attribute_names(ApproximateNumberOfMessages);
        let waiting = match ask.send().await.map_err(AwsErrorCode::from) {
            Ok(answer) => {
                answer.attributes().and_then(|all| all.get(&ApproximateNumberOfMessages)?.parse::<u64>().ok())
            }
            Err(error) => {
                findings.push(unseen(&subject, &error, "sqs:GetQueueAttributes"));
                continue;
            }
        };
        findings.push(match waiting {
            Some(0) => Finding::ok(subject, "empty"),
            waiting => Finding::problem(
                subject,
                format!("{} runs failed as a whole or were never started", waiting.map_or("some".to_owned(), |n| n.to_string())),
                "Read a message there: it names the cause. Mend that, then purge the queue; the next run looks at all accounts.",
            ),
        });
    }
    findings
}
