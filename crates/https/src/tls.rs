//! The TLS configuration that all clients of a process share.

use std::sync::Arc;

use reqwest::ClientBuilder;
use reqwest::redirect::Policy;
use rustls::crypto::aws_lc_rs;
use rustls::{ClientConfig, RootCertStore};

use crate::certificate_paths::CertificatePaths;
use crate::error::TlsError;
use crate::lazy_verifier::LazyVerifier;

/// A TLS configuration: which certificate authorities a process trusts. Clones share it.
#[derive(Clone, Debug)]
pub struct Tls(pub(crate) Option<ClientConfig>);

impl Tls {
    /// Trusts the certificate authorities of the operating system, which are loaded again for each client.
    pub fn with_system_roots() -> Self {
        Self(None)
    }

    /// Trusts Mozilla's root certificates as of the day Evertoken was built. If `SSL_CERT_FILE` or `SSL_CERT_DIR` is set,
    /// trusts the certificates found there and no others.
    pub fn with_bundled_roots() -> Result<Self, TlsError> {
        Self::with_roots(CertificatePaths::read(|variable| std::env::var(variable).ok())?)
    }

    /// Trusts the certificates at `paths`, or the bundled ones if there are no paths.
    pub(crate) fn with_roots(paths: Option<CertificatePaths>) -> Result<Self, TlsError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|_| TlsError::Unusable)?;
        let builder = match paths {
            // Constants in the binary: nothing is read or parsed.
            None => builder.with_root_certificates(RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() }),
            // rustls calls every custom verifier dangerous. This one delegates all checks to rustls.
            Some(paths) => {
                builder.dangerous().with_custom_certificate_verifier(Arc::new(LazyVerifier::start(paths, provider)))
            }
        };
        let mut config = builder.with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self(Some(config)))
    }

    /// A builder for an HTTP client with this configuration. Clients share nothing else, such as connections.
    ///
    /// The client follows no redirects: a redirect could carry a token or a signed request to another host.
    pub fn client(&self) -> ClientBuilder {
        let builder = ClientBuilder::new().redirect(Policy::none());
        match &self.0 {
            Some(config) => builder.tls_backend_preconfigured(config.clone()),
            None => builder,
        }
    }
}
