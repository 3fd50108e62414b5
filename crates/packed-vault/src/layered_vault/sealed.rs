//! Sealed secrets: copies of accounts that have moved to a pack, or are on their way.

use evertoken_core::document::{Document, MovedTo, VersionId, Versioned};

use crate::ids::PackId;
use crate::pack_index::UseId;

/// Precedes the version of a sealed secret. Neither a pack's nor a secret's version starts with it.
const SEALED: &str = "sealed:";

/// The document as a copy of an account in this pack.
pub(super) fn seal(document: &Document, pack: &PackId, by: &UseId) -> Document {
    document.with_moved_to(&MovedTo { pack: pack.to_string(), by: by.as_str().to_owned() })
}

/// Whether the move that has stored the account in its pack, as this use, has also written this copy.
pub(super) fn is_sealed_by(copy: &Document, used_by: Option<&UseId>) -> bool {
    copy.moved_to().is_some_and(|moved_to| Some(moved_to.by.as_str()) == used_by.map(UseId::as_str))
}

/// An account on its way, as the vault's callers see it: a write with this version completes the move first.
pub(super) fn in_transit(single: &Versioned) -> Versioned {
    Versioned {
        version: version_of_sealed(&single.version),
        document: single.document.without_moved_to(),
        cohort: None,
    }
}

/// The version of an account on its way, from that of its secret.
pub(super) fn version_of_sealed(secret: &VersionId) -> VersionId {
    VersionId::new(format!("{SEALED}{secret}"))
}

/// The version of the secret, if this is the version of an account on its way.
pub(super) fn version_of_secret(version: &VersionId) -> Option<VersionId> {
    version.as_str().strip_prefix(SEALED).map(VersionId::new)
}
