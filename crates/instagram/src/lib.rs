#![doc = include_str!("../README.md")]

mod any_login;
mod call_usage;
mod endpoints;
mod error_responses;
mod facebook;
mod http_client;
mod instagram_login;
mod media;
mod media_responses;
mod numeric_id;
mod paging;
mod picture_download;
mod responses;
pub mod signed_request;
mod transport;

pub use any_login::{AnyLogin, LoginSettings};
pub use endpoints::Endpoints;
pub use facebook::{AdoptError, FacebookDebugger, FacebookEndpoints, FacebookLogin, FacebookToken, GranularScope};
pub use instagram_login::InstagramLogin;
pub use picture_download::PictureDownload;
pub use transport::{HttpResponse, Transport};
