//! The adapter of the feeds' files against a real S3 interface: headers, pages, absent files and errors.

use std::collections::BTreeSet;

use evertoken_feed::file_path::FilePath;
use evertoken_feed::files::{FeedFiles, FilesError, Invalidations};
use evertoken_feed_function::{Bucket, Distribution};
use evertoken_tests::moto::Moto;

fn path(text: &str) -> FilePath {
    text.parse().unwrap()
}

fn client() -> aws_sdk_s3::Client {
    aws_sdk_s3::Client::new(&Moto::shared().config())
}

async fn bucket(name: &str) -> Bucket {
    client().create_bucket().bucket(name).send().await.unwrap();
    Bucket::new(client(), name)
}

#[tokio::test]
async fn a_file_is_written_with_its_content_type_and_cache_lifetime_and_read_again() {
    let files = bucket("feed-files").await;
    let feed = path("feed/my-shop.json");
    assert_eq!(files.read(&feed).await, Ok(None));
    for content in ["{}", r#"{"version":1}"#] {
        files.write(&feed, content.as_bytes().to_vec()).await.unwrap();
        assert_eq!(files.read(&feed).await, Ok(Some(content.as_bytes().to_vec())));
    }
    for (text, content_type, cache_control) in [
        (
            "feed/my-shop.json",
            "application/json",
            "public, max-age=60, s-maxage=300, stale-while-revalidate=86400, stale-if-error=604800",
        ),
        ("img/my-shop/1-0a-320.webp", "image/webp", "public, max-age=86400"),
        ("settings/my-shop.json", "application/json", "no-store"),
    ] {
        files.write(&path(text), b"x".to_vec()).await.unwrap();
        let head = client().head_object().bucket("feed-files").key(text).send().await.unwrap();
        assert_eq!((head.content_type(), head.cache_control()), (Some(content_type), Some(cache_control)), "{text}");
    }
}

/// S3 lists and deletes at most 1,000 files per call.
#[tokio::test]
async fn more_files_than_fit_into_one_call_are_listed_and_deleted() {
    let files = bucket("many-files").await;
    let paths: BTreeSet<FilePath> =
        (0..1_005).map(|number| path(&format!("img/my-shop/{number}-0a-320.jpg"))).collect();
    for path in &paths {
        files.write(path, b"x".to_vec()).await.unwrap();
    }
    let other = path("img/other-shop/1-0a-320.jpg");
    files.write(&other, b"x".to_vec()).await.unwrap();
    // Not ours.
    client().put_object().bucket("many-files").key("img/my-shop/Photo 1.PNG").send().await.unwrap();
    assert_eq!(files.list("img/my-shop/").await.unwrap().into_iter().collect::<BTreeSet<_>>(), paths);
    // Some are gone already.
    files.delete(&[path("img/my-shop/7-0a-320.jpg")]).await.unwrap();
    files.delete(&paths.into_iter().collect::<Vec<_>>()).await.unwrap();
    assert_eq!(files.list("img/my-shop/").await, Ok(Vec::new()));
    assert_eq!(files.list("img/other-shop/").await, Ok(vec![other]));
    assert_eq!(files.delete(&[]).await, Ok(()));
}

#[tokio::test]
async fn an_error_has_awss_code_and_nothing_else() {
    let files = Bucket::new(client(), "no-such-bucket");
    let unavailable = || FilesError::Unavailable { code: "NoSuchBucket".to_owned() };
    let file = path("widget.js");
    assert_eq!(files.read(&file).await, Err(unavailable()));
    assert_eq!(files.write(&file, b"x".to_vec()).await, Err(unavailable()));
    assert_eq!(files.delete(std::slice::from_ref(&file)).await, Err(unavailable()));
    assert_eq!(files.list("feed/").await, Err(unavailable()));
    let distribution = Distribution::new(aws_sdk_cloudfront::Client::new(&Moto::shared().config()), "E0");
    let error = FilesError::Unavailable { code: "NoSuchDistribution".to_owned() };
    assert_eq!(distribution.invalidate(&[file]).await, Err(error));
    assert_eq!(distribution.invalidate(&[]).await, Ok(()));
}
