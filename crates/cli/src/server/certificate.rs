//! The certificate that `serve` shows: one from files, or one of its own making.

use std::fs::{self, DirBuilder};
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use evertoken_core::clock::Clock;
use evertoken_core::clock::SystemClock;
use rcgen::{CertificateParams, DnType, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use time::Duration;

use crate::error::CliError;

/// How long a certificate of our own holds. Nobody else vouches for it, so an early end would protect nobody and only
/// make browsers ask again.
const LIFETIME: Duration = Duration::days(3650);

/// Where the certificate comes from.
#[derive(Clone, Debug)]
pub(crate) enum Certificate {
    /// Two PEM files: the certificate with its chain, and its key.
    Files { chain: PathBuf, key: PathBuf },
    /// Made here, for this host and this machine's own names; kept in the folder if there is one.
    SelfSigned { host: String, dir: Option<PathBuf> },
}

impl Certificate {
    /// What TLS is spoken with: rustls on aws-lc-rs, HTTP/1.1 inside.
    pub(crate) fn server_config(&self) -> Result<ServerConfig> {
        let (chain, key) = match self {
            Self::Files { chain, key } => (read(chain, "--tls-cert")?, read(key, "--tls-key")?),
            Self::SelfSigned { host, dir } => {
                let pem = match dir {
                    Some(dir) => kept(dir, host)?,
                    None => make(host)?,
                };
                (pem.clone(), pem)
            }
        };
        let certificates = CertificateDer::pem_slice_iter(&chain).collect::<Result<Vec<_>, _>>().unwrap_or_default();
        // The parser's own error may quote what it read.
        let key = PrivateKeyDer::from_pem_slice(&key).ok();
        let unusable = |what: &str| {
            let help =
                "--tls-cert takes a PEM file with the certificate and its chain, --tls-key one with its private key";
            CliError::failed(format!("TLS cannot be spoken: {what}"), help)
        };
        if certificates.is_empty() {
            return Err(unusable("there is no certificate in the file").into());
        }
        let key = key.ok_or_else(|| unusable("there is no private key in the file"))?;
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .context("TLS cannot be spoken")?
            .with_no_client_auth()
            .with_single_cert(certificates, key);
        let mut config =
            config.map_err(|_| unusable("certificate and key do not belong together, or are of no use"))?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }
}

fn read(path: &Path, option: &str) -> Result<Vec<u8>> {
    fs::read(path).map_err(|error| {
        let what = format!("{} cannot be read ({})", path.display(), error.kind());
        CliError::failed(what, format!("{option} names a PEM file that this user can read")).into()
    })
}

/// The one that `dir/tls` holds for this host; made where it does not. Deleting the file is how one gets a new one.
fn kept(dir: &Path, host: &str) -> Result<Vec<u8>> {
    let tls = dir.join("tls");
    // A host has no slash in it; the colons of an IPv6 address are no matter.
    let path = tls.join(format!("{host}.pem"));
    let context = || format!("the certificate {} cannot be kept", path.display());
    if let Ok(pem) = fs::read(&path) {
        return Ok(pem);
    }
    DirBuilder::new().recursive(true).mode(0o700).create(&tls).with_context(context)?;
    let pem = make(host)?;
    // Made with 0600; whole or not at all.
    let mut file = tempfile::NamedTempFile::new_in(&tls).with_context(context)?;
    file.write_all(&pem).and_then(|()| file.as_file().sync_all()).with_context(context)?;
    file.persist(&path).with_context(context)?;
    Ok(pem)
}

/// Certificate and key in one text.
fn make(host: &str) -> Result<Vec<u8>> {
    let mut names = vec!["localhost".to_owned(), Ipv4Addr::LOCALHOST.to_string(), Ipv6Addr::LOCALHOST.to_string()];
    let host = host.trim_matches(['[', ']']);
    if !names.iter().any(|name| name == host) {
        names.push(host.parse::<IpAddr>().map_or_else(|_| host.to_owned(), |address| address.to_string()));
    }
    let mut params = CertificateParams::new(names).context("no certificate can be made for this host")?;
    params.distinguished_name.push(DnType::CommonName, "Evertoken, signed by itself");
    let now = SystemClock.now();
    params.not_before = now - Duration::days(1);
    params.not_after = now + LIFETIME;
    let key = KeyPair::generate().context("no key can be made")?;
    let certificate = params.self_signed(&key).context("no certificate can be made")?;
    Ok(format!("{}{}", certificate.pem(), key.serialize_pem()).into_bytes())
}
