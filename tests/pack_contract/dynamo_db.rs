//! What is specific to the index in DynamoDB: stored items, requests and errors.

use std::collections::{BTreeSet, HashMap};
use std::time::{Duration as StdDuration, Instant};

use aws_config::SdkConfig;
use aws_sdk_dynamodb::types::AttributeValue;
use evertoken_core::entropy::SystemEntropy;
use evertoken_core::group::Group;
use evertoken_core::invite::InviteId;
use evertoken_core::login_state::LoginState;
use evertoken_core::vault::{OutageCause, VaultError};
use evertoken_packed_aws::DynamoDbIndex;
use evertoken_packed_vault::{DayBudget, Departure, Generation, PackId, PackIndex, Reservation, ReserveError, UseId};
use evertoken_tests::aws_proxy::AwsProxy;
use evertoken_tests::index_table;
use evertoken_tests::ministack::MiniStack;
use evertoken_tests::moto::Moto;
use evertoken_tests::reserved_port::ReservedPort;
use evertoken_tests::sample::name;
use evertoken_tests::scripted_aws::{ScriptedAws, ScriptedCall, fails, fails_with, succeeds};
use futures_util::future::join_all;
use serde_json::{Value, json};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use crate::emulated_aws::{at, without_retries};

const NOW: OffsetDateTime = datetime!(2026-11-26 16:00 UTC);

fn pack(number: u32) -> PackId {
    PackId::new(Group::main(), number)
}

fn use_id(number: u32) -> UseId {
    UseId::new(format!("{number:016x}"))
}

fn reservation() -> Reservation {
    Reservation {
        name: name("shop-de"),
        ids: ["17841405793187218".parse().unwrap()].into(),
        pack: pack(1),
        used_by: use_id(1),
        replaces: None,
        size: 128,
        budget: DayBudget::Start { day: NOW.date() },
    }
}

fn invite() -> InviteId {
    InviteId::generate(&SystemEntropy).unwrap()
}

fn index(config: &SdkConfig, table: &str) -> DynamoDbIndex {
    DynamoDbIndex::with_client(aws_sdk_dynamodb::Client::new(config), table)
}

fn unavailable(cause: OutageCause, code: &str) -> VaultError {
    VaultError::Unavailable { cause, code: code.to_owned() }
}

/// Reads one of an index's items.
async fn item(config: &SdkConfig, table: &str, key: &str) -> HashMap<String, AttributeValue> {
    let get = aws_sdk_dynamodb::Client::new(config).get_item().table_name(table);
    get.key("key", AttributeValue::S(key.to_owned())).send().await.unwrap().item.unwrap_or_default()
}

/// An item in the notation of the API, with sorted sets.
fn as_json(item: HashMap<String, AttributeValue>) -> Value {
    let sorted = |mut values: Vec<String>| {
        values.sort_unstable();
        values
    };
    let attribute = |value| match value {
        AttributeValue::S(text) => json!({"S": text}),
        AttributeValue::N(number) => json!({"N": number}),
        AttributeValue::Ss(texts) => json!({"SS": sorted(texts)}),
        AttributeValue::Ns(numbers) => json!({"NS": sorted(numbers)}),
        other => panic!("unexpected type: {other:?}"),
    };
    item.into_iter().map(|(name, value)| (name, attribute(value))).collect::<serde_json::Map<_, _>>().into()
}

