#![doc = include_str!("../README.md")]

mod answers;
mod endpoints;
mod http;
mod instagram_login;
mod refusals;
pub mod signed_request;

pub use endpoints::Endpoints;
pub use http::{Answer, Transport};
pub use instagram_login::InstagramLogin;
