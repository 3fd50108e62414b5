//! The adapters on a moto server, which decides requests one after the other.

use evertoken_tests::moto::Moto;

use crate::emulated_aws::{self, Index, Secrets};

evertoken_tests::pack_values_contract!(Secrets(emulated_aws::packs(&Moto::shared().config())));
evertoken_tests::request_tokens_contract!(Secrets(emulated_aws::packs(&Moto::shared().config())));
// Without `deleted_packs_contract!`: moto stores a value in a secret that is scheduled for deletion. AWS responds with
// InvalidRequestException (AWS, `PutSecretValue`, "Errors").
evertoken_tests::pack_index_contract!(Index(emulated_aws::index(&Moto::shared().config()).await));
