//! Root certificates that somebody has named: read beside the start, and waited for by the first connection.

use std::env::split_paths;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::thread;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use rustls_native_certs::load_certs_from_paths;

use crate::NoTls;

/// OpenSSL's own variables, which most clients look at (OpenSSL, `SSL_CTX_set_default_verify_paths`).
const FILE: &str = "SSL_CERT_FILE";
const FOLDERS: &str = "SSL_CERT_DIR";

/// Where root certificates are: in the file of `SSL_CERT_FILE` and in the folders of `SSL_CERT_DIR`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    file: Option<PathBuf>,
    folders: Vec<PathBuf>,
}

impl Named {
    /// None if neither variable is set. A path at which nothing can be read is an error at once.
    pub(crate) fn by(variable: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, NoTls> {
        let set = |name| variable(name).filter(|value| !value.is_empty());
        let file = set(FILE).map(PathBuf::from);
        let folders: Vec<_> =
            set(FOLDERS).iter().flat_map(|folders| split_paths(folders).collect::<Vec<_>>()).collect();
        let readable = |name, path: &Path, is_readable: bool| {
            let unreadable = || NoTls::Unreadable { variable: name, path: path.display().to_string() };
            is_readable.then_some(()).ok_or_else(unreadable)
        };
        if let Some(file) = &file {
            readable(FILE, file, std::fs::File::open(file).is_ok())?;
        }
        for folder in &folders {
            readable(FOLDERS, folder, folder.read_dir().is_ok())?;
        }
        Ok((file.is_some() || !folders.is_empty()).then_some(Self { file, folders }))
    }

    /// All that can be read there.
    fn load(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(load_certs_from_paths(self.file.as_deref(), None).certs);
        for folder in &self.folders {
            roots.add_parsable_certificates(load_certs_from_paths(None, Some(folder)).certs);
        }
        roots
    }
}

/// Verifies as rustls does, by root certificates that are read beside the start: a hundred and fifty of them take longer
/// than the rest of a Lambda's.
#[derive(Clone, Debug)]
pub(crate) struct Verifier(Arc<ByRoots>);

#[derive(Debug)]
struct ByRoots {
    named: Named,
    provider: Arc<CryptoProvider>,
    /// None if there was no certificate among what was named.
    verifier: OnceLock<Option<Arc<WebPkiServerVerifier>>>,
}

impl Verifier {
    /// Begins to read.
    pub(crate) fn begin(named: Named, provider: Arc<CryptoProvider>) -> Self {
        let verifier = Self(Arc::new(ByRoots { named, provider, verifier: OnceLock::new() }));
        let ahead = verifier.clone();
        // Where no thread can be had, the first connection reads.
        thread::Builder::new().spawn(move || ahead.by_roots().is_some()).ok();
        verifier
    }

    /// Waits until all is read.
    fn by_roots(&self) -> Option<&Arc<WebPkiServerVerifier>> {
        let ByRoots { named, provider, verifier } = self.0.as_ref();
        let read = || {
            // Its only errors are no roots at all, and lists of revoked certificates, which we have none of.
            WebPkiServerVerifier::builder_with_provider(Arc::new(named.load()), Arc::clone(provider)).build().ok()
        };
        verifier.get_or_init(read).as_ref()
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match self.by_roots() {
            Some(by_roots) => by_roots.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now),
            None => Err(Error::General(format!("{FILE} and {FOLDERS} name no root certificate"))),
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

#[cfg(test)]
mod tests;
