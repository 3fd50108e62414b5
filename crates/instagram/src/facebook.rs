//! Instagram API with Facebook Login: the second login, through a Facebook Page (Meta, "Facebook Login for Business").

mod discovery;
mod endpoints;
mod facebook_errors;
mod facebook_login;
mod media;
mod pages;
mod signed_requests;
mod token_debugger;

pub use endpoints::FacebookEndpoints;
pub use facebook_login::{AdoptError, FacebookLogin};
pub use token_debugger::{FacebookDebugger, FacebookToken, GranularScope};
