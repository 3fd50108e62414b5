#![doc = include_str!("../README.md")]

mod access;
mod account;
mod answer;
mod authorize;
mod authorize_page;
mod clock;
mod code_exchange;
mod code_refusal;
mod control;
mod control_accounts;
mod control_reply;
mod control_tokens;
mod counters;
mod fault_answer;
mod faults;
mod grants;
mod graph_refusal;
mod long_lived_exchange;
mod params;
mod profile;
mod sandbox;
mod serve;
mod settings;
mod signed_request;
mod state;
mod token_refresh;
mod visit;

pub use account::{Account, AccountType, InstagramId, Role};
pub use sandbox::Sandbox;
pub use serve::serve;
pub use settings::{Envelope, IdForm, ListForm, OlderToken, RefreshedToken, Settings, Shapes, Subcode};
