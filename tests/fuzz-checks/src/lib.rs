//! What each fuzz target checks about an input from a stranger.
//!
//! A check panics if the code breaks its promise. It returns whether the code accepted the input, so that a test can show
//! that the corpus contains inputs of both kinds.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    clippy::indexing_slicing,
    reason = "a failed check is a panic"
)]

pub mod account_files;
mod altered;
mod checked_answers;
pub mod choices;
pub mod cookies;
pub mod documents;
pub mod facebook_responses;
pub mod feed_pictures;
pub mod feed_requests;
mod fixed_response;
mod input;
pub mod instagram_responses;
pub mod invites;
mod planted_token;
mod provider;
pub mod routes;
mod service;
pub mod signed_claims;
pub mod signed_request;
mod signed_texts;

/// A fuzz target: its name, which is also the name of its folder in `seeds` and `corpus`, and its check.
pub type Target = (&'static str, fn(&[u8]) -> bool);

/// All fuzz targets.
pub const TARGETS: [Target; 12] = [
    ("account_files", account_files::check),
    ("choices", choices::check),
    ("cookies", cookies::check),
    ("documents", documents::check),
    ("facebook_responses", facebook_responses::check),
    ("feed_pictures", feed_pictures::check),
    ("feed_requests", feed_requests::check),
    ("instagram_responses", instagram_responses::check),
    ("invites", invites::check),
    ("routes", routes::check),
    ("signed_claims", signed_claims::check),
    ("signed_request", signed_request::check),
];
