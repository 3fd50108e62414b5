//! Clients that open many connections and send little or nothing on them.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use evertoken_tests::serve_process::ServeProcess;
use evertoken_tests::{http, wait};
use reqwest::Client;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use url::Url;

/// The attackers' connections.
const CONNECTIONS: usize = 1_000;

/// How many normal requests are sent meanwhile.
const REQUESTS: usize = 100;

/// Shorter than the service's time limits, so that no answer can be due to one of them.
const ANSWER: Duration = Duration::from_secs(8);

/// How an attacker begins, and what it sends every second from then on.
const ATTACKS: [(&str, &str); 5] = [
    ("GET /login HTTP/1.1\r\nhost: a\r\n", ""),
    ("GET /login HTTP/1.1\r\nhost: a\r\nx: ", "x"),
    ("POST /deauthorize HTTP/1.1\r\nhost: a\r\ncontent-length: 9000\r\n\r\nsigned_request=", "x"),
    ("GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n", ""),
    ("", ""),
];

/// An attack on TLS, which ends the connection when a client sends something else.
const SILENT: [(&str, &str); 1] = [("", "")];

/// 1,000 attackers. They connect again when they are cut off.
struct Attackers {
    connected: Arc<AtomicUsize>,
    _tasks: JoinSet<()>,
}

impl Attackers {
    async fn start(service: &ServeProcess, attacks: &'static [(&str, &str)]) -> Self {
        // The files of this process, which systems often limit to 1,024 unless it asks for more.
        let limit = getrlimit(Resource::Nofile);
        setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }).unwrap();
        let address = ("127.0.0.1", service.url.port().unwrap());
        let (connected, mut tasks) = (Arc::new(AtomicUsize::new(0)), JoinSet::new());
        for attack in attacks.iter().cycle().take(CONNECTIONS) {
            let connected = Arc::clone(&connected);
            tasks.spawn(async move {
                loop {
                    if let Ok(stream) = TcpStream::connect(address).await {
                        connected.fetch_add(1, Ordering::Relaxed);
                        linger(stream, attack).await;
                    }
                    sleep(Duration::from_secs(1)).await;
                }
            });
        }
        let attackers = Self { connected, _tasks: tasks };
        wait::until("the attackers", || (attackers.count() >= CONNECTIONS).then_some(())).await;
        attackers
    }

    fn count(&self) -> usize {
        self.connected.load(Ordering::Relaxed)
    }
}

/// Stays until the service closes the connection.
async fn linger(mut stream: TcpStream, (begin, drip): &(&str, &str)) {
    let (mut reader, mut writer) = stream.split();
    let dripping = async {
        writer.write_all(begin.as_bytes()).await.ok();
        while writer.write_all(drip.as_bytes()).await.is_ok() {
            sleep(Duration::from_secs(1)).await;
        }
    };
    let mut answers = Vec::new();
    tokio::select! {
        () = dripping => {}
        _ = reader.read_to_end(&mut answers) => {}
    }
}

/// Sends normal requests, each on its own connection, and asserts that all are answered.
async fn assert_answers(new_client: impl Fn() -> Client, service: &Url) {
    let mut slowest = Duration::ZERO;
    for number in 0..REQUESTS {
        let start = Instant::now();
        // A browser tries again when a new connection is closed before the answer.
        let answer = timeout(ANSWER, async {
            loop {
                let client = new_client();
                let request = if number % 2 == 0 {
                    client.get(service.join("/healthz").unwrap())
                } else {
                    client.post(service.join("/deauthorize").unwrap()).form(&[("signed_request", "a.b")])
                };
                if let Ok(answer) = request.send().await {
                    return answer.status().as_u16();
                }
            }
        });
        let status = answer.await.unwrap_or_else(|_| panic!("request {number} was not answered"));
        assert_eq!(status, if number % 2 == 0 { 200 } else { 400 });
        slowest = slowest.max(start.elapsed());
    }
    let mut stderr = std::io::stderr();
    writeln!(stderr, "{REQUESTS} requests, the slowest in {} ms", slowest.as_millis()).unwrap();
}

#[tokio::test]
async fn a_thousand_slow_clients_do_not_keep_others_from_being_served() {
    let arguments = ["--sandbox"];
    for service in
        [ServeProcess::start_with_open_files(256, &arguments, &[]).await, ServeProcess::start(&arguments, &[]).await]
    {
        let attackers = Attackers::start(&service, &ATTACKS).await;
        assert_answers(http::client, &service.url).await;
        // Slow clients do not delay a shutdown.
        let process = service.shut_down().await;
        assert!(!process.stderr().contains("cannot accept"), "{}", process.stderr());
        drop(attackers);
    }
}

#[tokio::test]
async fn a_thousand_unfinished_handshakes_do_not_keep_others_from_being_served() {
    let dir = TempDir::new().unwrap();
    let arguments = ["--sandbox", "--tls", "--local", dir.path().to_str().unwrap()];
    let service = ServeProcess::start_with_open_files(256, &arguments, &[]).await;
    let pem = std::fs::read(dir.path().join("tls/localhost.pem")).unwrap();
    let certificate = reqwest::Certificate::from_pem(&pem).unwrap();
    let trusting = || Client::builder().tls_certs_only([certificate.clone()]).no_proxy().build().unwrap();
    let attackers = Attackers::start(&service, &SILENT).await;
    assert_answers(trusting, &service.url).await;
    service.shut_down().await;
    drop(attackers);
}
