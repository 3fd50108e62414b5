//! The copies of the feeds' files in CloudFront's caches.

use std::time::{SystemTime, UNIX_EPOCH};

use aws_sdk_cloudfront::Client;
use aws_sdk_cloudfront::types::{InvalidationBatch, Paths};
use evertoken_feed::file_path::FilePath;
use evertoken_feed::files::{FilesError, Invalidations};
use sha2::{Digest, Sha256};

use crate::bucket::{invalid_request, to_files_error};
use crate::cached_paths::cached_paths;

/// A CloudFront distribution in front of the bucket.
#[derive(Clone, Debug)]
pub struct Distribution {
    client: Client,
    id: String,
}

impl Distribution {
    /// The distribution with this ID. Sends no request.
    pub fn new(client: Client, id: impl Into<String>) -> Self {
        Self { client, id: id.into() }
    }
}

impl Invalidations for Distribution {
    /// CloudFront forgets the files within seconds to minutes. The call does not wait for it.
    async fn invalidate(&self, paths: &[FilePath]) -> Result<(), FilesError> {
        if paths.is_empty() {
            return Ok(());
        }
        let patterns: Vec<String> = cached_paths(paths).into_iter().collect();
        let quantity = i32::try_from(patterns.len()).map_err(|_| invalid_request())?;
        let reference = reference(&patterns);
        let paths = Paths::builder().quantity(quantity).set_items(Some(patterns)).build();
        let batch = InvalidationBatch::builder().paths(paths.map_err(|_| invalid_request())?);
        let batch = batch.caller_reference(reference).build().map_err(|_| invalid_request())?;
        let created = self.client.create_invalidation().distribution_id(&self.id).invalidation_batch(batch);
        created.send().await.map(drop).map_err(to_files_error)
    }
}

/// Identifies one invalidation: CloudFront ignores a second one with the same reference (AWS, `CreateInvalidation`), so that
/// the SDK's retries have no effect.
fn reference(patterns: &[String]) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let hash = hex::encode(Sha256::digest(patterns.join("\n")));
    let short: String = hash.chars().take(16).collect();
    format!("evertoken-{}-{short}", now.as_nanos())
}
