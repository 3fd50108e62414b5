//! Copies the pictures of posts: downloads those that are new, converts them and writes the copies.

use std::collections::BTreeMap;

use evertoken_core::account::AccountName;
use evertoken_core::media::{Media, MediaFiles, MediaId, MediaKind, MediaSource, PictureError, PictureSource};
use evertoken_core::vault::AccountStore;
use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::time::Instant;
use url::Url;

use super::Publisher;
use crate::convert::UnusablePicture;
use crate::file_path::{FilePath, PictureFormat};
use crate::files::{FeedFiles, FilesError, Invalidations};
use crate::picture::Picture;
use crate::selection::Selected;
use crate::state::{KnownPicture, PictureSourceId};

/// The pictures of a feed, as far as a run knows them.
#[derive(Debug, Default)]
pub(super) struct Gallery {
    /// What became of each picture.
    pub(super) known: BTreeMap<PictureSourceId, KnownPicture>,
    /// Why other pictures could not be downloaded.
    missing: BTreeMap<PictureSourceId, Missing>,
    /// How many pictures were downloaded and converted.
    pub(super) converted: usize,
}

/// Why a picture could not be downloaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Missing {
    /// The link has expired. A new list has a new link.
    Expired,
    /// The link leads elsewhere. Its post is shown as a link.
    NotAPicture,
    /// The server cannot be reached, or the time for downloads is over.
    Later,
}

/// What a feed can show of a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Copy {
    /// Our copies.
    Usable(Picture),
    /// Nothing, for good.
    Unusable,
    /// Nothing until the next run.
    Later,
}

impl Gallery {
    /// A gallery of the pictures that earlier runs copied.
    pub(super) fn new(known: BTreeMap<PictureSourceId, KnownPicture>) -> Self {
        Self { known, ..Self::default() }
    }

    /// What can be shown of the picture behind a link.
    pub(super) fn copy(&self, link: &Url) -> Copy {
        let source = PictureSourceId::from(link);
        match (self.known.get(&source), self.missing.get(&source)) {
            (Some(KnownPicture::Usable(picture)), _) => Copy::Usable(picture.clone()),
            (Some(KnownPicture::Unusable(_)), _) | (None, Some(Missing::NotAPicture)) => Copy::Unusable,
            (None, Some(Missing::Expired | Missing::Later) | None) => Copy::Later,
        }
    }

    /// Whether a new list of posts may help.
    pub(super) fn has_expired_links(&self) -> bool {
        self.missing.values().any(|missing| *missing == Missing::Expired)
    }

    /// The links of posts to pictures that are not known yet, each picture once.
    pub(super) fn unknown<'a>(&self, selected: &[Selected<'a>]) -> BTreeMap<PictureSourceId, (&'a MediaId, &'a Url)> {
        let links = selected.iter().flat_map(|selected| links(selected.post));
        let sources = links.map(|(media, link)| (PictureSourceId::from(link), (media, link)));
        sources.filter(|(source, _)| !self.known.contains_key(source)).collect()
    }

    /// Forgets the pictures that no post has any more.
    pub(super) fn retain(&mut self, selected: &[Selected<'_>]) {
        let links = selected.iter().flat_map(|selected| links(selected.post));
        let sources: Vec<_> = links.map(|(_, link)| PictureSourceId::from(link)).collect();
        self.known.retain(|source, _| sources.contains(source));
    }
}

/// The link to the picture of a post, or to the poster of a video.
pub(super) fn picture_link<'a>(kind: &MediaKind, files: &'a MediaFiles) -> Option<&'a Url> {
    match kind {
        MediaKind::Image => files.media_url.as_ref(),
        MediaKind::Video => files.thumbnail_url.as_ref(),
        // The cover may be a video.
        MediaKind::Album => files.thumbnail_url.as_ref().or(files.media_url.as_ref()),
        MediaKind::Other(_) => None,
    }
}

/// The links to all pictures of a post.
fn links(post: &Media) -> impl Iterator<Item = (&MediaId, &Url)> {
    let own = picture_link(&post.kind, &post.files).map(|link| (&post.id, link));
    let children = post.children.iter().filter_map(|child| Some((&child.id, picture_link(&child.kind, &child.files)?)));
    own.into_iter().chain(children)
}

impl<M, P, F, V, I> Publisher<M, P, F, V, I>
where
    M: MediaSource,
    P: PictureSource,
    F: FeedFiles,
    V: AccountStore,
    I: Invalidations,
{
    /// Copies the pictures that are not known yet, until the time is over.
    pub(super) async fn copy_pictures(
        &self,
        account: &AccountName,
        selected: &[Selected<'_>],
        gallery: &mut Gallery,
        until: Instant,
    ) -> Result<(), FilesError> {
        let unknown = gallery.unknown(selected).into_iter().map(|(source, (media, link))| async move {
            let copied = if Instant::now() < until {
                self.copy_picture(account, media, link).await?
            } else {
                Err(Missing::Later)
            };
            Ok((source, copied))
        });
        let unknown: Vec<_> = unknown.collect();
        let mut copied = stream::iter(unknown).buffer_unordered(self.limits.downloads.max(1));
        gallery.missing.clear();
        while let Some((source, picture)) = copied.try_next().await? {
            match picture {
                Ok(picture) => {
                    gallery.converted += usize::from(matches!(picture, KnownPicture::Usable(_)));
                    gallery.known.insert(source, picture);
                }
                Err(missing) => {
                    gallery.missing.insert(source, missing);
                }
            }
        }
        Ok(())
    }

    async fn copy_picture(
        &self,
        account: &AccountName,
        media: &MediaId,
        link: &Url,
    ) -> Result<Result<KnownPicture, Missing>, FilesError> {
        let bytes = match self.pictures.picture(link, self.converter.largest_file()).await {
            Ok(bytes) => bytes,
            Err(PictureError::TooLarge) => return Ok(Ok(KnownPicture::Unusable(UnusablePicture::TooLarge))),
            Err(PictureError::Expired) => return Ok(Err(Missing::Expired)),
            Err(PictureError::NotAPicture) => return Ok(Err(Missing::NotAPicture)),
            Err(PictureError::Unreachable) => return Ok(Err(Missing::Later)),
        };
        let converted = match self.converter.convert(bytes).await {
            Ok(converted) => converted,
            Err(reason) => {
                tracing::warn!(account.name = %account, media.id = %media, %reason, "a picture is not shown");
                return Ok(Ok(KnownPicture::Unusable(reason)));
            }
        };
        let picture = Picture::new(media.clone(), &converted);
        for (size, files) in picture.sizes.iter().zip(&converted.sizes) {
            for format in PictureFormat::ALL {
                let path: FilePath = picture.path(account, *size, format);
                self.files.write(&path, files.file(format).to_vec()).await?;
            }
        }
        Ok(Ok(KnownPicture::Usable(picture)))
    }
}
