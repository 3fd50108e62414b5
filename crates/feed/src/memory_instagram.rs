//! Posts and pictures in memory, for tests.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use evertoken_core::document::Document;
use evertoken_core::media::{Media, MediaList, MediaSource, PictureError, PictureSource};
use evertoken_core::provider_error::{ProviderError, ProviderErrorKind};
use url::Url;

/// Accounts with their posts, and the pictures behind the links. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct MemoryInstagram(Arc<Mutex<Content>>);

/// What happens when an account's posts are listed.
#[derive(Clone, Debug)]
pub enum Listing {
    /// The posts are returned.
    Posts(MediaList),
    /// Instagram returns an error.
    Fails(ProviderError),
    /// Instagram does not answer.
    Hangs,
    /// The code that lists panics.
    Panics,
}

#[derive(Debug, Default)]
struct Content {
    /// What happens next. The last one stays.
    listings: BTreeMap<String, Vec<Listing>>,
    pictures: BTreeMap<String, Result<Vec<u8>, PictureError>>,
    /// The signature of links that work. Empty for all.
    signature: String,
    lists: usize,
    downloads: Vec<String>,
}

impl MemoryInstagram {
    fn content(&self) -> MutexGuard<'_, Content> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Decides what happens when the posts of the account with this token are listed.
    pub fn set_listing(&self, token: &str, listing: Listing) {
        self.content().listings.insert(token.to_owned(), vec![listing]);
    }

    /// Decides what happens when the posts are listed once more.
    pub fn add_listing(&self, token: &str, listing: Listing) {
        self.content().listings.entry(token.to_owned()).or_default().push(listing);
    }

    /// The account with this token has these posts.
    pub fn set_posts(&self, token: &str, posts: Vec<Media>) {
        self.set_listing(token, Listing::Posts(MediaList { posts, ..MediaList::default() }));
    }

    /// Decides what is behind a link. The default is a small picture.
    pub fn set_picture(&self, link: &Url, picture: Result<Vec<u8>, PictureError>) {
        self.content().pictures.insert(link.path().to_owned(), picture);
    }

    /// Lets all links expire but those with this query.
    pub fn accept_only(&self, signature: &str) {
        signature.clone_into(&mut self.content().signature);
    }

    /// How often posts were listed.
    pub fn lists(&self) -> usize {
        self.content().lists
    }

    /// The paths of the pictures that were downloaded since the last call.
    pub fn take_downloads(&self) -> Vec<String> {
        std::mem::take(&mut self.content().downloads)
    }
}

impl MediaSource for MemoryInstagram {
    #[expect(clippy::panic, reason = "for tests only")]
    async fn media(&self, account: &Document, limit: usize) -> Result<MediaList, ProviderError> {
        let listing = {
            let mut content = self.content();
            content.lists += 1;
            let listings = content.listings.get_mut(account.access_token.expose());
            listings.and_then(|all| if all.len() > 1 { Some(all.remove(0)) } else { all.first().cloned() })
        };
        match listing {
            Some(Listing::Posts(mut list)) => {
                list.posts.truncate(limit);
                Ok(list)
            }
            Some(Listing::Fails(error)) => Err(error),
            Some(Listing::Hangs) => std::future::pending().await,
            Some(Listing::Panics) => panic!("listing"),
            None => Err(ProviderError::new(ProviderErrorKind::TokenInvalid)),
        }
    }
}

impl PictureSource for MemoryInstagram {
    async fn picture(&self, url: &Url, limit: usize) -> Result<Vec<u8>, PictureError> {
        let mut content = self.content();
        content.downloads.push(url.path().to_owned());
        if !content.signature.is_empty() && url.query() != Some(&content.signature) {
            return Err(PictureError::Expired);
        }
        let picture = content.pictures.get(url.path()).cloned();
        let bytes = picture.unwrap_or_else(|| Ok(crate::sample::jpeg(40, 50)))?;
        if bytes.len() > limit { Err(PictureError::TooLarge) } else { Ok(bytes) }
    }
}
