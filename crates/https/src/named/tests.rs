use std::sync::LazyLock;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{ClientConfig, ClientConnection, ServerConfig, ServerConnection};

use super::*;
use crate::Tls;

/// An authority of nobody's, for as long as the tests run.
static AUTHORITY: LazyLock<CertifiedIssuer<'static, KeyPair>> = LazyLock::new(|| {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap()
});

fn named(name: &str, path: &Path) -> Result<Option<Named>, NoTls> {
    let value = path.to_str().unwrap();
    Named::by(|asked| (asked == name).then(|| value.to_owned()))
}

/// Both ends of a handshake, in memory, with a server called `localhost` that the authority vouches for.
fn shake_hands(tls: &Tls) -> Result<(), Error> {
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
        let mut sent = Vec::new();
        client.write_tls(&mut sent).unwrap();
        server.read_tls(&mut sent.as_slice()).unwrap();
        server.process_new_packets().unwrap();
        let mut answered = Vec::new();
        server.write_tls(&mut answered).unwrap();
        client.read_tls(&mut answered.as_slice()).unwrap();
        client.process_new_packets()?;
    }
    Ok(())
}

#[test]
fn nobody_has_to_name_any() {
    assert_eq!(Named::by(|_| None), Ok(None));
    assert_eq!(Named::by(|_| Some(String::new())), Ok(None));
}

#[test]
fn a_server_is_believed_whose_authority_is_in_the_file_or_in_the_folder_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("authority.pem");
    std::fs::write(&file, AUTHORITY.pem()).unwrap();
    for (name, path) in [(FILE, file.as_path()), (FOLDERS, folder.path())] {
        let tls = Tls::by(named(name, path).unwrap()).unwrap();
        assert_eq!(shake_hands(&tls), Ok(()), "{name}");
    }
    assert!(shake_hands(&Tls::by(None).unwrap()).is_err());
}

#[test]
fn without_a_certificate_among_what_is_named_nobody_is_believed() {
    let folder = tempfile::tempdir().unwrap();
    let tls = Tls::by(named(FOLDERS, folder.path()).unwrap()).unwrap();
    let refused = shake_hands(&tls).unwrap_err().to_string();
    assert!(refused.contains("SSL_CERT_FILE and SSL_CERT_DIR name no root certificate"), "{refused}");
}

#[test]
fn a_path_that_leads_nowhere_is_named_at_once() {
    for name in [FILE, FOLDERS] {
        let error = named(name, Path::new("/nowhere/roots.pem")).unwrap_err().to_string();
        assert!(error.starts_with(&format!("{name} is \"/nowhere/roots.pem\"; it should hold")), "{error}");
    }
}
