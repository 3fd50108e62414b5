//! The TLS certificate of `serve`: from files, or self-signed.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use evertoken_core::clock::{Clock, SystemClock};
use evertoken_file_vault::safe_folder::{Exposed, SafeFolder};
use rcgen::{CertificateParams, DnType, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use time::Duration;

use crate::error::{CliError, Result};

/// The lifetime of a self-signed certificate. No authority vouches for it, so a shorter one would protect nobody and only
/// make browsers ask again.
const LIFETIME: Duration = Duration::days(3650);

#[derive(Clone, Debug)]
pub(crate) enum Certificate {
    /// Two PEM files: the certificate with its chain, and its key.
    Files { chain: PathBuf, key: PathBuf },
    /// Created for this host and for loopback; kept in the folder, if there is one.
    SelfSigned { host: String, dir: Option<PathBuf> },
}

impl Certificate {
    /// The TLS configuration: rustls on aws-lc-rs, with HTTP/1.1.
    pub(crate) fn server_config(&self) -> Result<ServerConfig> {
        let (chain, key) = match self {
            Self::Files { chain, key } => (read(chain, "--tls-cert")?, read(key, "--tls-key")?),
            Self::SelfSigned { host, dir } => {
                let pem = match dir {
                    Some(dir) => load_or_create(dir, host)?,
                    None => create(host)?,
                };
                (pem.clone(), pem)
            }
        };
        let certificates = CertificateDer::pem_slice_iter(&chain).collect::<Result<Vec<_>, _>>().unwrap_or_default();
        if certificates.is_empty() {
            return Err(CliError::Certificate("the file contains no certificate"));
        }
        // The parser's own error may quote the file.
        let key = PrivateKeyDer::from_pem_slice(&key)
            .map_err(|_| CliError::Certificate("the file contains no private key"))?;
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|_| CliError::Certificate("this build supports no TLS version"))?
            .with_no_client_auth()
            .with_single_cert(certificates, key);
        let mut config = config
            .map_err(|_| CliError::Certificate("the certificate and the private key do not match or are invalid"))?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }
}

fn read(path: &Path, option: &'static str) -> Result<Vec<u8>> {
    fs::read(path).map_err(|source| CliError::TlsFile { option, path: path.to_owned(), source })
}

/// The certificate for this host in `dir/tls`. To replace it, delete the file.
fn load_or_create(dir: &Path, host: &str) -> Result<Vec<u8>> {
    // A host name contains no slash, and a file name may contain the colons of an IPv6 address.
    let name = format!("{host}.pem");
    let path = dir.join("tls").join(&name);
    let tls = SafeFolder::of_vault(dir).and_then(|vault| vault.create_subfolder("tls"));
    let tls = tls.map_err(|source| CliError::WriteFile { path: path.clone(), source })?;
    match tls.read(&name, Exposed::Refuse) {
        Ok(Some(pem)) => return Ok(pem),
        Ok(None) => {}
        Err(source) => return Err(CliError::ReadFile { path, source }),
    }
    let pem = create(host)?;
    tls.write(&name, &pem).map_err(|source| CliError::WriteFile { path, source })?;
    Ok(pem)
}

/// A certificate and its key in one PEM text.
fn create(host: &str) -> Result<Vec<u8>> {
    let mut names = vec!["localhost".to_owned(), Ipv4Addr::LOCALHOST.to_string(), Ipv6Addr::LOCALHOST.to_string()];
    let host = host.trim_matches(['[', ']']);
    if !names.iter().any(|name| name == host) {
        names.push(host.parse::<IpAddr>().map_or_else(|_| host.to_owned(), |address| address.to_string()));
    }
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name.push(DnType::CommonName, "Evertoken, self-signed");
    let now = SystemClock.now();
    params.not_before = now - Duration::days(1);
    params.not_after = now + LIFETIME;
    let key = KeyPair::generate()?;
    let certificate = params.self_signed(&key)?;
    Ok(format!("{}{}", certificate.pem(), key.serialize_pem()).into_bytes())
}
