//! The adapter of the feeds' files against a real S3 interface: headers, pages, absent files and errors.

use std::collections::BTreeSet;

use axum::Router;
use evertoken_feed::file_path::FilePath;
use evertoken_feed::files::{FeedFiles, FilesError, Invalidations};
use evertoken_feed_function::{Bucket, Distribution};
use evertoken_tests::feed_function::create_distribution;
use evertoken_tests::moto::Moto;
use tokio::net::TcpListener;

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

/// The call itself has status 200. moto deletes every file.
#[tokio::test]
async fn a_file_that_s3_does_not_delete_is_an_error() {
    let response = "<DeleteResult><Error><Key>img/a/1-0-320.jpg</Key><Code>InternalError</Code></Error></DeleteResult>";
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let service = Router::new().fallback(move || async move { response });
    tokio::spawn(async move { axum::serve(listener, service).await });
    let config = Moto::shared().config().into_builder().endpoint_url(endpoint).build();
    let files = Bucket::new(aws_sdk_s3::Client::new(&config), "feeds");
    let error = FilesError::Unavailable { code: "InternalError".to_owned() };
    assert_eq!(files.delete(&[path("img/a/1-0-320.jpg"), path("img/a/2-0-320.jpg")]).await, Err(error));
}

/// CloudFront ignores an invalidation whose reference it knows.
#[tokio::test]
async fn a_file_can_be_invalidated_again() {
    let client = aws_sdk_cloudfront::Client::new(&Moto::shared().config());
    let id = create_distribution(&client, "invalidated-twice").await;
    let distribution = Distribution::new(client.clone(), &id);
    for _ in 0..2 {
        distribution.invalidate(&[path("feed/my-shop.json")]).await.unwrap();
    }
    let listed = client.list_invalidations().distribution_id(&id).send().await.unwrap().invalidation_list.unwrap();
    let mut references = BTreeSet::new();
    for summary in listed.items() {
        let get = client.get_invalidation().distribution_id(&id).id(summary.id()).send().await.unwrap();
        references.insert(get.invalidation.unwrap().invalidation_batch.unwrap().caller_reference);
    }
    assert_eq!((listed.items().len(), references.len()), (2, 2), "{references:?}");
}
