//! Random texts in the format of Instagram's codes, tokens and trace ids.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A code as long as Instagram's.
pub(crate) fn new_code(serial: u64) -> String {
    format!("AQ{}", random_text::<150>(serial))
}

/// A token in Instagram's format: `IGAA`, then some 180 characters.
pub(crate) fn new_token(serial: u64) -> String {
    format!("IGAA{}", random_text::<132>(serial))
}

/// A token in Facebook's format: `EAA`, then some 200 characters.
pub(crate) fn new_facebook_token(serial: u64) -> String {
    format!("EAA{}", random_text::<144>(serial))
}

/// The `fbtrace_id` of an error.
pub(crate) fn new_trace_id() -> String {
    format!("A{}", random_text::<16>(0))
}

/// The id of a sandbox.
pub(crate) fn new_sandbox_id() -> String {
    random_text::<12>(0)
}

/// `N` random bytes as text. The serial number keeps the text unique if the system provides no randomness. The tokens
/// protect nothing, so the sandbox keeps responding in that case.
fn random_text<const N: usize>(serial: u64) -> String {
    let mut bytes = [0; N];
    let _no_randomness = getrandom::fill(&mut bytes);
    for (byte, serial_byte) in bytes.iter_mut().rev().zip(serial.to_le_bytes()) {
        *byte ^= serial_byte;
    }
    URL_SAFE_NO_PAD.encode(bytes)
}
