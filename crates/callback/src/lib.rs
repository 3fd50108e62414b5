#![doc = include_str!("../README.md")]

mod announcing;
mod answer;
mod callback;
mod connected;
mod home;
mod language;
mod login;
mod login_cookie;
mod pages;
mod problem;
mod removal;
mod routes;
mod second_click;
mod service;
mod settings;
mod texts;
mod topic;
mod visit;

pub use routes::routes;
pub use service::{Environment, Ports, Service};
pub use settings::{Admission, Settings};
