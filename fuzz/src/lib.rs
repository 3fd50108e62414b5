//! The login service with deterministic adapters, and genuine signed texts, for the fuzz target of the routes.

pub mod input;
pub mod provider;
pub mod service;
pub mod signed_texts;
