//! Errors of the TLS configuration.

/// The TLS configuration could not be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TlsError {
    /// The path in `SSL_CERT_FILE` or `SSL_CERT_DIR` cannot be read.
    #[error("{variable} is {path:?}; expected the path of root certificates in PEM format")]
    Unreadable {
        /// The name of the environment variable.
        variable: &'static str,
        /// Its value.
        path: String,
    },
    /// The TLS library rejected the configuration. Usually the operating system has no root certificates.
    #[error("could not set up TLS; check that the system's root certificates are installed")]
    Unusable,
}
