use std::io::Write as _;
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{ClientConfig, ClientConnection, Error, ServerConfig, ServerConnection};

use crate::certificate_paths::{CERT_DIR, CERT_FILE, CertificatePaths};
use crate::{RedirectTarget, Tls, TlsError, read_request};

/// A certificate authority that only these tests know.
static AUTHORITY: LazyLock<CertifiedIssuer<'static, KeyPair>> = LazyLock::new(|| {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap()
});

/// Reads an environment in which only `variable` is set.
fn read_paths(variable: &str, path: &Path) -> Result<Option<CertificatePaths>, TlsError> {
    let value = path.to_str().unwrap();
    CertificatePaths::read(|name| (name == variable).then(|| value.to_owned()))
}

/// Runs an in-memory handshake with a server named `localhost`, whose certificate the authority has signed.
fn handshake(tls: &Tls) -> Result<(), Error> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let server = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate =
        CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &AUTHORITY).unwrap();
    let server = server.with_no_client_auth().with_single_cert(vec![certificate.into()], key.into());
    let mut server = ServerConnection::new(Arc::new(server.unwrap())).unwrap();
    let client: ClientConfig = tls.0.clone().unwrap();
    let mut client = ClientConnection::new(Arc::new(client), "localhost".try_into().unwrap()).unwrap();
    while client.is_handshaking() {
        let mut from_client = Vec::new();
        client.write_tls(&mut from_client).unwrap();
        server.read_tls(&mut from_client.as_slice()).unwrap();
        server.process_new_packets().unwrap();
        let mut from_server = Vec::new();
        server.write_tls(&mut from_server).unwrap();
        client.read_tls(&mut from_server.as_slice()).unwrap();
        client.process_new_packets()?;
    }
    Ok(())
}

#[test]
fn both_variables_are_optional() {
    assert_eq!(CertificatePaths::read(|_| None), Ok(None));
    assert_eq!(CertificatePaths::read(|_| Some(String::new())), Ok(None));
}

#[test]
fn trusts_authorities_in_the_file_or_the_directory_and_no_others() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("authority.pem");
    std::fs::write(&file, AUTHORITY.pem()).unwrap();
    for (variable, path) in [(CERT_FILE, file.as_path()), (CERT_DIR, directory.path())] {
        let tls = Tls::with_roots(read_paths(variable, path).unwrap()).unwrap();
        assert_eq!(handshake(&tls), Ok(()), "{variable}");
    }
    assert!(handshake(&Tls::with_roots(None).unwrap()).is_err());
}

#[test]
fn trusts_no_server_if_the_directory_has_no_certificate() {
    let directory = tempfile::tempdir().unwrap();
    let tls = Tls::with_roots(read_paths(CERT_DIR, directory.path()).unwrap()).unwrap();
    let error = handshake(&tls).unwrap_err().to_string();
    assert!(error.contains("found no root certificate in SSL_CERT_FILE or SSL_CERT_DIR"), "{error}");
}

#[test]
fn rejects_a_path_that_does_not_exist() {
    for variable in [CERT_FILE, CERT_DIR] {
        let error = read_paths(variable, Path::new("/nowhere/roots.pem")).unwrap_err().to_string();
        assert!(error.starts_with(&format!("{variable} is \"/nowhere/roots.pem\"; expected")), "{error}");
    }
}

#[tokio::test]
async fn a_client_returns_a_redirect_and_never_contacts_its_target() {
    for tls in [Tls::with_system_roots(), Tls::with_roots(None).unwrap()] {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let (url, target) = (server.local_addr().unwrap(), RedirectTarget::start().unwrap());
        let location = target.address;
        std::thread::spawn(move || {
            let mut stream = server.accept().unwrap().0;
            read_request(&mut stream).unwrap();
            let head = "HTTP/1.1 307 Temporary Redirect\r\ncontent-length: 0\r\nlocation";
            write!(stream, "{head}: http://{location}/\r\n\r\n").unwrap();
        });
        let client = tls.client().no_proxy().build().unwrap();
        let response = client.post(format!("http://{url}/")).body("IGAA").send().await;
        assert!(!target.was_contacted(), "the client followed the redirect");
        assert_eq!(response.unwrap().status(), 307);
    }
}
