//! Tables for the index of the packed vault, in an emulated AWS account.

use std::sync::atomic::{AtomicUsize, Ordering};

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType};

/// Returns a name that no other table of this test binary has.
pub fn unique_name() -> String {
    static TABLES: AtomicUsize = AtomicUsize::new(0);
    format!("evertoken-index-{}", TABLES.fetch_add(1, Ordering::SeqCst))
}

/// Creates an empty table with the key of `infra/packed.yaml`, and returns its name.
pub async fn create(config: &SdkConfig) -> String {
    let name = unique_name();
    let attribute = AttributeDefinition::builder().attribute_name("key").attribute_type(ScalarAttributeType::S);
    let key = KeySchemaElement::builder().attribute_name("key").key_type(KeyType::Hash);
    Client::new(config)
        .create_table()
        .table_name(&name)
        .attribute_definitions(attribute.build().unwrap())
        .key_schema(key.build().unwrap())
        .billing_mode(BillingMode::PayPerRequest)
        .send()
        .await
        .unwrap();
    name
}
