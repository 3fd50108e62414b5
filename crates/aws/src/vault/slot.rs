//! The version that may follow another: what makes one write a compare-and-swap.

use evertoken_core::document::VersionId;
use sha2::{Digest, Sha256};

/// Keeps our ids apart from all others. Part of the contract between writers: changing it would let an old and a new
/// Evertoken write side by side.
const PURPOSE: &str = "evertoken/replace/1/";

/// The one place after a version, as a `ClientRequestToken` (32 to 64 characters) that becomes the version's id.
///
/// Whoever writes from the same version asks for the same place. AWS gives it once: the same bytes again are a no-op,
/// others are refused with `ResourceExistsException` (AWS, `PutSecretValue`).
///
/// A place is free again only when its version was pruned, which takes more than 100 younger versions and 24 hours
/// (AWS, "Secrets Manager quotas"). No login and no run lives that long with what it has read.
///
/// An edit by hand (console, `aws secretsmanager put-secret-value`) takes no place. One that falls between a reading
/// and its writing is covered by the write, and stays within reach as AWSPREVIOUS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Slot(String);

impl Slot {
    /// The place after `version`.
    pub(super) fn after(version: &VersionId) -> Self {
        Self::derive(version.as_str())
    }

    /// The first place of a secret without a value.
    pub(super) fn first() -> Self {
        Self::derive("")
    }

    /// The place after this one.
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
    fn a_slot_is_fixed_by_the_version_before_it_and_fits_a_client_request_token() {
        let slot = Slot::after(&VersionId::new("v1"));
        assert_eq!(slot.as_str(), "b8d7e08ecedcd5c32f1c3b64c00f386a3ac175c5d76fe535ad456008b426ccc5");
        assert_eq!(slot.as_str().len(), 64);
        assert_ne!(slot, Slot::after(&VersionId::new("v2")));
        assert_eq!(slot.next(), Slot::after(&VersionId::new(slot.as_str())));
    }
}
