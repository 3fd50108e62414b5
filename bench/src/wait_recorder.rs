//! A TCP proxy that records when a client waits for a server.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

use crate::response_framing::ResponseFraming;

/// The time spans in which a client waited for a proxied server: from a request's last byte to its response's last.
///
/// A server that closes the connection later does not prolong a wait, unless only the close ends the response.
#[derive(Clone, Debug, Default)]
pub struct WaitRecorder(Arc<Mutex<Vec<Wait>>>);

#[derive(Clone, Copy, Debug)]
struct Wait {
    from: Instant,
    to: Instant,
}

/// The request in flight on a connection. HTTP/1.1 without pipelining: there is at most one.
#[derive(Debug)]
struct InFlight {
    requested: Instant,
    framing: ResponseFraming,
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
        let in_flight =
            Arc::new(Mutex::new(InFlight { requested: Instant::now(), framing: ResponseFraming::default() }));
        let requests = copy(from_client, to_server, {
            let in_flight = Arc::clone(&in_flight);
            move |now, bytes| {
                if !bytes.is_empty() {
                    *in_flight.lock().unwrap() = InFlight { requested: now, framing: ResponseFraming::default() };
                }
            }
        });
        let responses = copy(from_server, to_client, move |now, bytes| {
            let mut in_flight = in_flight.lock().unwrap();
            in_flight.framing.read(bytes);
            if !bytes.is_empty() || in_flight.framing.ends_with_connection() {
                self.0.lock().unwrap().push(Wait { from: in_flight.requested, to: now });
            }
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

/// Copies bytes until the connection closes, and reports the time and the bytes of each read. The last read has none.
async fn copy(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, on_read: impl Fn(Instant, &[u8])) {
    let mut bytes = vec![0; 64 * 1024];
    while let Ok(length) = from.read(&mut bytes).await {
        on_read(Instant::now(), &bytes[..length]);
        if length == 0 || to.write_all(&bytes[..length]).await.is_err() {
            break;
        }
    }
    to.shutdown().await.ok();
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server that sends `response` and closes the connection when told to.
    async fn server(response: &'static str, close: tokio::sync::oneshot::Receiver<()>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 1024];
            assert!(stream.read(&mut request).await.unwrap() > 0);
            stream.write_all(response.as_bytes()).await.unwrap();
            close.await.unwrap();
        });
        origin
    }

    /// The last moment that counts as waiting, and the moment before the server closes the connection.
    async fn last_wait(response: &'static str) -> (Instant, Instant) {
        let recorder = WaitRecorder::default();
        let (close, closed) = tokio::sync::oneshot::channel();
        let proxy = recorder.proxy(&server(response, closed).await).await;
        let mut client = TcpStream::connect(proxy.trim_start_matches("http://")).await.unwrap();
        client.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
        let mut received = vec![0; response.len()];
        client.read_exact(&mut received).await.unwrap();
        let complete = Instant::now();
        close.send(()).unwrap();
        assert_eq!(client.read(&mut received).await.unwrap(), 0);
        let waits = recorder.0.lock().unwrap();
        (waits.iter().map(|wait| wait.to).max().unwrap(), complete)
    }

    #[tokio::test]
    async fn closing_the_connection_after_a_complete_response_is_not_waiting() {
        for response in [
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        ] {
            let (last, complete) = last_wait(response).await;
            assert!(last <= complete, "{response}");
        }
    }

    #[tokio::test]
    async fn a_response_without_a_length_ends_with_the_connection() {
        let (last, complete) = last_wait("HTTP/1.0 200 OK\r\n\r\n{}").await;
        assert!(last >= complete);
    }
}
