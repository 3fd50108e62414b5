//! Where people come in: an address, a port, and TLS if it is wanted.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use anyhow::Result;
use axum::Router;
use clap::Args;
use evertoken_core::variables::Variables;
use rustls::ServerConfig;
use tokio::net::TcpListener;
use url::Url;

use super::certificate::Certificate;
use super::listen;
use super::shutdown::Shutdown;
use super::tls_listener::TlsListener;

/// How it is asked for.
#[derive(Debug, Args)]
pub(crate) struct ListenOptions {
    /// The port of the pages; 0 takes a free one.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// The address to listen on. Beyond this machine, set `EVERTOKEN_PUBLIC_URL` and mind who can reach the port.
    #[arg(long, value_name = "IP", default_value = "127.0.0.1")]
    address: IpAddr,
    /// Speak TLS, with a certificate of this service's own making unless files are named: browsers warn of it once.
    #[arg(long)]
    tls: bool,
    /// Speak TLS with this certificate: a PEM file with its chain.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The certificate's private key: a PEM file.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
}

/// It is taken.
#[derive(Debug)]
pub(crate) struct Server {
    listener: TcpListener,
    tls: Option<ServerConfig>,
}

impl ListenOptions {
    fn speaks_tls(&self) -> bool {
        self.tls || self.tls_cert.is_some()
    }

    /// Listens; nobody is served yet. The port may be part of the address that people are given.
    pub(super) async fn listen(&self) -> Result<TcpListener> {
        listen::bind(self.address, self.port).await
    }

    /// Where people reach the pages: the variable, else this machine's loopback, if that is where we listen.
    pub(super) fn public_url(&self, variables: &Variables, listener: &TcpListener) -> Result<Variables> {
        let address = listener.local_addr()?;
        if !address.ip().is_loopback() {
            return Ok(variables.clone());
        }
        // The name that Meta takes as a redirect URI, and that certificates are made for.
        let url = if self.speaks_tls() {
            format!("https://localhost:{}", address.port())
        } else {
            format!("http://{address}")
        };
        Ok(variables.clone().or("EVERTOKEN_PUBLIC_URL", &url))
    }

    /// With TLS where it is wanted; a certificate of our own is kept in `dir`.
    pub(super) fn open(&self, listener: TcpListener, public_url: &Url, dir: Option<&Path>) -> Result<Server> {
        let certificate = match (&self.tls_cert, &self.tls_key) {
            (Some(chain), Some(key)) => Some(Certificate::Files { chain: chain.clone(), key: key.clone() }),
            _ if self.tls => {
                let host = public_url.host_str().unwrap_or("localhost").to_owned();
                Some(Certificate::SelfSigned { host, dir: dir.map(Path::to_owned) })
            }
            _ => None,
        };
        let tls = certificate.map(|certificate| certificate.server_config()).transpose()?;
        Ok(Server { listener, tls })
    }
}

impl Server {
    /// Serves until the end is asked for.
    pub(super) async fn serve(self, router: Router, end: Shutdown) -> Result<()> {
        match self.tls {
            Some(tls) => listen::serve(TlsListener::new(self.listener, tls)?, router, end).await,
            None => listen::serve(self.listener, router, end).await,
        }
    }
}
