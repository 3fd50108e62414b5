//! A fake Lambda Runtime API for one function, one invocation at a time (AWS, "Using the Lambda runtime API for custom
//! runtimes").
//!
//! It uses blocking sockets and threads, so that no async scheduler adds to the measured times.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use serde_json::Value;

/// A Runtime API that serves one process.
#[derive(Debug)]
pub struct RuntimeApi {
    address: SocketAddr,
    polls: Receiver<Instant>,
    events: Sender<String>,
    responses: Receiver<Response>,
    stopped: Arc<AtomicBool>,
    time_limit: Duration,
}

/// A completed invocation.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// The function's response.
    pub response: Value,
    /// Time from sending the event to receiving the response.
    pub duration: Duration,
    /// When the event was sent.
    pub from: Instant,
    /// When the response was received.
    pub to: Instant,
}

#[derive(Debug)]
struct Response {
    path: String,
    body: String,
    from: Instant,
    to: Instant,
}

/// One of the function's connections.
struct Connection {
    polls: Sender<Instant>,
    events: Arc<Mutex<Receiver<String>>>,
    responses: Sender<Response>,
    sent_at: Arc<Mutex<Instant>>,
    time_limit: Duration,
}

impl RuntimeApi {
    /// Listens on a free port. `time_limit` is the timeout of each invocation.
    pub fn start(time_limit: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (poll_sender, polls) = channel();
        let (events, event_receiver) = channel();
        let (response_sender, responses) = channel();
        let stopped = Arc::new(AtomicBool::new(false));
        let is_stopped = Arc::clone(&stopped);
        let (event_receiver, sent_at) = (Arc::new(Mutex::new(event_receiver)), Arc::new(Mutex::new(Instant::now())));
        thread::spawn(move || {
            for stream in listener.incoming() {
                if is_stopped.load(Ordering::SeqCst) {
                    return;
                }
                let connection = Connection {
                    polls: poll_sender.clone(),
                    events: Arc::clone(&event_receiver),
                    responses: response_sender.clone(),
                    sent_at: Arc::clone(&sent_at),
                    time_limit,
                };
                thread::spawn(move || connection.serve(&stream.unwrap()));
            }
        });
        Self { address, polls, events, responses, stopped, time_limit }
    }

    /// The value for `AWS_LAMBDA_RUNTIME_API`.
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// Waits for the function's next poll and returns its time, or `None` after `timeout`.
    pub fn wait_for_poll(&self, timeout: Duration) -> Option<Instant> {
        self.polls.recv_timeout(timeout).ok()
    }

    /// Sends an event and waits for the response.
    pub fn invoke(&self, event: &Value) -> Invocation {
        self.events.send(event.to_string()).unwrap();
        let grace = Duration::from_secs(5);
        let Response { path, body, from, to } =
            self.responses.recv_timeout(self.time_limit + grace).expect("the function did not respond in time");
        assert!(path.ends_with("/response"), "the function failed: {body}");
        let response = serde_json::from_str(&body).unwrap_or_else(|_| panic!("the response is not JSON: {body}"));
        Invocation { response, duration: to - from, from, to }
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        TcpStream::connect(self.address).ok();
    }
}

impl Connection {
    /// Serves requests until the function closes the connection or the API stops.
    fn serve(&self, stream: &TcpStream) -> Option<()> {
        stream.set_nodelay(true).ok()?;
        let mut reader = BufReader::new(stream);
        loop {
            let (head, body) = read_request(&mut reader)?;
            let now = Instant::now();
            if head.starts_with("GET ") {
                self.polls.send(now).ok()?;
                let event = self.events.lock().ok()?.recv().ok()?;
                let deadline = SystemTime::now() + self.time_limit;
                let deadline = deadline.duration_since(SystemTime::UNIX_EPOCH).ok()?.as_millis();
                let response = format!(
                    "HTTP/1.1 200 OK\r\nlambda-runtime-aws-request-id: 8476a536-e9f4-11e8-9739-2dfe598c3fcd\r\n\
                     lambda-runtime-deadline-ms: {deadline}\r\nlambda-runtime-trace-id: Root=1-5bef4de7\r\n\
                     lambda-runtime-invoked-function-arn: arn:aws:lambda:us-east-1:123456789012:function:bench\r\n\
                     content-type: application/json\r\ncontent-length: {}\r\n\r\n{event}",
                    event.len()
                );
                *self.sent_at.lock().ok()? = Instant::now();
                (&*stream).write_all(response.as_bytes()).ok()?;
            } else {
                let path = head.split(' ').nth(1)?.to_owned();
                (&*stream).write_all(b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n").ok()?;
                let from = *self.sent_at.lock().ok()?;
                self.responses.send(Response { path, body, from, to: now }).ok()?;
            }
        }
    }
}

/// Reads a request's first line and body, with a length or chunked. `None` at the end of the connection.
fn read_request(reader: &mut impl BufRead) -> Option<(String, String)> {
    let first = read_line(reader)?;
    let (mut length, mut chunked) = (0, false);
    loop {
        let header = read_line(reader)?.to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        chunked |= header.starts_with("transfer-encoding:") && header.ends_with("chunked");
    }
    let mut body = Vec::new();
    if chunked {
        loop {
            let size = usize::from_str_radix(read_line(reader)?.trim(), 16).ok()?;
            reader.take(u64::try_from(size).ok()?).read_to_end(&mut body).ok()?;
            read_line(reader)?;
            if size == 0 {
                break;
            }
        }
    } else {
        reader.take(length).read_to_end(&mut body).ok()?;
    }
    Some((first, String::from_utf8(body).ok()?))
}

fn read_line(reader: &mut impl BufRead) -> Option<String> {
    let mut line = String::new();
    let length = reader.read_line(&mut line).ok()?;
    (length > 0).then(|| line.trim_end().to_owned())
}
