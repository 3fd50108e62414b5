//! Loopback ports that stay free.

use std::net::SocketAddr;

use tokio::net::TcpSocket;

/// A port that the system gives to nobody else. The socket is bound but does not listen, so connections are refused, and a
/// process that is told the port can still listen on it.
#[derive(Debug)]
pub struct ReservedPort {
    address: SocketAddr,
    _reservation: TcpSocket,
}

impl ReservedPort {
    /// Reserves a port until this value is dropped.
    #[expect(clippy::new_without_default, reason = "it takes a resource of the system")]
    pub fn new() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_reuseaddr(true).unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        Self { address: socket.local_addr().unwrap(), _reservation: socket }
    }

    /// Returns the address with the port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}
