#![doc = include_str!("../README.md")]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::panic,
        clippy::indexing_slicing,
        reason = "a test may stop at the first surprise"
    )
)]

mod answers;
mod endpoints;
mod http;
mod instagram_login;
mod refusals;
pub mod signed_request;

pub use endpoints::Endpoints;
pub use http::{Answer, Transport};
pub use instagram_login::InstagramLogin;
