//! AWS as it is reached from an operator's machine.

use evertoken_aws::Aws;
use evertoken_https::{Tls, TlsError};

/// With the region, credentials and endpoint of the SDK's own environment. A company's own root certificates are trusted:
/// its machines may reach AWS through a proxy.
pub(crate) async fn aws() -> Result<Aws, TlsError> {
    Aws::connect(&Tls::with_system_roots()).await
}