/// Other programs and later releases read the table. It holds no token and no username.
#[tokio::test]
async fn the_items_have_the_documented_attributes() {
    let config = Moto::shared().config();
    let table = index_table::create(&config).await;
    let index = index(&config, &table);
    let (invite, login) = (invite(), LoginState::start(None, NOW, &SystemEntropy).unwrap().login_id());
    let until = NOW + Duration::days(7);
    index.add_pack(&pack(1)).await.unwrap();
    index.add_pack(&pack(2)).await.unwrap();
    index.reserve(&reservation()).await.unwrap();
    index.add_use(&name("shop-de"), &pack(1), &use_id(2)).await.unwrap();
    index.move_to(&name("shop-de"), &pack(1), &pack(2)).await.unwrap();
    let place = index.place(&name("shop-de")).await.unwrap().unwrap();
    index.mark_removed(&name("shop-de"), &place, until).await.unwrap();
    index.advance(&pack(1), Generation::FIRST).await.unwrap();
    let departure = Departure { name: name("shop-fr"), from: use_id(3), by: use_id(4) };
    index.depart(&pack(1), &departure).await.unwrap();
    index.claim(&invite, NOW, until).await.unwrap();
    index.remember(&login, &name("shop-de"), until).await.unwrap();
    let seconds = until.unix_timestamp().to_string();
    for (key, expected) in [
        (
            "A#shop-de".to_owned(),
            json!({
                "pack": {"S": "main-00002"},
                "uses": {"SS": ["0000000000000001", "0000000000000002"]},
                "ids": {"SS": ["17841405793187218"]},
                "earlier": {"SS": ["main-00001"]},
                "removed_until": {"N": seconds},
            }),
        ),
        ("I#17841405793187218".to_owned(), json!({"names": {"SS": ["shop-de"]}})),
        (
            "P#main-00001".to_owned(),
            json!({
                "generation": {"N": "2"},
                "retiring": {"N": "1"},
                "used": {"N": "0"},
                "day": {"S": "2026-11-26"},
                "day_logins": {"N": "1"},
                "departures": {"SS": ["shop-fr:0000000000000003:0000000000000004"]},
            }),
        ),
        (
            "P#main-00002".to_owned(),
            json!({
                "generation": {"N": "1"},
                "used": {"N": "0"},
                "day_logins": {"N": "0"},
                "purge_after": {"N": seconds},
                "removed": {"SS": ["shop-de"]},
            }),
        ),
        ("G#main".to_owned(), json!({"packs": {"N": "2"}, "open": {"NS": ["1", "2"]}})),
        ("GROUPS".to_owned(), json!({"groups": {"SS": ["main"]}})),
        (format!("C#{}", invite.as_str()), json!({"expires_at": {"N": seconds}})),
        (format!("L#{}", login.as_str()), json!({"name": {"S": "shop-de"}, "expires_at": {"N": seconds}})),
    ] {
        let mut found = as_json(item(&config, &table, &key).await);
        assert_eq!(found.as_object_mut().unwrap().remove("key"), Some(json!({"S": key})));
        assert_eq!(found, expected, "{key}");
    }
}

/// The table keeps no id of a person whose data was deleted.
#[tokio::test]
async fn a_released_account_leaves_no_item_unless_another_one_has_its_id() {
    let config = Moto::shared().config();
    let table = index_table::create(&config).await;
    let index = index(&config, &table);
    index.add_pack(&pack(1)).await.unwrap();
    let keys = async || {
        let scan = aws_sdk_dynamodb::Client::new(&config).scan().table_name(&table).send().await.unwrap();
        let key = |item: &HashMap<String, AttributeValue>| item["key"].as_s().unwrap().clone();
        let mut keys: Vec<_> = scan.items().iter().map(key).filter(|key| !key.starts_with(['P', 'G'])).collect();
        keys.sort();
        keys
    };
    for account in ["shop-de", "shop-fr"] {
        let reservation = Reservation { name: name(account), budget: DayBudget::Ignore, ..reservation() };
        index.reserve(&reservation).await.unwrap();
    }
    for (account, left) in [("shop-de", &["A#shop-fr", "I#17841405793187218"][..]), ("shop-fr", &[])] {
        let place = index.place(&name(account)).await.unwrap().unwrap();
        index.release(&name(account), &place).await.unwrap();
        assert_eq!(keys().await, left);
    }
}

