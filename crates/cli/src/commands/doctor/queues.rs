//! Checks the dead-letter queue, which contains runs that failed or never started, and messages that were not delivered.

use aws_sdk_sqs::types::QueueAttributeName::ApproximateNumberOfMessages;
use evertoken_aws::{AwsErrorCode, SdkConfig};

use super::finding::Finding;
use super::unavailable::unavailable;
use crate::aws::stack::Stack;

pub(super) async fn check(config: &SdkConfig, stack: &Stack) -> Vec<Finding> {
    let client = aws_sdk_sqs::Client::new(config);
    let mut findings = Vec::new();
    for queue in stack.of_kind("AWS::SQS::Queue").filter(|queue| queue.logical_id.contains("DeadLetter")) {
        let subject = format!("dead-letter queue {}", queue.logical_id);
        let request =
            client.get_queue_attributes().queue_url(&queue.physical_id).attribute_names(ApproximateNumberOfMessages);
        let waiting = match request.send().await.map_err(AwsErrorCode::from) {
            Ok(response) => {
                response.attributes().and_then(|all| all.get(&ApproximateNumberOfMessages)?.parse::<u64>().ok())
            }
            Err(error) => {
                findings.push(unavailable(&subject, &error, "sqs:GetQueueAttributes"));
                continue;
            }
        };
        findings.push(match waiting {
            Some(0) => Finding::ok(subject, "empty"),
            waiting => Finding::problem(
                subject,
                match waiting {
                    Some(1) => "1 run failed or never started, or 1 message was not delivered".to_owned(),
                    waiting => format!(
                        "{} runs failed or never started, or messages were not delivered",
                        waiting.map_or("some".to_owned(), |n| n.to_string())
                    ),
                },
                "Read a message in the queue, and fix the cause that it names. One with signed_request is a request to delete an account: \
                 see DeadLetters in docs/runbook.md. The next run covers everything else, so then purge the queue.",
            ),
        });
    }
    findings
}
