//! Makes the HTTP APIs of a MiniStack available at the URLs that they have in AWS.
//!
//! An API's URL is `https://ID.execute-api.REGION.amazonaws.com`. MiniStack serves it without TLS and under another name. This
//! proxy has a certificate for that name. Clients reach it as their HTTPS proxy, so they use the same URLs as in AWS, and no
//! request leaves the machine: it refuses all other hosts.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::{CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use axum::http::{HeaderMap, Method, Uri};
use axum::response::{IntoResponse, Response};
use axum::serve::Listener;
use rcgen::CertifiedKey;
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, Proxy};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tempfile::NamedTempFile;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::http;
use crate::ministack::MiniStack;
use crate::moto::REGION;

/// A proxy, which is served until the test's async runtime shuts down.
#[derive(Debug)]
pub struct HttpsGateway {
    /// The address of the proxy.
    pub address: SocketAddr,
    certificate: NamedTempFile,
}

impl HttpsGateway {
    /// Starts a proxy for this MiniStack.
    pub async fn start(ministack: &MiniStack) -> Self {
        let names = vec![format!("*.execute-api.{REGION}.amazonaws.com")];
        let CertifiedKey { cert, signing_key } = rcgen::generate_simple_self_signed(names).unwrap();
        let certificate = NamedTempFile::new().unwrap();
        std::fs::write(&certificate, cert.pem()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
        let config = config.with_no_client_auth().with_single_cert(vec![cert.into()], key).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let listener = ConnectListener::new(listener, TlsAcceptor::from(Arc::new(config)));
        let target = Target { client: http::client(), origin: ministack.endpoint().to_owned() };
        let service = Router::new().fallback(forward).with_state(target);
        tokio::spawn(async move { axum::serve(listener, service).await });
        Self { address, certificate }
    }

    /// Returns a client that reaches the APIs and follows no redirects.
    pub fn client(&self) -> Client {
        let certificate = Certificate::from_pem(&std::fs::read(&self.certificate).unwrap()).unwrap();
        let proxy = Proxy::https(self.url()).unwrap();
        Client::builder().redirect(Policy::none()).tls_certs_only([certificate]).proxy(proxy).build().unwrap()
    }

    /// Returns the environment variables of a program that reaches the APIs.
    pub fn variables(&self) -> Vec<(String, String)> {
        let certificate = self.certificate.path().to_str().unwrap().to_owned();
        vec![("HTTPS_PROXY".to_owned(), self.url()), ("SSL_CERT_FILE".to_owned(), certificate)]
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

/// Accepts the connections of clients that use this server as their HTTPS proxy.
struct ConnectListener {
    address: SocketAddr,
    connections: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
}

impl ConnectListener {
    fn new(listener: TcpListener, acceptor: TlsAcceptor) -> Self {
        let (sender, connections) = mpsc::channel(16);
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((stream, peer)) = listener.accept().await {
                let (sender, acceptor) = (sender.clone(), acceptor.clone());
                tokio::spawn(async move {
                    // A client may go away at any time.
                    if let Ok(stream) = connect(stream, &acceptor).await {
                        sender.send((stream, peer)).await.ok();
                    }
                });
            }
        });
        Self { address, connections }
    }
}

/// Answers the request `CONNECT HOST:443`, and completes the TLS handshake.
async fn connect(stream: TcpStream, acceptor: &TlsAcceptor) -> io::Result<TlsStream<TcpStream>> {
    // The client sends nothing after the head of its request until it gets the response, so the buffer loses nothing.
    let mut stream = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    let host = head.strip_prefix("CONNECT ").and_then(|head| head.split(' ').next()).unwrap_or_default();
    let mut stream = stream.into_inner();
    if !host.ends_with(&format!(".execute-api.{REGION}.amazonaws.com:443")) {
        stream.write_all(b"HTTP/1.1 403 Forbidden\r\n\r\n").await?;
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
    acceptor.accept(stream).await
}

impl Listener for ConnectListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        self.connections.recv().await.expect("the accepting task runs as long as this listener exists")
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

#[derive(Clone)]
struct Target {
    client: Client,
    origin: String,
}

async fn forward(
    State(target): State<Target>,
    method: Method,
    uri: Uri,
    mut headers: HeaderMap,
    body: Bytes,
) -> Response {
    let api = headers.remove(HOST).unwrap();
    let api = api.to_str().unwrap().split('.').next().unwrap();
    let port = target.origin.rsplit(':').next().unwrap();
    let request = target.client.request(method, format!("{}{uri}", target.origin)).headers(headers);
    let request = request.header(HOST, format!("{api}.execute-api.localhost:{port}")).body(body);
    let response = request.send().await.unwrap();
    let (status, mut headers) = (response.status(), response.headers().clone());
    headers.remove(CONTENT_LENGTH);
    headers.remove(TRANSFER_ENCODING);
    (status, headers, response.bytes().await.unwrap()).into_response()
}
