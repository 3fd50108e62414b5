//! The queue between the planner and the workers.

use std::collections::BTreeSet;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use evertoken_aws::{Aws, AwsErrorCode};
use evertoken_core::cohort::Cohort;
use evertoken_core::vault::Part;
use evertoken_packed_vault::PackId;
use futures_util::stream::{self, TryStreamExt};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

/// Messages per `SendMessageBatch` call: AWS's maximum.
const BATCH: usize = 10;

/// How many calls are made at the same time.
const CONCURRENT: usize = 8;

/// How often a message is received before it becomes a dead letter: `maxReceiveCount` in infra/packed.yaml.
const MOST_RECEIVES: u32 = 3;

/// A queue in SQS. Its messages name parts of the vault, and contain no token.
#[derive(Clone, Debug)]
pub(crate) struct WorkQueue {
    client: Client,
    url: Url,
}

/// The body of a message.
#[derive(Debug, Serialize, Deserialize)]
struct Message {
    version: u32,
    /// The pack; `None` for all accounts that have a secret of their own.
    pack: Option<String>,
}

/// Not all messages were sent.
#[derive(Debug, thiserror::Error)]
#[error("the work queue did not accept all messages ({0}); the next run sends them again")]
pub(crate) struct SendError(String);

impl WorkQueue {
    pub(crate) fn new(aws: &Aws, url: Url) -> Self {
        Self { client: Client::new(&aws.config()), url }
    }

    /// Sends one message for each part.
    pub(crate) async fn send(&self, parts: &[Part]) -> Result<(), SendError> {
        let batches = parts.chunks(BATCH).map(Ok);
        stream::iter(batches).try_for_each_concurrent(CONCURRENT, |batch| self.send_batch(batch)).await
    }

    async fn send_batch(&self, parts: &[Part]) -> Result<(), SendError> {
        let mut send = self.client.send_message_batch().queue_url(self.url.as_str());
        for (number, part) in parts.iter().enumerate() {
            let entry = SendMessageBatchRequestEntry::builder().id(number.to_string()).message_body(body_of(part));
            send = send.entries(entry.build().map_err(|_| SendError("an entry is incomplete".to_owned()))?);
        }
        let response = send.send().await.map_err(|error| SendError(AwsErrorCode::from(error).code().to_owned()))?;
        let codes: BTreeSet<_> =
            response.failed().iter().map(aws_sdk_sqs::types::BatchResultErrorEntry::code).collect();
        if codes.is_empty() { Ok(()) } else { Err(SendError(Vec::from_iter(codes).join(", "))) }
    }
}

fn body_of(part: &Part) -> String {
    let pack = match part {
        Part::Cohort(cohort) => Some(cohort.to_string()),
        Part::Alone => None,
    };
    serde_json::to_string(&Message { version: 1, pack }).unwrap_or_default()
}

/// The messages that Lambda has received for the function (AWS, "Using Lambda with Amazon SQS").
#[derive(Debug, Deserialize)]
pub(crate) struct Batch {
    #[serde(rename = "Records")]
    records: Vec<Record>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    message_id: String,
    body: String,
    event_source: String,
    #[serde(default)]
    attributes: Attributes,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attributes {
    /// A number as text (AWS, "Using Lambda with Amazon SQS").
    #[serde(default)]
    approximate_receive_count: String,
}

impl Record {
    fn is_postponable(&self) -> bool {
        self.attributes.approximate_receive_count.parse().unwrap_or(1) < MOST_RECEIVES
    }
}

impl Batch {
    /// The batch in a Lambda event, or `None` if the event is another one.
    pub(crate) fn of(event: &Value) -> Option<Self> {
        let batch = Self::deserialize(event).ok()?;
        let is_of_queue = !batch.records.is_empty() && batch.records.iter().all(|one| one.event_source == "aws:sqs");
        is_of_queue.then_some(batch)
    }

    /// The id of each message that can be delivered again. Any other would become a dead letter.
    pub(crate) fn postponable(&self) -> impl Iterator<Item = &str> {
        self.records.iter().filter(|record| record.is_postponable()).map(|one| one.message_id.as_str())
    }

