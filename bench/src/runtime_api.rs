//! A stand-in for the Lambda Runtime API: one function, one invocation at a time (AWS, "Using the Lambda runtime API for
//! custom runtimes").
//!
//! Blocking sockets and threads, so that nothing but the kernel stands between what is measured and the clock.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use serde_json::Value;

/// Serves one process.
#[derive(Debug)]
pub struct RuntimeApi {
    address: SocketAddr,
    polls: Receiver<Instant>,
    events: Sender<String>,
    answers: Receiver<Answered>,
    ended: Arc<AtomicBool>,
    /// How long an invocation may take.
    time_limit: Duration,
}

/// An invocation and what came of it.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// The function's answer.
    pub answer: Value,
    /// From when the event was handed out to when the answer was there.
    pub took: Duration,
    /// When the event was handed out.
    pub from: Instant,
    /// When the answer was there.
    pub to: Instant,
}

#[derive(Debug)]
struct Answered {
    path: String,
    body: String,
    from: Instant,
    to: Instant,
}

/// One connection's side of it.
struct Door {
    polls: Sender<Instant>,
    events: Arc<Mutex<Receiver<String>>>,
    answers: Sender<Answered>,
    handed_out: Arc<Mutex<Instant>>,
    time_limit: Duration,
}

impl RuntimeApi {
    /// Listens on a free port. Every invocation gets this long.
    pub fn start(time_limit: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (polled, polls) = channel();
        let (events, to_hand_out) = channel();
        let (answered, answers) = channel();
        let ended = Arc::new(AtomicBool::new(false));
        let has_ended = Arc::clone(&ended);
        let (to_hand_out, handed_out) = (Arc::new(Mutex::new(to_hand_out)), Arc::new(Mutex::new(Instant::now())));
        thread::spawn(move || {
            for stream in listener.incoming() {
                if has_ended.load(Ordering::SeqCst) {
                    return;
                }
                let door = Door {
                    polls: polled.clone(),
                    events: Arc::clone(&to_hand_out),
                    answers: answered.clone(),
                    handed_out: Arc::clone(&handed_out),
                    time_limit,
                };
                thread::spawn(move || door.serve(&stream.unwrap()));
            }
        });
        Self { address, polls, events, answers, ended, time_limit }
    }

    /// What `AWS_LAMBDA_RUNTIME_API` is to hold.
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// When the function next asked for work; none if it has not within this time.
    pub fn polled_within(&self, time: Duration) -> Option<Instant> {
        self.polls.recv_timeout(time).ok()
    }

    /// Hands out an event and waits for the answer.
    pub fn invoke(&self, event: &Value) -> Invocation {
        self.events.send(event.to_string()).unwrap();
        let grace = Duration::from_secs(5);
        let Answered { path, body, from, to } =
            self.answers.recv_timeout(self.time_limit + grace).expect("the function did not answer in time");
        assert!(path.ends_with("/response"), "the function failed: {body}");
        let answer = serde_json::from_str(&body).unwrap_or_else(|_| panic!("the function answered {body}"));
        Invocation { answer, took: to - from, from, to }
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        TcpStream::connect(self.address).ok();
    }
}

impl Door {
    /// Until the function closes the connection, or nobody has work for it any more.
    fn serve(&self, stream: &TcpStream) -> Option<()> {
        stream.set_nodelay(true).ok()?;
        let mut reader = BufReader::new(stream);
        loop {
            let (head, body) = read(&mut reader)?;
            let now = Instant::now();
            if head.starts_with("GET ") {
                self.polls.send(now).ok()?;
                let event = self.events.lock().ok()?.recv().ok()?;
                let deadline = SystemTime::now() + self.time_limit;
                let deadline = deadline.duration_since(SystemTime::UNIX_EPOCH).ok()?.as_millis();
                let answer = format!(
                    "HTTP/1.1 200 OK\r\nlambda-runtime-aws-request-id: 8476a536-e9f4-11e8-9739-2dfe598c3fcd\r\n\
                     lambda-runtime-deadline-ms: {deadline}\r\nlambda-runtime-trace-id: Root=1-5bef4de7\r\n\
                     lambda-runtime-invoked-function-arn: arn:aws:lambda:us-east-1:123456789012:function:bench\r\n\
                     content-type: application/json\r\ncontent-length: {}\r\n\r\n{event}",
                    event.len()
                );
                *self.handed_out.lock().ok()? = Instant::now();
                (&*stream).write_all(answer.as_bytes()).ok()?;
            } else {
                let path = head.split(' ').nth(1)?.to_owned();
                (&*stream).write_all(b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n").ok()?;
                let from = *self.handed_out.lock().ok()?;
                self.answers.send(Answered { path, body, from, to: now }).ok()?;
            }
        }
    }
}

/// A request's first line and its body, whole or in chunks. None at the end of the connection.
fn read(reader: &mut impl BufRead) -> Option<(String, String)> {
    let first = line(reader)?;
    let (mut length, mut in_chunks) = (0, false);
    loop {
        let header = line(reader)?.to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        in_chunks |= header.starts_with("transfer-encoding:") && header.ends_with("chunked");
    }
    let mut body = Vec::new();
    if in_chunks {
        loop {
            let size = usize::from_str_radix(line(reader)?.trim(), 16).ok()?;
            reader.take(u64::try_from(size).ok()?).read_to_end(&mut body).ok()?;
            line(reader)?;
            if size == 0 {
                break;
            }
        }
    } else {
        reader.take(length).read_to_end(&mut body).ok()?;
    }
    Some((first, String::from_utf8(body).ok()?))
}

fn line(reader: &mut impl BufRead) -> Option<String> {
    let mut line = String::new();
    let length = reader.read_line(&mut line).ok()?;
    (length > 0).then(|| line.trim_end().to_owned())
}
