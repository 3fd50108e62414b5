//! Tests of the list of posts and of the download of pictures: the real clients with the sandbox.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod hostile_answers;
mod pictures;
mod posts;
mod test_media;