    /// The id of each message that is not done after a run: those of the parts that could not be read, those that are not the
    /// planner's, and, if Instagram limits the app, those that can be delivered again.
    pub(crate) fn unfinished<'a>(&'a self, failed: &'a [Part], is_limited: bool) -> impl Iterator<Item = &'a str> {
        let has_failed = |record: &Record| part_of(&record.body).is_none_or(|part| failed.contains(&part));
        let is_unfinished = move |record: &&Record| has_failed(record) || (is_limited && record.is_postponable());
        self.records.iter().filter(is_unfinished).map(|one| one.message_id.as_str())
    }

    /// The id of each message, and the part that it names. `None` if the message is not one of the planner's.
    pub(crate) fn parts(&self) -> impl Iterator<Item = (&str, Option<Part>)> {
        self.records.iter().map(|record| (record.message_id.as_str(), part_of(&record.body)))
    }
}

fn part_of(body: &str) -> Option<Part> {
    let message: Message = serde_json::from_str(body).ok().filter(|message: &Message| message.version == 1)?;
    let Some(pack) = message.pack else { return Some(Part::Alone) };
    let pack: PackId = pack.parse().ok()?;
    Some(Part::Cohort(Cohort::new(&pack.to_string())))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_message_names_a_part_and_nothing_else() {
        let pack = Part::Cohort(Cohort::new("main-00042"));
        assert_eq!(body_of(&pack), r#"{"version":1,"pack":"main-00042"}"#);
        assert_eq!(body_of(&Part::Alone), r#"{"version":1,"pack":null}"#);
        for part in [pack, Part::Alone] {
            assert_eq!(part_of(&body_of(&part)), Some(part));
        }
        for other in
            ["", "{}", r#"{"version":2,"pack":null}"#, r#"{"pack":"main-00042"}"#, r#"{"version":1,"pack":"main"}"#]
        {
            assert_eq!(part_of(other), None, "{other}");
        }
    }

    #[test]
    fn a_message_that_would_become_a_dead_letter_is_not_postponed() {
        let record = |id: &str, attributes: Value| json!({"messageId": id, "body": "{}", "eventSource": "aws:sqs", "attributes": attributes});
        let received = |times: &str| record(times, json!({"ApproximateReceiveCount": times}));
        let records = ["1", "2", "3", "4"].map(received).into_iter().chain([record("unknown", json!({}))]);
        let batch = Batch::of(&json!({"Records": records.collect::<Vec<_>>()})).unwrap();
        assert_eq!(batch.postponable().collect::<Vec<_>>(), ["1", "2", "unknown"]);
        let template = include_str!("../../../infra/packed.yaml");
        assert!(template.contains(&format!("maxReceiveCount: {MOST_RECEIVES} }}")), "the queue has another limit");
    }

    #[test]
    fn what_failed_is_delivered_again_also_while_instagram_limits_the_app() {
        let [read, unread] = ["main-00001", "main-00002"].map(|pack| Part::Cohort(Cohort::new(pack)));
        let record = |id: &str, body: &str, received: &str| json!({"messageId": id, "body": body, "eventSource": "aws:sqs", "attributes": {"ApproximateReceiveCount": received}});
        let records = [
            record("read", &body_of(&read), "3"),
            record("unread", &body_of(&unread), "3"),
            record("foreign", "{}", "3"),
            record("early", &body_of(&read), "1"),
        ];
        let batch = Batch::of(&json!({"Records": records})).unwrap();
        let unfinished = |is_limited| batch.unfinished(std::slice::from_ref(&unread), is_limited).collect::<Vec<_>>();
        assert_eq!(unfinished(true), ["unread", "foreign", "early"]);
        assert_eq!(unfinished(false), ["unread", "foreign"]);
    }

    #[test]
    fn only_an_event_of_sqs_is_a_batch() {
        let record = |source: &str| json!({"messageId": "1", "body": "{}", "eventSource": source, "attributes": {}});
        assert!(Batch::of(&json!({"Records": [record("aws:sqs")]})).is_some());
        for other in [json!({}), json!({"Records": []}), json!({"Records": [record("aws:s3")]}), json!({"version": 1})]
        {
            assert!(Batch::of(&other).is_none(), "{other}");
        }
    }
}
