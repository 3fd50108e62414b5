//! The download of pictures.

use evertoken_core::media::{MediaFiles, PictureError, PictureSource};
use evertoken_sandbox::{Endpoint, FaultResponse, InjectedFault};
use time::Duration;
use url::Url;

use crate::test_media::TestMedia;

const LIMIT: usize = 1_000_000;

/// Links to the pictures and posters of all posts and of their parts.
async fn links(media: &TestMedia) -> Vec<Url> {
    let picture = |files: MediaFiles| files.thumbnail_url.or(files.media_url);
    let posts = media.posts().await.into_iter();
    posts
        .flat_map(|post| std::iter::once(post.files).chain(post.children.into_iter().map(|child| child.files)))
        .filter_map(picture)
        .collect()
}

#[tokio::test]
async fn downloads_every_picture_as_a_jpeg() {
    let media = TestMedia::start().await;
    let links = links(&media).await;
    assert!(!links.is_empty());
    for link in links {
        let picture = media.pictures.picture(&link, LIMIT).await.unwrap();
        assert!(picture.starts_with(&[0xff, 0xd8, 0xff]), "{link}");
    }
}

#[tokio::test]
async fn a_link_expires_between_listing_and_download_and_the_next_list_has_a_new_one() {
    let media = TestMedia::start().await;
    let link = links(&media).await.remove(0);
    media.server.advance(Duration::days(6));
    assert_eq!(media.pictures.picture(&link, LIMIT).await, Err(PictureError::Expired));
    let again = links(&media).await.remove(0);
    assert_eq!(again.path(), link.path());
    assert!(media.pictures.picture(&again, LIMIT).await.is_ok());
}

#[tokio::test]
async fn a_link_that_is_altered_or_whose_post_is_deleted_counts_as_expired() {
    let media = TestMedia::start().await;
    let link = links(&media).await.remove(0);
    let altered: Url = link.as_str().replace("oe=", "oe=1").parse().unwrap();
    assert_eq!(media.pictures.picture(&altered, LIMIT).await, Err(PictureError::Expired));
    let newest = media.sandbox().posts("blue_bottle").unwrap().remove(0);
    media.sandbox().delete_post("blue_bottle", newest.id).unwrap();
    assert_eq!(media.pictures.picture(&link, LIMIT).await, Err(PictureError::Expired));
}

#[tokio::test]
async fn faults_of_the_server_are_told_apart() {
    let media = TestMedia::start().await;
    let link = links(&media).await.remove(0);
    for (response, error) in [
        (FaultResponse::status(503.try_into().unwrap()), PictureError::Unreachable),
        (FaultResponse::Truncated, PictureError::Unreachable),
        (FaultResponse::Oversized { bytes: 50_000_000 }, PictureError::TooLarge),
    ] {
        media.server.inject_fault(InjectedFault::new(Endpoint::File, response.clone()).after_processing()).await;
        assert_eq!(media.pictures.picture(&link, LIMIT).await, Err(error), "{response:?}");
    }
}
