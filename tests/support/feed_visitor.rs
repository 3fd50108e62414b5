//! A visitor of feeds, who reaches a CloudFront distribution of MiniStack as in AWS: by the host name in its URL, with TLS.

use reqwest::Response;
use url::Url;

use crate::http;
use crate::ministack::MiniStack;

/// A visitor's browser on a site that uses the feeds.
#[derive(Debug)]
pub struct FeedVisitor {
    endpoint: String,
    host: String,
}

impl FeedVisitor {
    /// A visitor of the feeds at this URL.
    pub fn new(ministack: &MiniStack, url: &str) -> Self {
        let url: Url = url.parse().unwrap();
        assert_eq!(url.scheme(), "https");
        Self { endpoint: ministack.endpoint().to_owned(), host: url.host_str().unwrap().to_owned() }
    }

    /// Requests a file for a page of another site.
    pub async fn get(&self, path: &str) -> Response {
        let request = http::client().get(format!("{}{path}", self.endpoint)).header("host", &self.host);
        // MiniStack serves plain HTTP, and believes the header that a proxy sets after it has terminated TLS.
        let request = request.header("x-forwarded-proto", "https").header("origin", "https://shop.example.test");
        request.send().await.unwrap()
    }
}
