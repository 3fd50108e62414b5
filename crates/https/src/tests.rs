use std::io::Write as _;
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use rcgen::{BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{
    ALL_VERSIONS, ClientConfig, ClientConnection, Error, ServerConfig, ServerConnection, SupportedProtocolVersion,
};

use crate::certificate_paths::{CERT_DIR, CERT_FILE, CertificatePaths};
use crate::{RedirectTarget, Tls, TlsError, read_request};

/// A certificate authority that only these tests know.
static AUTHORITY: LazyLock<CertifiedIssuer<'static, KeyPair>> = LazyLock::new(new_authority);

fn new_authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap()
}

/// Reads an environment in which only `variable` is set.
fn read_paths(variable: &str, path: &Path) -> Result<Option<CertificatePaths>, TlsError> {
    let value = path.to_str().unwrap();
    CertificatePaths::read(|name| (name == variable).then(|| value.to_owned()))
}

/// A certificate for a server with this name.
fn certificate_for(name: &str) -> CertificateParams {
    CertificateParams::new(vec![name.to_owned()]).unwrap()
}

/// A signed certificate and its key.
fn signed(certificate: &CertificateParams, authority: &CertifiedIssuer<'static, KeyPair>) -> (Certificate, KeyPair) {
    let key = KeyPair::generate().unwrap();
    (certificate.signed_by(&key, authority).unwrap(), key)
}

/// Runs an in-memory handshake with a server named `localhost`, whose certificate the authority has signed.
fn handshake(tls: &Tls) -> Result<(), Error> {
    handshake_with(tls, signed(&certificate_for("localhost"), &AUTHORITY), ALL_VERSIONS)
}

/// Runs an in-memory handshake with a server that should be `localhost` and has this certificate and key.
fn handshake_with(
    tls: &Tls,
    (certificate, key): (Certificate, KeyPair),
    versions: &[&'static SupportedProtocolVersion],
) -> Result<(), Error> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let key = provider.key_provider.load_private_key(key.into()).unwrap();
    let server = ServerConfig::builder_with_provider(provider).with_protocol_versions(versions).unwrap();
    // Unlike `with_single_cert`, this accepts the key of another certificate.
    let identity = SingleCertAndKey::from(CertifiedKey::new(vec![certificate.into()], key));
    let server = server.with_no_client_auth().with_cert_resolver(Arc::new(identity));
    let mut server = ServerConnection::new(Arc::new(server)).unwrap();
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
fn trusts_the_file_and_all_directories_if_both_variables_are_set() {
    let [first, last] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let file = first.path().join("other.pem");
    std::fs::write(&file, new_authority().pem()).unwrap();
    std::fs::write(last.path().join("authority.pem"), AUTHORITY.pem()).unwrap();
    let directories = std::env::join_paths([first.path(), last.path()]).unwrap().into_string().unwrap();
    let paths = CertificatePaths::read(|name| match name {
        CERT_FILE => Some(file.to_str().unwrap().to_owned()),
        CERT_DIR => Some(directories.clone()),
        _ => None,
    });
    assert_eq!(handshake(&Tls::with_roots(paths.unwrap()).unwrap()), Ok(()));
}

/// Whoever redirects a connection has a certificate too: from somebody else, for another server, or a copy of the right
/// one without its key.
#[test]
fn trusts_no_other_server_than_the_one_that_the_authority_names() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("authority.pem");
    std::fs::write(&file, AUTHORITY.pem()).unwrap();
    let tls = Tls::with_roots(read_paths(CERT_FILE, &file).unwrap()).unwrap();
    let localhost = certificate_for("localhost");
    let mut expired = localhost.clone();
    expired.not_after = date_time_ymd(2020, 1, 1);
    for &version in ALL_VERSIONS {
        assert_eq!(handshake_with(&tls, signed(&localhost, &AUTHORITY), &[version]), Ok(()), "{version:?}");
        for (what, identity) in [
            ("another authority", signed(&localhost, &new_authority())),
            ("another name", signed(&certificate_for("other.example"), &AUTHORITY)),
            ("an expired certificate", signed(&expired, &AUTHORITY)),
            ("another key", (signed(&localhost, &AUTHORITY).0, KeyPair::generate().unwrap())),
        ] {
            let refused = handshake_with(&tls, identity, &[version]);
            assert!(matches!(refused, Err(Error::InvalidCertificate(_))), "{what}, {version:?}: {refused:?}");
        }
    }
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
