//! Where the service listens.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use clap::Args;
use tokio::net::TcpListener;
use url::Url;

use super::certificate::Certificate;
use super::http_server::{self, HttpServer};
use crate::context::Context;
use crate::error::{CliError, Result};

#[derive(Debug, Args)]
pub(crate) struct ListenOptions {
    /// Port to listen on; 0 picks a free port.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Address to listen on. Set `EVERTOKEN_PUBLIC_URL` if it is not a loopback address.
    #[arg(long, value_name = "IP", default_value = "127.0.0.1")]
    address: IpAddr,
    /// Serve over HTTPS, with a self-signed certificate unless `--tls-cert` is given.
    #[arg(long)]
    tls: bool,
    /// PEM file with the certificate and its chain. Turns on HTTPS.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// PEM file with the private key of the certificate.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
}

impl ListenOptions {
    fn uses_tls(&self) -> bool {
        self.tls || self.tls_cert.is_some()
    }

    /// Binds the port without serving yet: the port may be part of the public URL.
    pub(super) fn bind(&self) -> Result<TcpListener> {
        http_server::bind(self.address, self.port)
    }

    /// Sets the public URL to a loopback URL if the variable is not set and the service listens on loopback.
    pub(super) fn with_public_url(&self, context: &Context, listener: &TcpListener) -> Result<Context> {
        let address = listener.local_addr().map_err(CliError::Serve)?;
        if !address.ip().is_loopback() {
            return Ok(context.clone());
        }
        // Meta accepts this host name in a redirect URI, and certificates are issued for it.
        let url =
            if self.uses_tls() { format!("https://localhost:{}", address.port()) } else { format!("http://{address}") };
        Ok(context.with_variables(context.variables.clone().or("EVERTOKEN_PUBLIC_URL", &url)))
    }

    /// Adds TLS to a bound port. A self-signed certificate is kept in `dir`.
    pub(super) fn server(&self, listener: TcpListener, public_url: &Url, dir: Option<&Path>) -> Result<HttpServer> {
        let certificate = match (&self.tls_cert, &self.tls_key) {
            (Some(chain), Some(key)) => Some(Certificate::Files { chain: chain.clone(), key: key.clone() }),
            _ if self.tls => {
                let host = public_url.host_str().unwrap_or("localhost").to_owned();
                Some(Certificate::SelfSigned { host, dir: dir.map(Path::to_owned) })
            }
            _ => None,
        };
        let tls = certificate.map(|certificate| certificate.server_config()).transpose()?;
        Ok(HttpServer { listener, tls })
    }
}