#[tokio::test]
async fn an_item_of_another_form_is_an_error_that_names_it() {
    let config = Moto::shared().config();
    let table = index_table::create(&config).await;
    let index = index(&config, &table);
    for (key, attribute) in [("A#shop-de", "pack"), ("P#main-00001", "generation"), ("GROUPS", "groups")] {
        let put = aws_sdk_dynamodb::Client::new(&config).put_item().table_name(&table);
        let put = put.item("key", AttributeValue::S(key.to_owned()));
        put.item(attribute, AttributeValue::S("IGAA-not-ours".to_owned())).send().await.unwrap();
    }
    let unexpected = |key| unavailable(OutageCause::Other, &format!("unexpected item {key} in DynamoDB table {table}"));
    assert_eq!(index.place(&name("shop-de")).await, Err(unexpected("A#shop-de")));
    assert_eq!(index.places(&[name("shop-fr"), name("shop-de")]).await, Err(unexpected("A#shop-de")));
    assert_eq!(index.pack(&pack(1)).await, Err(unexpected("P#main-00001")));
    assert_eq!(index.groups().await, Err(unexpected("GROUPS")));
}

#[tokio::test]
async fn a_missing_table_is_an_error_that_names_it() {
    let index = index(&Moto::shared().config(), "evertoken-missing");
    let missing = unavailable(OutageCause::Other, "DynamoDB table evertoken-missing not found");
    assert_eq!(index.place(&name("shop-de")).await, Err(missing.clone()));
    assert_eq!(index.packs(&[pack(1)]).await, Err(missing.clone()));
    assert_eq!(index.close(&pack(1)).await, Err(missing.clone()));
    assert_eq!(index.retired(&pack(1), Generation::FIRST).await, Err(missing.clone()));
    assert_eq!(index.claim(&invite(), NOW, NOW).await, Err(missing.clone()));
    assert_eq!(index.withdraw(&invite()).await, Err(missing.clone()));
    assert_eq!(index.reserve(&reservation()).await, Err(ReserveError::Vault(missing)));
}

#[tokio::test]
async fn an_unreachable_index_is_an_error() {
    let nobody = ReservedPort::new();
    let config = at(&format!("http://{}", nobody.address()), &without_retries(&Moto::shared().config()));
    let index = index(&config, "evertoken-index");
    let unreachable = unavailable(OutageCause::Network, "connection");
    assert_eq!(index.place(&name("shop-de")).await, Err(unreachable.clone()));
    assert_eq!(index.close(&pack(1)).await, Err(unreachable.clone()));
    assert_eq!(index.reserve(&reservation()).await, Err(ReserveError::Vault(unreachable)));
}

/// The SDK repeats a request whose response was lost. Without a token, the repetition would find its own change and report a
/// conflict: a person could not use their invite, and a login would not get its place.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_response_is_not_a_conflict() {
    let aws = MiniStack::shared().await;
    let config = aws.config();
    let table = index_table::create(&config).await;
    let proxy = AwsProxy::in_front_of(aws.endpoint()).await;
    let index = index(&at(proxy.endpoint(), &config), &table);
    let account = name("shop-de");
    let read = async || index.place(&account).await.unwrap().unwrap();
    let lose = || proxy.lose_next_response("TransactWriteItems");

    lose();
    index.add_pack(&pack(1)).await.unwrap();
    index.add_pack(&pack(2)).await.unwrap();
    lose();
    index.reserve(&reservation()).await.unwrap();
    lose();
    index.move_to(&account, &pack(1), &pack(2)).await.unwrap();
    lose();
    index.mark_removed(&account, &read().await, NOW).await.unwrap();
    lose();
    index.release(&account, &read().await).await.unwrap();
    lose();
    index.advance(&pack(1), Generation::FIRST).await.unwrap();
    lose();
    index.claim(&invite(), NOW, NOW + Duration::days(1)).await.unwrap();
    assert_eq!(proxy.count("TransactWriteItems"), 8 + 7);
    let used = [index.pack(&pack(1)).await.unwrap().unwrap().used, index.pack(&pack(2)).await.unwrap().unwrap().used];
    assert_eq!(used, [0, 0]);

    proxy.lose_next_response("UpdateItem");
    index.retired(&pack(1), Generation::FIRST).await.unwrap();
    assert_eq!(index.pack(&pack(1)).await.unwrap().unwrap().retiring, None);
    index.reserve(&Reservation { budget: DayBudget::Ignore, ..reservation() }).await.unwrap();
    proxy.lose_next_response("UpdateItem");
    index.add_use(&account, &pack(1), &use_id(2)).await.unwrap();
    proxy.lose_next_response("UpdateItem");
    index.take_use_back(&account, &pack(1), &use_id(1)).await.unwrap();
    assert_eq!(read().await.uses, [use_id(2)].into());
    assert_eq!(proxy.count("UpdateItem"), 2 + 2 + 2);
}

