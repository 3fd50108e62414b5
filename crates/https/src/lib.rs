#![doc = include_str!("../README.md")]

mod certificate_paths;
mod error;
mod lazy_verifier;
mod tls;

pub use error::TlsError;
pub use tls::Tls;

#[cfg(test)]
mod tests;
