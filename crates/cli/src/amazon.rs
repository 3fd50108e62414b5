//! AWS as it is reached from an operator's machine.

use evertoken_aws::Aws;
use evertoken_https::{NoTls, Tls};

/// With the region, credentials and endpoint of the SDK's own environment. A company's own root certificates are trusted:
/// its machines may reach AWS through a proxy.
pub(crate) async fn aws() -> Result<Aws, NoTls> {
    Aws::connect(&Tls::of_the_machine()).await
}