async fn scripted(script: impl IntoIterator<Item = ScriptedCall>) -> (DynamoDbIndex, ScriptedAws) {
    let aws = ScriptedAws::start(script).await;
    let config = at(aws.endpoint(), &without_retries(&Moto::shared().config()));
    (index(&config, "evertoken-index"), aws)
}

fn canceled(reasons: &[&str]) -> ScriptedCall {
    let reasons: Vec<Value> = reasons.iter().map(|code| json!({"Code": code})).collect();
    let body = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": "Transaction cancelled, please refer cancellation reasons for specific reasons",
        "CancellationReasons": reasons,
    });
    fails_with("TransactWriteItems", body)
}

#[tokio::test]
async fn reads_are_strongly_consistent() {
    let (index, aws) = scripted([
        succeeds("GetItem", json!({})),
        succeeds("BatchGetItem", json!({"Responses": {"evertoken-index": []}})),
    ])
    .await;
    index.place(&name("shop-de")).await.unwrap();
    index.packs(&[pack(1)]).await.unwrap();
    assert_eq!(aws.requests("GetItem")[0]["ConsistentRead"], true);
    assert_eq!(aws.requests("BatchGetItem")[0]["RequestItems"]["evertoken-index"]["ConsistentRead"], true);
    aws.assert_complete();
}

#[tokio::test]
async fn keys_that_were_not_processed_are_requested_again() {
    let key = |number: u32| json!({"key": {"S": format!("P#main-{number:05}")}});
    let found = |number: u32| json!({"key": {"S": format!("P#main-{number:05}")}, "generation": {"N": "1"}});
    let unprocessed = json!({"evertoken-index": {"Keys": [key(2)], "ConsistentRead": true}});
    let (index, aws) = scripted([
        succeeds(
            "BatchGetItem",
            json!({"Responses": {"evertoken-index": [found(1)]}, "UnprocessedKeys": unprocessed.clone()}),
        ),
        succeeds("BatchGetItem", json!({"Responses": {"evertoken-index": [found(2)]}, "UnprocessedKeys": {}})),
    ])
    .await;
    let packs = index.packs(&[pack(1), pack(2)]).await.unwrap();
    assert_eq!(packs.into_keys().collect::<BTreeSet<_>>(), [pack(1), pack(2)].into());
    assert_eq!(aws.requests("BatchGetItem")[1]["RequestItems"], unprocessed);
    aws.assert_complete();
}

/// The waits of a batch are random, and those of four batches are never all short.
#[tokio::test]
async fn a_batch_that_is_never_processed_is_throttled_after_some_time() {
    let unprocessed = json!({"evertoken-index": {"Keys": [{"key": {"S": "P#main-00001"}}], "ConsistentRead": true}});
    let response = json!({"Responses": {}, "UnprocessedKeys": unprocessed});
    let responses = std::iter::repeat_with(|| succeeds("BatchGetItem", response.clone())).take(4 * 6);
    let (index, aws) = scripted(responses).await;
    let throttled = unavailable(OutageCause::Throttled, "UnprocessedKeys");
    let (packs, start) = ([pack(1)], Instant::now());
    for read in join_all((0..4).map(|_| index.packs(&packs))).await {
        assert_eq!(read, Err(throttled.clone()));
    }
    assert!(start.elapsed() >= StdDuration::from_millis(150), "{:?}", start.elapsed());
    aws.assert_complete();
}

