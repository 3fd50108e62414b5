//! One module per command.

pub(crate) mod completions;
pub(crate) mod debug;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod export;
pub(crate) mod feed;
pub(crate) mod import;
pub(crate) mod invite;
pub(crate) mod list;
pub(crate) mod man;
mod moves;
pub(crate) mod pack;
pub(crate) mod refresh;
pub(crate) mod reindex;
pub(crate) mod remove;
pub(crate) mod sandbox;
pub(crate) mod serve;
pub(crate) mod setup;
pub(crate) mod show;
pub(crate) mod token;
pub(crate) mod unpack;
