#![doc = include_str!("../README.md")]

mod certificate_paths;
mod error;
mod lazy_verifier;
#[cfg(any(test, feature = "test-support"))]
mod redirect_target;
#[cfg(any(test, feature = "test-support"))]
mod request_reader;
mod tls;

pub use error::TlsError;
#[cfg(any(test, feature = "test-support"))]
pub use redirect_target::RedirectTarget;
#[cfg(any(test, feature = "test-support"))]
pub use request_reader::read_request;
pub use tls::Tls;

#[cfg(test)]
mod tests;
