//! A relay before a server that notes when somebody waits for it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// Times at which somebody waited for one of the servers behind it, from the request's last byte to the answer's last.
#[derive(Clone, Debug, Default)]
pub struct Meter(Arc<Mutex<Vec<Waited>>>);

#[derive(Clone, Copy, Debug)]
struct Waited {
    from: Instant,
    to: Instant,
}

impl Meter {
    /// Stands before the server at this origin; gives the origin to go to instead. It lives as long as the runtime.
    pub async fn before(&self, origin: &str) -> String {
        let server: SocketAddr = origin.trim_start_matches("http://").trim_end_matches('/').parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let meter = self.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let meter = meter.clone();
                tokio::spawn(async move { meter.relay(stream, server).await });
            }
        });
        format!("http://{address}")
    }

    async fn relay(self, client: TcpStream, server: SocketAddr) {
        let server = TcpStream::connect(server).await.unwrap();
        client.set_nodelay(true).unwrap();
        server.set_nodelay(true).unwrap();
        let (from_client, to_client) = client.into_split();
        let (from_server, to_server) = server.into_split();
        // One request at a time on each connection, as HTTP/1.1 has it: what comes after an answer is a new wait.
        let asked = Arc::new(Mutex::new(Instant::now()));
        let asking = copy(from_client, to_server, {
            let asked = Arc::clone(&asked);
            move |now| *asked.lock().unwrap() = now
        });
        let answering = copy(from_server, to_client, move |now| {
            let from = *asked.lock().unwrap();
            self.0.lock().unwrap().push(Waited { from, to: now });
        });
        tokio::join!(asking, answering);
    }

    /// How long, within this time, somebody waited for at least one of the servers. What was noted is forgotten.
    pub fn waited(&self, from: Instant, to: Instant) -> Duration {
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

/// Hands on what comes, and says when.
async fn copy(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, passed: impl Fn(Instant)) {
    let mut bytes = vec![0; 64 * 1024];
    while let Ok(length) = from.read(&mut bytes).await {
        passed(Instant::now());
        if length == 0 || to.write_all(&bytes[..length]).await.is_err() {
            break;
        }
    }
    to.shutdown().await.ok();
}
