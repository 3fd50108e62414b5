//! Which vault a command speaks to.

use anyhow::{Context, Result, bail};
use evertoken_aws::settings::VaultSettings;
use evertoken_aws::{Aws, SecretsManagerVault};
use evertoken_core::variables::Variables;
use evertoken_https::Tls;

use crate::arguments::Place;
use crate::file_vault::FileVault;

/// One of the two.
pub(crate) enum AnyVault {
    /// A folder.
    File(FileVault),
    /// Secrets Manager.
    Aws(SecretsManagerVault),
}

impl AnyVault {
    /// Opens it. A folder that is not there is a slip of the pen, not a new vault.
    pub(crate) async fn open(place: &Place, variables: &Variables) -> Result<Self> {
        if let Some(dir) = &place.local {
            if !dir.join("accounts").is_dir() {
                bail!("{} is no vault: it has no folder \"accounts\"", dir.display());
            }
            return Ok(Self::File(FileVault::open(dir)?));
        }
        let settings = VaultSettings::read(variables)
            .context("name a vault of files with --local DIR, or the one in Secrets Manager")?;
        let client = Aws::connect(&Tls::of_the_machine()).await?.secrets_manager();
        Ok(Self::Aws(SecretsManagerVault::new(client, &settings)))
    }
}

/// Runs the same work over whichever vault it is.
macro_rules! with_vault {
    ($any:expr, $vault:ident => $work:expr) => {
        match $any {
            $crate::place::AnyVault::File($vault) => $work,
            $crate::place::AnyVault::Aws($vault) => $work,
        }
    };
}
pub(crate) use with_vault;
