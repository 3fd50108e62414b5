//! What is wrong with the value of a pack.

use evertoken_core::document::DocumentError;
use evertoken_core::vault::VaultError;

use crate::ids::{PackId, PackSecret};

/// A value is not a pack, or a pack cannot be stored. Never quotes the value.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum PackError {
    /// The value is not complete gzip data: it is damaged, cut off or followed by other data.
    #[error("the value is not gzip, or is damaged")]
    NotGzip,
    /// The value decompresses to more than a pack can be.
    #[error("the value decompresses to more than {limit} bytes")]
    Inflated {
        /// The most that is accepted.
        limit: usize,
    },
    /// The decompressed value is not a JSON object in UTF-8.
    #[error("the decompressed value is not JSON")]
    NotJson,
    /// The value is JSON without a `schema`.
    #[error("the value is not a pack: it has no \"schema\"")]
    Foreign,
    /// The pack has another schema version.
    #[error("unsupported schema {found} of a pack: this version of Evertoken reads schema 1")]
    UnknownSchema {
        /// The value of `schema`.
        found: String,
    },
    /// A field is missing, has the wrong type or appears twice.
    #[error("the field {field} of the pack is missing, has the wrong type or appears twice")]
    Field {
        /// The field, such as `accounts`.
        field: &'static str,
    },
    /// The value is that of another pack.
    #[error("the value belongs to another pack, {found}")]
    OtherPack {
        /// The value of `pack`.
        found: PackId,
    },
    /// The value is that of another generation of the pack.
    #[error("the value belongs to another generation of the pack, {found}")]
    OtherGeneration {
        /// The value of `generation`.
        found: u32,
    },
    /// The pack is larger than a secret may be (AWS, "Secrets Manager quotas").
    #[error("the pack has {bytes} bytes, and a secret holds at most 65536")]
    TooLarge {
        /// The size of the compressed pack, or of the pack itself if it is larger than what is read again.
        bytes: usize,
    },
}

impl PackError {
    /// The error of every account of the pack.
    pub fn of(&self, secret: &PackSecret) -> DocumentError {
        DocumentError::InPack { problem: format!("the secret {secret} is unreadable: {self}") }
    }

    /// The error of an operation on the pack.
    pub fn into_vault_error(self, secret: &PackSecret) -> VaultError {
        VaultError::Unreadable(self.of(secret))
    }
}
