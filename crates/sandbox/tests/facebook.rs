//! Facebook's side.

mod accounts;
mod code_exchange;
mod control;
mod control_page;
mod data_access;
mod debug_token;
mod dialog;
mod faults;
mod person_sandbox;
mod posts;
mod proof;
mod shapes;
mod token_exchange;
mod token_rejections;
