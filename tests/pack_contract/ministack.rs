//! The adapters on MiniStack.

use std::sync::Arc;

use evertoken_packed_aws::{DynamoDbIndex, SecretsManagerPacks};
use evertoken_tests::ministack::MiniStack;
use evertoken_tests::pack_contract::fixture::{PackIndexFixture, PackSecretsFixture};

use crate::emulated_aws;

struct Secrets {
    packs: SecretsManagerPacks,
    _aws: Arc<MiniStack>,
}

impl Secrets {
    async fn new() -> Self {
        let aws = MiniStack::shared().await;
        Self { packs: emulated_aws::packs(&aws.config()), _aws: aws }
    }
}

impl PackSecretsFixture for Secrets {
    type Secrets = SecretsManagerPacks;

    fn secrets(&self) -> SecretsManagerPacks {
        self.packs.clone()
    }
}

struct Index {
    index: DynamoDbIndex,
    _aws: Arc<MiniStack>,
}

impl Index {
    async fn new() -> Self {
        let aws = MiniStack::shared().await;
        Self { index: emulated_aws::index(&aws.config()).await, _aws: aws }
    }
}

impl PackIndexFixture for Index {
    type Index = DynamoDbIndex;

    fn index(&self) -> DynamoDbIndex {
        self.index.clone()
    }
}

evertoken_tests::pack_values_contract!(Secrets::new().await);
evertoken_tests::request_tokens_contract!(Secrets::new().await);
evertoken_tests::deleted_packs_contract!(Secrets::new().await);
evertoken_tests::pack_index_contract!(Index::new().await);
