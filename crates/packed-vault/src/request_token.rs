//! Deterministic request tokens, which turn `PutSecretValue` into a compare-and-swap.

use evertoken_core::document::VersionId;
use sha2::{Digest, Sha256};

/// Separates these tokens from those of other applications, and from those of secrets that hold one account.
const PURPOSE: &str = "evertoken/pack/1/";

/// The `ClientRequestToken` of the write that follows a version of a pack. It becomes the id of the version that is written.
///
/// All writers that read the same version send the same token. AWS accepts a token once: the same value again is a
/// no-op, another value is rejected with `ResourceExistsException` (AWS, `PutSecretValue`).
///
/// So each version has one successor, and its id is known before it is written. A reader follows this chain to the newest
/// version even if AWSCURRENT is stale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestToken(String);

impl RequestToken {
    /// The token of the write that follows `version`.
    pub fn after(version: &VersionId) -> Self {
        Self(hex::encode(Sha256::new().chain_update(PURPOSE).chain_update(version.as_str()).finalize()))
    }

    /// The token as text: 64 characters, the most that AWS accepts.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id of the version that a write with this token creates.
    pub fn version(&self) -> VersionId {
        VersionId::new(self.0.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two releases of Evertoken must agree on it; otherwise they could overwrite each other's packs.
    #[test]
    fn a_token_depends_only_on_the_version_before_it() {
        let token = RequestToken::after(&VersionId::new("v1"));
        assert_eq!(token, RequestToken::after(&VersionId::new("v1")));
        assert_ne!(token, RequestToken::after(&VersionId::new("v2")));
        assert_eq!(token.as_str(), "e750440b82596213c10b7dcf94d3e72a540eace953855f81c129fc0750e30759");
        assert_eq!(token.version().as_str(), token.as_str());
    }
}
