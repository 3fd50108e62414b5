//! A free port for a server that cannot pick one itself.

use std::net::SocketAddr;

use tokio::net::TcpSocket;

/// A port that the system gives to nobody else. The socket is bound but does not listen, so another process still can.
#[derive(Debug)]
pub(crate) struct ReservedPort {
    /// The loopback address with the port.
    pub(crate) address: SocketAddr,
    _reservation: TcpSocket,
}

impl ReservedPort {
    /// Reserves a free port.
    pub(crate) fn new() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_reuseaddr(true).unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        Self { address: socket.local_addr().unwrap(), _reservation: socket }
    }
}
