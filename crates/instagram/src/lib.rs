#![doc = include_str!("../README.md")]

mod call_usage;
mod endpoints;
mod error_responses;
mod facebook_debugger;
mod http_client;
mod instagram_login;
mod media;
mod media_responses;
mod numeric_id;
mod picture_download;
mod responses;
pub mod signed_request;
mod transport;

pub use endpoints::Endpoints;
pub use facebook_debugger::{FacebookDebugger, FacebookEndpoint, FacebookToken, MetaApp};
pub use instagram_login::InstagramLogin;
pub use picture_download::PictureDownload;
pub use transport::{HttpResponse, Transport};
