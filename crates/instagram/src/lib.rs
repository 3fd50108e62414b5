#![doc = include_str!("../README.md")]

mod endpoints;
mod error_responses;
mod http_client;
mod instagram_login;
mod numeric_id;
mod responses;
pub mod signed_request;
mod transport;

pub use endpoints::Endpoints;
pub use instagram_login::InstagramLogin;
pub use transport::{HttpResponse, Transport};
