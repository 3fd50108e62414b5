//! The port that keeps removal requests which must be tried again.

use std::future::Future;
use std::pin::Pin;

use serde::{Deserialize, Serialize};

/// Which of Meta's two callbacks a removal request came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RemovalCallback {
    /// The owner removed the app.
    Deauthorize,
    /// The owner asked for the deletion of their data.
    DataDeletion,
}

impl RemovalCallback {
    /// The path of the callback.
    pub fn path(self) -> &'static str {
        match self {
            Self::Deauthorize => "/deauthorize",
            Self::DataDeletion => "/data-deletion",
        }
    }
}

/// A removal request to try again: the vault failed, or its index may not have shown an account that was stored a moment
/// before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeferredRemoval {
    /// Where the request came to.
    pub callback: RemovalCallback,
    /// The request as Meta signed it. The signature is verified again, so writing to the queue forges nothing.
    pub signed_request: String,
    /// How often it was tried so far.
    pub attempts: u32,
}

/// The future of [`RemovalQueue::defer`].
pub type Deferring<'a> = Pin<Box<dyn Future<Output = Result<(), DeferError>> + Send + 'a>>;

/// Keeps removal requests until they are tried again.
pub trait RemovalQueue: Send + Sync {
    /// Stores a request durably. The same request again is stored once.
    fn defer(&self, removal: DeferredRemoval) -> Deferring<'_>;
}

/// A removal request could not be stored. Contains no part of it.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("the removal request could not be queued ({code})")]
pub struct DeferError {
    /// The queue's own error code.
    pub code: String,
}
