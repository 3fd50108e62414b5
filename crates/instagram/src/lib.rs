#![doc = include_str!("../README.md")]

mod endpoints;
mod error_responses;
mod facebook_debugger;
mod http_client;
mod instagram_login;
mod numeric_id;
mod responses;
pub mod signed_request;
mod transport;

pub use endpoints::Endpoints;
pub use facebook_debugger::{FacebookDebugger, FacebookEndpoint, FacebookToken, MetaApp};
pub use instagram_login::InstagramLogin;
pub use transport::{HttpResponse, Transport};
