//! The connection to AWS.

use std::sync::Arc;

use evertoken_aws::Aws;
use evertoken_https::{Tls, TlsError};
use tokio::sync::OnceCell;

/// Connects on first use, with the region, credentials and endpoint of the SDK's own environment. A company's own root
/// certificates are trusted: its machines may reach AWS through a proxy.
#[derive(Clone, Debug, Default)]
pub(crate) struct AwsClient(Arc<OnceCell<Aws>>);

impl AwsClient {
    pub(crate) async fn get(&self) -> Result<&Aws, TlsError> {
        self.0.get_or_try_init(|| async { Aws::connect(&Tls::with_system_roots()).await }).await
    }
}
