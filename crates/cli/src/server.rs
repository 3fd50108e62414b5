//! `evertoken serve`: the web pages and the refresh loop in one process.

mod brand_options;
mod certificate;
mod connection;
mod connections;
mod feed_loop;
mod feed_routes;
pub(crate) mod http_server;
mod listen_options;
mod local_server;
mod refresh_loop;
mod refresh_trigger;
mod removal_files;
mod restored_tokens;
pub(crate) mod sandbox_clock;
mod sandbox_service;
pub(crate) mod serve_options;
pub(crate) mod shutdown;
pub(crate) mod with_instagram;
pub(crate) mod with_sandbox;
