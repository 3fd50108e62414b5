//! Deterministic `ClientRequestToken`s, which turn `PutSecretValue` into a compare-and-swap.

use evertoken_core::document::VersionId;
use sha2::{Digest, Sha256};

/// Separates our tokens from those of other applications. All writers must agree on it: if it changed, an old and a new
/// Evertoken could overwrite each other's documents.
const PURPOSE: &str = "evertoken/replace/1/";

/// The `ClientRequestToken` of the write that follows a version. It becomes the id of the version that is written.
///
/// All writers that read the same version send the same token. AWS accepts a token once: the same value again is a
/// no-op, another value is rejected with `ResourceExistsException` (AWS, `PutSecretValue`).
///
/// AWS frees a token when it deletes the version, after more than 100 newer versions and 24 hours (AWS, "Secrets Manager
/// quotas"). No login or run takes that long between its read and its write.
///
/// A manual edit (console, `aws secretsmanager put-secret-value`) has a random token. An edit between a read and the
/// write that follows is overwritten by that write and stays available as AWSPREVIOUS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RequestToken(String);

impl RequestToken {
    /// The token of the write that follows `version`.
    pub(super) fn after(version: &VersionId) -> Self {
        Self::derive(version.as_str())
    }

    /// The token of the first write to a secret without a value.
    pub(super) fn first() -> Self {
        Self::derive("")
    }

    /// The token of the write that follows the version with this token.
    pub(super) fn next(&self) -> Self {
        Self::derive(&self.0)
    }

    fn derive(base: &str) -> Self {
        Self(hex::encode(Sha256::new().chain_update(PURPOSE).chain_update(base).finalize()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_depends_only_on_the_version_before_it() {
        let token = RequestToken::after(&VersionId::new("v1"));
        assert_eq!(token.as_str(), "b8d7e08ecedcd5c32f1c3b64c00f386a3ac175c5d76fe535ad456008b426ccc5");
        assert_ne!(token, RequestToken::after(&VersionId::new("v2")));
        assert_eq!(token.next(), RequestToken::after(&VersionId::new(token.as_str())));
    }

    #[test]
    fn a_token_has_a_length_that_aws_accepts() {
        // 32 to 64 characters (AWS, `PutSecretValue`).
        assert_eq!(RequestToken::first().as_str().len(), 64);
    }
}
