//! Root certificates.

use std::env::split_paths;
use std::path::Path;

use rustls::RootCertStore;
use rustls_native_certs::load_certs_from_paths;

use crate::NoTls;

/// Mozilla's, which need neither reading nor parsing: they are constants of the program.
pub(crate) fn mozillas() -> RootCertStore {
    RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() }
}

/// Those in the file of `SSL_CERT_FILE` and in the folders of `SSL_CERT_DIR`, if either is set: OpenSSL's own variables,
/// which most clients look at (OpenSSL, `SSL_CTX_set_default_verify_paths`).
pub(crate) fn named_by(variable: impl Fn(&str) -> Option<String>) -> Result<Option<RootCertStore>, NoTls> {
    let set = |name| variable(name).filter(|value| !value.is_empty()).map(|value| (name, value));
    let (file, folders) = (set("SSL_CERT_FILE"), set("SSL_CERT_DIR"));
    let Some((name, value)) = file.as_ref().or(folders.as_ref()) else { return Ok(None) };
    let in_file = load_certs_from_paths(file.as_ref().map(|file| Path::new(&file.1)), None).certs;
    let folders = folders.iter().flat_map(|folders| split_paths(&folders.1));
    let in_folders = folders.flat_map(|folder| load_certs_from_paths(None, Some(&folder)).certs);
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(in_file.into_iter().chain(in_folders));
    if roots.is_empty() { Err(NoTls::NoRoots { variable: name, value: value.clone() }) } else { Ok(Some(roots)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A certificate of nobody's, made for this test: `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256`.
    const PEM: &str = include_str!("roots/sample.pem");

    fn named(name: &str, value: &Path) -> Result<Option<usize>, NoTls> {
        let value = value.to_str().unwrap();
        Ok(named_by(|asked| (asked == name).then(|| value.to_owned()))?.map(|roots| roots.len()))
    }

    #[test]
    fn nobody_has_to_name_any() {
        assert!(named_by(|_| None).unwrap().is_none());
        assert!(named_by(|_| Some(String::new())).unwrap().is_none());
        assert!(mozillas().len() > 100);
    }

    #[test]
    fn a_file_and_a_folder_of_certificates_are_taken_and_nothing_beside_them() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("root.pem");
        std::fs::write(&file, PEM).unwrap();
        assert_eq!(named("SSL_CERT_FILE", &file), Ok(Some(1)));
        assert_eq!(named("SSL_CERT_DIR", folder.path()), Ok(Some(1)));
    }

    #[test]
    fn a_variable_that_leads_nowhere_is_named() {
        let error = named("SSL_CERT_FILE", Path::new("/nowhere/roots.pem")).unwrap_err().to_string();
        assert!(error.starts_with("SSL_CERT_FILE is \"/nowhere/roots.pem\"; it should hold"), "{error}");
    }
}
