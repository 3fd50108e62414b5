//! Genuine texts with one other byte.

/// Puts `byte` at a position of `text`, which wraps around at its end.
pub(crate) fn with_byte(text: &str, position: [u8; 2], byte: u8) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    let at = usize::from(u16::from_le_bytes(position)) % bytes.len();
    bytes[at] = byte;
    bytes
}
