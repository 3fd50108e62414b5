//! The version of an account in a pack.

use evertoken_core::cohort::Cohort;
use evertoken_core::document::VersionId;

use crate::ids::PackId;

/// Identifies a version of an account: its pack, and a number that the pack gives to one version only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountVersion {
    /// The pack that holds the account.
    pub pack: PackId,
    /// Unique in the pack, also after the account was removed and connected again.
    pub revision: u64,
}

impl AccountVersion {
    /// Parses a version such as `main-00042:69990`. `None` if another vault has issued it.
    pub fn parse(version: &VersionId) -> Option<Self> {
        let (pack, revision) = version.as_str().split_once(':')?;
        Some(Self { pack: pack.parse().ok()?, revision: revision.parse().ok()? })
    }

    /// The version as the vault's callers see it.
    pub fn id(&self) -> VersionId {
        VersionId::new(format!("{}:{}", self.pack, self.revision))
    }

    /// The accounts that it is stored with.
    pub fn cohort(&self) -> Cohort {
        Cohort::new(&self.pack.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_names_its_pack() {
        let version = AccountVersion::parse(&VersionId::new("main-00042:69990")).unwrap();
        assert_eq!((version.pack.number(), version.revision), (42, 69_990));
        assert_eq!(version.id().as_str(), "main-00042:69990");
        assert_eq!(version.cohort().as_str(), "main-00042");
        for other in ["", "69990", "main-42:1", "main-00042:x", "0a1b2c3d-0a1b-2c3d-0a1b-2c3d0a1b2c3d"] {
            assert_eq!(AccountVersion::parse(&VersionId::new(other)), None, "{other}");
        }
    }
}
