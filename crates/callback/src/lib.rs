#![doc = include_str!("../README.md")]

mod accept;
mod authorization_error;
mod brand;
mod callback;
mod connected;
mod duplicate_callback;
mod error_page;
mod error_response;
mod health;
mod home;
mod language;
mod links;
mod login;
mod login_cookie;
mod pages;
mod prefetch;
mod removal;
mod request_error;
mod request_log;
mod restart;
mod return_urls;
mod reveal;
mod routes;
mod security_policy;
mod seen_logins;
mod service;
mod settings;
mod texts;

pub use brand::{Brand, BrandColor, InvalidLogo, Logo};
pub use removal::retry_removal;
pub use return_urls::{may_return_to, read_return_urls};
pub use routes::routes;
pub use service::{Environment, Ports, Service};
pub use settings::{LoginMode, Settings};
