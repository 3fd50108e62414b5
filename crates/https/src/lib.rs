#![doc = include_str!("../README.md")]

mod named;

use std::sync::Arc;

use named::{Named, Verifier};
use reqwest::ClientBuilder;
use rustls::crypto::aws_lc_rs;
use rustls::{ClientConfig, RootCertStore};

/// Whom a process trusts. Cloned, it is the same one.
#[derive(Clone, Debug)]
pub struct Tls(Option<ClientConfig>);

/// TLS could not be set up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoTls {
    /// Where we were told to look nothing can be read.
    #[error("{variable} is {path:?}; it should hold the path of root certificates in PEM form, or be left out")]
    Unreadable {
        /// `SSL_CERT_FILE` or `SSL_CERT_DIR`.
        variable: &'static str,
        /// What it holds.
        path: String,
    },
    /// The operating system has no root certificates, as a rule.
    #[error("TLS could not be set up; are the machine's root certificates installed?")]
    Unusable,
}

impl Tls {
    /// Trusts what the operating system does. It is asked again for each client.
    pub fn of_the_machine() -> Self {
        Self(None)
    }

    /// Trusts Mozilla's root certificates of the day Evertoken was built; where `SSL_CERT_FILE` or `SSL_CERT_DIR` is set,
    /// those that it names and no other.
    pub fn compiled_in() -> Result<Self, NoTls> {
        Self::by(Named::by(|variable| std::env::var(variable).ok())?)
    }

    fn by(named: Option<Named>) -> Result<Self, NoTls> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|_| NoTls::Unusable)?;
        let builder = match named {
            // Constants of the program: nothing is read or parsed.
            None => builder.with_root_certificates(RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() }),
            // The dangerous part is to verify oneself; this one has rustls do it.
            Some(named) => {
                builder.dangerous().with_custom_certificate_verifier(Arc::new(Verifier::begin(named, provider)))
            }
        };
        let mut config = builder.with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self(Some(config)))
    }

    /// The beginning of a client. Clients share the trust, and nothing else.
    pub fn client(&self) -> ClientBuilder {
        let builder = ClientBuilder::new();
        match &self.0 {
            Some(config) => builder.tls_backend_preconfigured(config.clone()),
            None => builder,
        }
    }
}
