//! The adapters on a moto server, which decides requests one after the other.

use evertoken_packed_aws::{DynamoDbIndex, SecretsManagerPacks};
use evertoken_tests::moto::Moto;
use evertoken_tests::pack_contract::fixture::{PackIndexFixture, PackSecretsFixture};

use crate::emulated_aws;

struct Secrets(SecretsManagerPacks);

impl PackSecretsFixture for Secrets {
    type Secrets = SecretsManagerPacks;

    fn secrets(&self) -> SecretsManagerPacks {
        self.0.clone()
    }
}

struct Index(DynamoDbIndex);

impl PackIndexFixture for Index {
    type Index = DynamoDbIndex;

    fn index(&self) -> DynamoDbIndex {
        self.0.clone()
    }
}

evertoken_tests::pack_values_contract!(Secrets(emulated_aws::packs(&Moto::shared().config())));
evertoken_tests::request_tokens_contract!(Secrets(emulated_aws::packs(&Moto::shared().config())));
// Without `deleted_packs_contract!`: moto stores a value in a secret that is scheduled for deletion. AWS responds with
// InvalidRequestException (AWS, `PutSecretValue`, "Errors").
evertoken_tests::pack_index_contract!(Index(emulated_aws::index(&Moto::shared().config()).await));
