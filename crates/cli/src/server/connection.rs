//! One HTTP connection, with a time limit for everything that the client has to do.

use std::convert::Infallible;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::Request;
use futures_util::{StreamExt, stream};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, timeout_at};
use tower::ServiceExt;

use super::connections::Seat;
use super::shutdown::Shutdown;

/// The longest time for the header of a request, and between two requests.
const HEADER_TIMEOUT: Duration = Duration::from_secs(15);

/// The longest time for the body of a request, from the end of its header. Meta's requests are a few hundred bytes.
const BODY_TIMEOUT: Duration = Duration::from_secs(15);

/// The longest header. The cookies of a login take up to 4 kB each.
const MAX_HEADER: usize = 64 * 1024;

/// Serves the requests of a connection until it or its client is done.
pub(super) async fn serve<S>(stream: S, router: Router, seat: Arc<Seat>, shutdown: &Shutdown)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let handled = Arc::clone(&seat);
    let service = service_fn(move |request: Request<Incoming>| {
        let (router, seat) = (router.clone(), Arc::clone(&handled));
        async move {
            let request = request.map(|body| receive(body, Arc::clone(&seat)));
            let response = router.oneshot(request).await;
            seat.wait();
            Ok::<_, Infallible>(response.unwrap_or_else(|never| match never {}))
        }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT).max_buf_size(MAX_HEADER);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        // Errors are not logged: clients that close a connection or send something else than HTTP are common.
        _ = connection.as_mut() => return,
        () = shutdown.requested() => {}
    }
    // Requests that have arrived are answered.
    if !seat.is_waiting() {
        connection.as_mut().graceful_shutdown();
        connection.await.ok();
    }
}

/// The body with its time limit. Its end is the end of the client's part.
fn receive(body: Incoming, seat: Arc<Seat>) -> Body {
    if body.is_end_stream() {
        seat.handle();
        return Body::empty();
    }
    let deadline = Instant::now() + BODY_TIMEOUT;
    let chunks = Body::new(body).into_data_stream();
    Body::from_stream(stream::try_unfold((chunks, seat), move |(mut chunks, seat)| async move {
        match timeout_at(deadline, chunks.next()).await {
            Ok(Some(chunk)) => Ok(Some((chunk?, (chunks, seat)))),
            Ok(None) => {
                seat.handle();
                Ok(None)
            }
            Err(_) => Err(axum::Error::new(io::Error::from(io::ErrorKind::TimedOut))),
        }
    }))
}

#[cfg(test)]
mod tests {
    use axum::routing::{get, post};
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
    use tokio::sync::watch;
    use tokio::task::JoinHandle;

    use super::super::connections::Connections;
    use super::*;

    const SLOW: Duration = Duration::from_secs(20);

    /// A connection to a small service, and how to shut it down.
    async fn connect() -> (DuplexStream, JoinHandle<()>, watch::Sender<bool>) {
        let router = Router::new()
            .route("/", get(async || "hello"))
            .route("/slow", get(async || tokio::time::sleep(SLOW).await))
            .route("/echo", post(async |body: String| body));
        let (client, server) = tokio::io::duplex(1024);
        let (request, shutdown) = Shutdown::by_hand();
        let seat = Connections::new(1).admit().await.unwrap();
        let serving = tokio::spawn(async move { serve(server, router, seat, &shutdown).await });
        (client, serving, request)
    }

    /// Sends a byte a second until the connection is closed. Returns the answer and how many seconds it took.
    async fn drip(mut client: DuplexStream, byte: &[u8]) -> (String, u64) {
        let start = Instant::now();
        let (mut reader, mut writer) = tokio::io::split(&mut client);
        let mut answer = Vec::new();
        let dripping = async {
            while writer.write_all(byte).await.is_ok() {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            std::future::pending::<()>().await;
        };
        tokio::select! {
            _ = reader.read_to_end(&mut answer) => {}
            () = dripping => {}
        }
        (String::from_utf8(answer).unwrap(), start.elapsed().as_secs())
    }

    #[tokio::test(start_paused = true)]
    async fn a_header_that_drips_is_cut_off() {
        let (mut client, _serving, _shutdown) = connect().await;
        client.write_all(b"GET / HTTP/1.1\r\nhost: a\r\nx: ").await.unwrap();
        assert_eq!(drip(client, b"x").await, (String::new(), HEADER_TIMEOUT.as_secs()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_drips_is_refused_and_cut_off() {
        let (mut client, _serving, _shutdown) = connect().await;
        client.write_all(b"POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\n").await.unwrap();
        let (answer, seconds) = drip(client, b"x").await;
        assert!(answer.starts_with("HTTP/1.1 400 ") && seconds == BODY_TIMEOUT.as_secs(), "{seconds}: {answer}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_without_requests_is_closed_before_and_after_one() {
        let (mut client, serving, _shutdown) = connect().await;
        client.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
        let start = Instant::now();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        assert!(answer.ends_with("\r\n\r\nhello"), "{answer}");
        assert_eq!(start.elapsed().as_secs(), HEADER_TIMEOUT.as_secs());
        serving.await.unwrap();
        let (mut client, serving, _shutdown) = connect().await;
        client.read_to_string(&mut answer).await.unwrap();
        serving.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_shutdown_finishes_a_request_and_waits_for_no_client() {
        let start = Instant::now();
        for begun in ["", "GET /", "POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\nhalf"] {
            let (mut client, serving, shutdown) = connect().await;
            client.write_all(begun.as_bytes()).await.unwrap();
            tokio::task::yield_now().await;
            shutdown.send(true).unwrap();
            serving.await.unwrap();
        }
        assert_eq!(start.elapsed(), Duration::ZERO);

        let (mut client, serving, shutdown) = connect().await;
        client.write_all(b"GET /slow HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
        tokio::time::sleep(Duration::from_secs(1)).await;
        shutdown.send(true).unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        serving.await.unwrap();
        assert_eq!(start.elapsed(), SLOW);
    }
}