#[tokio::test]
async fn another_transaction_is_a_conflict_and_not_a_failed_condition() {
    let (index, aws) = scripted([
        canceled(&["TransactionConflict", "None", "None"]),
        canceled(&["None", "ConditionalCheckFailed", "TransactionConflict"]),
        canceled(&["ConditionalCheckFailed", "ConditionalCheckFailed", "None"]),
        canceled(&["TransactionConflict"]),
        fails("UpdateItem", "TransactionConflictException"),
        fails("UpdateItem", "ConditionalCheckFailedException"),
        fails("UpdateItem", "TransactionConflictException"),
        fails("UpdateItem", "ConditionalCheckFailedException"),
        fails("UpdateItem", "TransactionConflictException"),
    ])
    .await;
    assert_eq!(index.reserve(&reservation()).await, Err(ReserveError::Vault(VaultError::Conflict)));
    assert_eq!(index.reserve(&reservation()).await, Err(ReserveError::Full));
    assert_eq!(index.reserve(&reservation()).await, Err(ReserveError::Taken));
    assert_eq!(index.advance(&pack(1), Generation::FIRST).await, Err(VaultError::Conflict));
    // The generation may be there still.
    assert_eq!(index.retired(&pack(1), Generation::FIRST).await, Err(VaultError::Conflict));
    assert_eq!(index.retired(&pack(1), Generation::FIRST).await, Ok(()));
    assert_eq!(index.take_use_back(&name("shop-de"), &pack(1), &use_id(1)).await, Err(VaultError::Conflict));
    assert_eq!(index.purged(&pack(1), NOW).await, Ok(()));
    assert_eq!(index.close(&pack(1)).await, Err(VaultError::Conflict));
    aws.assert_complete();
}

#[tokio::test]
async fn throttling_is_reported_as_such() {
    let (index, aws) = scripted([
        canceled(&["None", "ThrottlingError", "None"]),
        fails("UpdateItem", "ProvisionedThroughputExceededException"),
        fails("GetItem", "ThrottlingException"),
        fails("BatchGetItem", "RequestLimitExceeded"),
    ])
    .await;
    let throttled = |code| unavailable(OutageCause::Throttled, code);
    assert_eq!(index.reserve(&reservation()).await, Err(ReserveError::Vault(throttled("ThrottlingError"))));
    let exceeded = throttled("ProvisionedThroughputExceededException");
    assert_eq!(index.close(&pack(1)).await, Err(exceeded));
    assert_eq!(index.place(&name("shop-de")).await, Err(throttled("ThrottlingException")));
    assert_eq!(index.packs(&[pack(1)]).await, Err(throttled("RequestLimitExceeded")));
    aws.assert_complete();
}

/// All attempts of a transaction have the same token, and no two transactions have.
#[tokio::test]
async fn each_transaction_has_a_token() {
    let aws = ScriptedAws::start([
        fails("TransactWriteItems", "ThrottlingException"),
        succeeds("TransactWriteItems", json!({})),
        succeeds("TransactWriteItems", json!({})),
    ])
    .await;
    let index = index(&at(aws.endpoint(), &Moto::shared().config()), "evertoken-index");
    let invite = invite();
    for _ in 0..2 {
        index.claim(&invite, NOW, NOW).await.unwrap();
    }
    let tokens: Vec<String> = aws
        .requests("TransactWriteItems")
        .iter()
        .map(|request| request["ClientRequestToken"].as_str().unwrap().to_owned())
        .collect();
    assert!(tokens[0] == tokens[1] && tokens[1] != tokens[2] && !tokens[0].is_empty(), "{tokens:?}");
    aws.assert_complete();
}
