//! The operations of AWS that are counted.

use serde::{Deserialize, Serialize};

/// An operation of Secrets Manager or DynamoDB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Operation {
    /// `GetSecretValue`.
    GetSecretValue,
    /// `PutSecretValue`.
    PutSecretValue,
    /// `CreateSecret`.
    CreateSecret,
    /// `DeleteSecret`.
    DeleteSecret,
    /// `ListSecrets`.
    ListSecrets,
    /// `GetItem`.
    GetItem,
    /// `BatchGetItem`.
    BatchGetItem,
    /// `PutItem`.
    PutItem,
    /// `UpdateItem`.
    UpdateItem,
    /// `DeleteItem`.
    DeleteItem,
    /// `TransactWriteItems`.
    TransactWriteItems,
}

impl Operation {
    /// Whether Secrets Manager executes it, and not DynamoDB.
    pub fn is_of_secrets_manager(self) -> bool {
        matches!(
            self,
            Self::GetSecretValue | Self::PutSecretValue | Self::CreateSecret | Self::DeleteSecret | Self::ListSecrets
        )
    }
}
