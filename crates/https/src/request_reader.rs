//! Reads requests, for servers in tests.

use std::io::{self, ErrorKind, Read};

/// Reads a whole request: the header, and a body of the length that the header names.
///
/// A server that closes a connection without having read everything resets it, and the client may lose the response (RFC
/// 1122, section 4.2.2.13). So a server in a test reads the whole request before it responds.
pub fn read_request(stream: &mut impl Read) -> io::Result<Vec<u8>> {
    let (mut request, mut buffer) = (Vec::new(), [0; 4096]);
    while !is_complete(&request) {
        match stream.read(&mut buffer)? {
            0 => return Err(ErrorKind::UnexpectedEof.into()),
            length => request.extend(buffer.iter().take(length)),
        }
    }
    Ok(request)
}

fn is_complete(request: &[u8]) -> bool {
    const END_OF_HEADER: &[u8] = b"\r\n\r\n";
    let Some(end) = request.windows(END_OF_HEADER.len()).position(|window| window == END_OF_HEADER) else {
        return false;
    };
    let (header, body) = request.split_at(end);
    let header = String::from_utf8_lossy(header).to_ascii_lowercase();
    let length = header.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
    body.len() >= END_OF_HEADER.len() + length.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns one byte per read.
    struct OneByOne(&'static [u8]);

    impl Read for OneByOne {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0.read(buffer.get_mut(..1).unwrap())
        }
    }

    #[test]
    fn reads_the_header_and_the_whole_body_and_no_more() {
        for (request, rest) in [
            (&b"GET / HTTP/1.1\r\nhost: a\r\n\r\nnext"[..], "next"),
            (b"POST / HTTP/1.1\r\nContent-Length: 4\r\nhost: a\r\n\r\nbodynext", "next"),
        ] {
            let mut stream = OneByOne(request);
            assert_eq!(read_request(&mut stream).unwrap().len() + rest.len(), request.len());
            assert_eq!(stream.0, rest.as_bytes());
        }
    }

    #[test]
    fn a_request_that_ends_early_is_an_error() {
        for request in [&b""[..], b"GET / HTTP/1.1\r\n", b"POST / HTTP/1.1\r\ncontent-length: 4\r\n\r\nbod"] {
            assert_eq!(read_request(&mut OneByOne(request)).unwrap_err().kind(), ErrorKind::UnexpectedEof);
        }
    }
}
