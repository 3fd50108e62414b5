//! The connection to AWS.

use std::error::Error;
use std::sync::Arc;

use aws_credential_types::provider::SharedCredentialsProvider;
use aws_credential_types::provider::error::CredentialsError;
use evertoken_aws::Aws;
use evertoken_https::Tls;
use tokio::sync::OnceCell;

use super::aws_error::AwsError;
use super::cached_credentials::CachedCredentials;
use super::credential_source::CredentialSource;

/// The longest cause that an error shows. A `credential_process` may print a stack trace.
const MAX_CAUSE: usize = 300;

/// Connects on first use, with the region, credentials and endpoint of the SDK's own environment. A company's own root
/// certificates are trusted: its machines may reach AWS through a proxy.
#[derive(Clone, Debug, Default)]
pub(crate) struct AwsClient(Arc<OnceCell<Aws>>);

impl AwsClient {
    pub(crate) async fn get(&self) -> Result<&Aws, AwsError> {
        // The SDK's future is large, and every command contains this one.
        self.0.get_or_try_init(|| Box::pin(connect())).await
    }
}

/// Loads the credentials before the first request, so that an error about them is not taken for one of a service.
async fn connect() -> Result<Aws, AwsError> {
    let aws = Aws::connect(&Tls::with_system_roots()).await?;
    let config = aws.config();
    if config.region().is_none() {
        return Err(AwsError::NoRegion);
    }
    let provider = config.credentials_provider().ok_or(AwsError::NoCredentials)?;
    let credentials = CachedCredentials::new(provider);
    match credentials.get().await {
        Ok(_) => Ok(aws.with_credentials(SharedCredentialsProvider::new(credentials))),
        Err(error) => Err(explain(&error, CredentialSource::of_process().await)),
    }
}

fn explain(error: &CredentialsError, from: CredentialSource) -> AwsError {
    match (error, from) {
        (CredentialsError::CredentialsNotLoaded(_), CredentialSource::UnknownProfile(name)) => {
            AwsError::UnknownProfile(name)
        }
        (CredentialsError::CredentialsNotLoaded(_), _) => AwsError::NoCredentials,
        (_, from) => AwsError::BrokenCredentials { from, cause: cause(error) },
    }
}

/// The messages of an error's sources on one line. They contain no credentials: a service's error has a code and a message,
/// and an external program's error is what the program printed to standard error.
fn cause(error: &CredentialsError) -> String {
    let mut messages = Vec::new();
    let mut source = error.source();
    while let Some(error) = source {
        messages.push(error.to_string());
        source = error.source();
    }
    let text = if messages.is_empty() { error.to_string() } else { messages.join(": ") };
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = words.join(" ");
    match line.char_indices().nth(MAX_CAUSE) {
        Some((end, _)) => format!("{}...", line.get(..end).unwrap_or(&line)),
        None => line,
    }
}
