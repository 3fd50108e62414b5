//! Publishes feeds into the folder of a file vault.

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;

use evertoken_core::clock::Clock;
use evertoken_core::entropy::SystemEntropy;
use evertoken_core::provider::Logins;
use evertoken_feed::converter::Converter;
use evertoken_feed::folder_files::FolderFiles;
use evertoken_feed::publisher::{PublishLimits, Publisher};
use evertoken_https::Tls;
use evertoken_instagram::{AnyLogin, LoginSettings, PictureDownload};
use url::Url;

use crate::credentials::any_credentials::AnyApp;
use crate::error::Result;
use crate::vault::any_vault::AnyVault;

/// Publishes into a folder. No cache of ours keeps the files.
pub(crate) type LocalPublisher = Publisher<Logins<AnyLogin<AnyApp>>, PictureDownload, FolderFiles, AnyVault, ()>;

/// The feeds' folder in the folder of a vault.
const FOLDER: &str = "feeds";

/// The files of the feeds of the vault in this folder.
pub(crate) fn files(dir: &Path) -> FolderFiles {
    FolderFiles::new(dir.join(FOLDER))
}

/// The publisher of the feeds of the vault in this folder.
pub(crate) fn publisher(
    dir: &Path,
    vault: AnyVault,
    (logins, app): (LoginSettings, AnyApp),
    base_url: Url,
    clock: Arc<dyn Clock>,
) -> Result<Arc<LocalPublisher>> {
    Ok(Arc::new(Publisher {
        pictures: PictureDownload::new(&logins.instagram)?,
        media: logins.keeping(&Tls::with_system_roots(), Some(app), Arc::clone(&clock))?,
        files: files(dir),
        vault,
        invalidations: (),
        clock,
        entropy: Arc::new(SystemEntropy),
        converter: Converter::default(),
        base_url,
        widget: Cow::Borrowed(evertoken_feed::widget::SCRIPT),
        limits: PublishLimits::default(),
    }))
}
