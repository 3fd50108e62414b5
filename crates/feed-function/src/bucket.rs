//! The feeds' files in an S3 bucket.

use aws_sdk_s3::Client;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use evertoken_aws::AwsErrorCode;
use evertoken_feed::file_path::FilePath;
use evertoken_feed::files::{FeedFiles, FilesError};

/// Files per call: the maximum of `DeleteObjects` (AWS, "S3 API Reference").
const DELETIONS_PER_CALL: usize = 1000;

/// The feeds' files in an S3 bucket. Each file has the content type and the cache lifetime that its path determines.
#[derive(Clone, Debug)]
pub struct Bucket {
    client: Client,
    name: String,
}

impl Bucket {
    /// The bucket with this name. Sends no request.
    pub fn new(client: Client, name: impl Into<String>) -> Self {
        Self { client, name: name.into() }
    }
}

impl FeedFiles for Bucket {
    /// Without the permission to list the bucket, S3 reports a missing file as denied access.
    async fn read(&self, path: &FilePath) -> Result<Option<Vec<u8>>, FilesError> {
        match self.client.get_object().bucket(&self.name).key(path.as_str()).send().await {
            Ok(object) => {
                let bytes = object.body.collect().await.map_err(|_| interrupted())?;
                Ok(Some(bytes.to_vec()))
            }
            Err(error) if error.code() == Some("NoSuchKey") => Ok(None),
            Err(error) => Err(to_files_error(error)),
        }
    }

    async fn write(&self, path: &FilePath, bytes: Vec<u8>) -> Result<(), FilesError> {
        let put = self.client.put_object().bucket(&self.name).key(path.as_str());
        let put = put.content_type(path.content_type()).cache_control(path.cache_control());
        let written = put.body(ByteStream::from(bytes)).send().await;
        written.map(drop).map_err(to_files_error)
    }

    async fn delete(&self, paths: &[FilePath]) -> Result<(), FilesError> {
        for paths in paths.chunks(DELETIONS_PER_CALL) {
            let objects: Result<Vec<_>, _> =
                paths.iter().map(|path| ObjectIdentifier::builder().key(path.as_str()).build()).collect();
            let objects = objects.map_err(|_| invalid_request())?;
            let delete = Delete::builder().set_objects(Some(objects)).quiet(true).build();
            let delete = delete.map_err(|_| invalid_request())?;
            let deleted = self.client.delete_objects().bucket(&self.name).delete(delete).send().await;
            let deleted = deleted.map_err(to_files_error)?;
            // A call with status 200 lists the files that it could not delete (AWS, `DeleteObjects`).
            if let Some(failed) = deleted.errors().first() {
                return Err(to_files_error(AwsErrorCode::new(failed.code().unwrap_or("unknown"))));
            }
        }
        Ok(())
    }

    async fn list(&self, prefix: &str) -> Result<Vec<FilePath>, FilesError> {
        let mut pages = self.client.list_objects_v2().bucket(&self.name).prefix(prefix).into_paginator().send();
        let mut paths = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(to_files_error)?;
            paths.extend(page.contents().iter().filter_map(|object| object.key()?.parse().ok()));
        }
        Ok(paths)
    }
}

/// Keeps only the error's code: the SDK's text may contain the request and the response.
pub(crate) fn to_files_error(error: impl Into<AwsErrorCode>) -> FilesError {
    let error = error.into();
    let code = error.code().to_owned();
    if error.is_denied() { FilesError::Denied { code } } else { FilesError::Unavailable { code } }
}

fn interrupted() -> FilesError {
    FilesError::Unavailable { code: "connection".to_owned() }
}

/// The SDK rejects a request with a missing field, which ours do not have.
pub(crate) fn invalid_request() -> FilesError {
    FilesError::Unavailable { code: "invalid request".to_owned() }
}
