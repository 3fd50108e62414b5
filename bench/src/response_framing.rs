//! How an HTTP response ends: by its length, or with its connection (RFC 9112, section 6.3).

/// The head of a response, as far as it was read.
#[derive(Clone, Debug, Default)]
pub struct ResponseFraming {
    head: Vec<u8>,
}

impl ResponseFraming {
    /// Reads more bytes of the response. Bytes after the head are ignored.
    pub fn read(&mut self, bytes: &[u8]) {
        if !self.is_head_complete() {
            self.head.extend_from_slice(bytes);
        }
    }

    /// Whether the response has begun, and only the end of the connection ends it.
    pub fn ends_with_connection(&self) -> bool {
        if self.head.is_empty() {
            return false;
        }
        let text = String::from_utf8_lossy(&self.head).to_ascii_lowercase();
        let head = text.split("\r\n\r\n").next().unwrap_or_default();
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).unwrap_or_default();
        let has_no_body = ["204", "304"].contains(&status);
        let is_framed = |line: &str| line.starts_with("content-length:") || is_chunked(line);
        !has_no_body && !lines.any(is_framed)
    }

    fn is_head_complete(&self) -> bool {
        self.head.windows(4).any(|window| window == b"\r\n\r\n")
    }
}

fn is_chunked(line: &str) -> bool {
    line.starts_with("transfer-encoding:") && line.trim_end().ends_with("chunked")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends_with_connection(parts: &[&str]) -> bool {
        let mut framing = ResponseFraming::default();
        for part in parts {
            framing.read(part.as_bytes());
        }
        framing.ends_with_connection()
    }

    #[test]
    fn only_a_response_without_a_length_ends_with_its_connection() {
        assert!(ends_with_connection(&["HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nhello"]));
        assert!(!ends_with_connection(&["HTTP/1.1 200 OK\r\nContent-", "Length: 5\r\n\r\nhello"]));
        assert!(!ends_with_connection(&["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"]));
        assert!(!ends_with_connection(&["HTTP/1.1 204 No Content\r\n\r\n"]));
        assert!(!ends_with_connection(&[]));
    }

    #[test]
    fn a_body_cannot_look_like_a_header() {
        assert!(ends_with_connection(&["HTTP/1.1 200 OK\r\n\r\n", "content-length: 5\r\n"]));
    }
}
