//! Where a redirect leads to, for tests of clients that must not follow it.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A listener that no client should contact. It closes each connection, so that a client that follows a redirect fails at
/// once.
#[derive(Debug)]
pub struct RedirectTarget {
    /// The address to redirect to, on the loopback interface.
    pub address: SocketAddr,
    contacted: Arc<AtomicBool>,
}

impl RedirectTarget {
    /// Listens on a free port until the process ends.
    pub fn start() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let (address, contacted) = (listener.local_addr()?, Arc::new(AtomicBool::new(false)));
        let flag = Arc::clone(&contacted);
        std::thread::spawn(move || {
            while listener.accept().is_ok() {
                flag.store(true, Ordering::SeqCst);
            }
        });
        Ok(Self { address, contacted })
    }

    /// Whether a client has connected.
    pub fn was_contacted(&self) -> bool {
        self.contacted.load(Ordering::SeqCst)
    }
}
