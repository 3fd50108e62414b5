//! A certificate verifier that loads its root certificates in the background.

use std::sync::{Arc, OnceLock};
use std::thread;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, Error, SignatureScheme};

use crate::certificate_paths::{CERT_DIR, CERT_FILE, CertificatePaths};

/// Verifies certificates as rustls does. Loading the usual 150 root certificates takes longer than the rest of a Lambda's
/// startup, so a thread loads them and the first connection waits for it.
#[derive(Clone, Debug)]
pub(crate) struct LazyVerifier(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    paths: CertificatePaths,
    provider: Arc<CryptoProvider>,
    /// Holds `None` if the paths contain no certificate.
    verifier: OnceLock<Option<Arc<WebPkiServerVerifier>>>,
}

impl LazyVerifier {
    /// Starts loading the certificates.
    pub(crate) fn start(paths: CertificatePaths, provider: Arc<CryptoProvider>) -> Self {
        let verifier = Self(Arc::new(Inner { paths, provider, verifier: OnceLock::new() }));
        let background = verifier.clone();
        // If no thread can be started, the first connection loads the certificates.
        thread::Builder::new().spawn(move || background.loaded().is_some()).ok();
        verifier
    }

    /// Waits until the certificates are loaded.
    fn loaded(&self) -> Option<&Arc<WebPkiServerVerifier>> {
        let Inner { paths, provider, verifier } = self.0.as_ref();
        let load = || {
            // The builder fails if there are no roots, or because of revocation lists, which are not used here.
            WebPkiServerVerifier::builder_with_provider(Arc::new(paths.load()), Arc::clone(provider)).build().ok()
        };
        verifier.get_or_init(load).as_ref()
    }
}

impl ServerCertVerifier for LazyVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match self.loaded() {
            Some(verifier) => verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now),
            None => Err(Error::General(format!("found no root certificate in {CERT_FILE} or {CERT_DIR}"))),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.provider.signature_verification_algorithms.supported_schemes()
    }
}
