//! Paths of root certificates from the environment.

use std::env::split_paths;
use std::fs::File;
use std::path::{Path, PathBuf};

use rustls::RootCertStore;
use rustls_native_certs::load_certs_from_paths;

use crate::error::TlsError;

/// OpenSSL's variables, which most clients respect (OpenSSL, `SSL_CTX_set_default_verify_paths`).
pub(crate) const CERT_FILE: &str = "SSL_CERT_FILE";
pub(crate) const CERT_DIR: &str = "SSL_CERT_DIR";

/// The file in `SSL_CERT_FILE` and the directories in `SSL_CERT_DIR`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CertificatePaths {
    file: Option<PathBuf>,
    directories: Vec<PathBuf>,
}

impl CertificatePaths {
    /// `None` if neither variable is set. Returns an error if a path cannot be read.
    pub(crate) fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, TlsError> {
        let value = |name| variable(name).filter(|value| !value.is_empty());
        let file = value(CERT_FILE).map(PathBuf::from);
        let directories = value(CERT_DIR).map(|paths| split_paths(&paths).collect::<Vec<_>>()).unwrap_or_default();
        if let Some(file) = &file {
            File::open(file).map_err(|_| unreadable(CERT_FILE, file))?;
        }
        for directory in &directories {
            directory.read_dir().map_err(|_| unreadable(CERT_DIR, directory))?;
        }
        Ok((file.is_some() || !directories.is_empty()).then_some(Self { file, directories }))
    }

    /// Loads every certificate that can be parsed.
    pub(crate) fn load(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(load_certs_from_paths(self.file.as_deref(), None).certs);
        for directory in &self.directories {
            roots.add_parsable_certificates(load_certs_from_paths(None, Some(directory)).certs);
        }
        roots
    }
}

fn unreadable(variable: &'static str, path: &Path) -> TlsError {
    TlsError::Unreadable { variable, path: path.display().to_string() }
}
