//! A TCP proxy that records when a client waits for a server.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// The time spans in which a client waited for a proxied server: from a request's last byte to its response's last.
#[derive(Clone, Debug, Default)]
pub struct WaitRecorder(Arc<Mutex<Vec<Wait>>>);

#[derive(Clone, Copy, Debug)]
struct Wait {
    from: Instant,
    to: Instant,
}

impl WaitRecorder {
    /// Starts a proxy for the server at `origin`, and returns the proxy's origin. It runs as long as the runtime.
    pub async fn proxy(&self, origin: &str) -> String {
        let server: SocketAddr = origin.trim_start_matches("http://").trim_end_matches('/').parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let recorder = self.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let recorder = recorder.clone();
                tokio::spawn(async move { recorder.forward(stream, server).await });
            }
        });
        format!("http://{address}")
    }

    async fn forward(self, client: TcpStream, server: SocketAddr) {
        let server = TcpStream::connect(server).await.unwrap();
        client.set_nodelay(true).unwrap();
        server.set_nodelay(true).unwrap();
        let (from_client, to_client) = client.into_split();
        let (from_server, to_server) = server.into_split();
        // HTTP/1.1 without pipelining: a connection has one request in flight, so bytes after a response start a new wait.
        let requested = Arc::new(Mutex::new(Instant::now()));
        let requests = copy(from_client, to_server, {
            let requested = Arc::clone(&requested);
            move |now| *requested.lock().unwrap() = now
        });
        let responses = copy(from_server, to_client, move |now| {
            let from = *requested.lock().unwrap();
            self.0.lock().unwrap().push(Wait { from, to: now });
        });
        tokio::join!(requests, responses);
    }

    /// Takes the recorded waits, and returns for how long between `from` and `to` at least one server was waited for.
    pub fn take_waited(&self, from: Instant, to: Instant) -> Duration {
        let mut waits = std::mem::take(&mut *self.0.lock().unwrap());
        waits.retain(|wait| wait.from >= from && wait.from < to);
        waits.sort_by_key(|wait| wait.from);
        let (mut sum, mut counted_to) = (Duration::ZERO, from);
        for wait in waits {
            let begin = wait.from.max(counted_to);
            let end = wait.to.min(to);
            sum += end.saturating_duration_since(begin);
            counted_to = counted_to.max(end);
        }
        sum
    }
}

/// Copies bytes until the connection closes, and reports the time of each read.
async fn copy(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, on_read: impl Fn(Instant)) {
    let mut bytes = vec![0; 64 * 1024];
    while let Ok(length) = from.read(&mut bytes).await {
        on_read(Instant::now());
        if length == 0 || to.write_all(&bytes[..length]).await.is_err() {
            break;
        }
    }
    to.shutdown().await.ok();
}
