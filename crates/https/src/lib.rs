#![doc = include_str!("../README.md")]
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may stop at the first surprise"))]

mod roots;

use std::sync::Arc;

use reqwest::ClientBuilder;
use rustls::ClientConfig;
use rustls::crypto::aws_lc_rs;

/// Whom a process trusts. Cloned, it is the same one.
#[derive(Clone, Debug)]
pub struct Tls(Option<ClientConfig>);

/// TLS could not be set up: there are no root certificates, as a rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoTls {
    /// Where we were told to look there is nothing of use.
    #[error("{variable} is {value:?}; it should hold the path of root certificates in PEM form, or be left out")]
    NoRoots {
        /// `SSL_CERT_FILE` or `SSL_CERT_DIR`.
        variable: &'static str,
        /// What it holds.
        value: String,
    },
    /// The operating system has none.
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
        Self::trusting(roots::named_by(|variable| std::env::var(variable).ok())?.unwrap_or_else(roots::mozillas))
    }

    fn trusting(roots: rustls::RootCertStore) -> Result<Self, NoTls> {
        let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|_| NoTls::Unusable)?;
        let mut config = builder.with_root_certificates(roots).with_no_client_auth();
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
