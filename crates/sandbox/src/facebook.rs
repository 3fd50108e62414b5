//! Facebook's side: Facebook Login for Business, and the Graph API that it gives access to.
//!
//! Facebook's hosts share the sandbox's origin with Instagram's. Where a path exists on both, the token decides: Facebook's
//! begin with `EAA`.

pub(crate) mod account_node;
pub(crate) mod app;
pub(crate) mod authorization_code;
pub(crate) mod caller;
pub(crate) mod code_exchange;
pub(crate) mod control;
pub(crate) mod control_app;
pub(crate) mod control_cards;
pub(crate) mod control_pages;
pub(crate) mod control_persons;
pub(crate) mod control_shapes;
pub(crate) mod control_signed_request;
pub(crate) mod control_tokens;
pub(crate) mod debug_token;
pub(crate) mod dialog;
pub(crate) mod dialog_page;
pub(crate) mod dialog_request;
pub(crate) mod fields;
pub(crate) mod granted;
pub(crate) mod id;
pub(crate) mod media;
pub(crate) mod node;
pub(crate) mod page;
pub(crate) mod page_json;
pub(crate) mod page_lists;
pub(crate) mod paging;
pub(crate) mod permissions;
pub(crate) mod person;
pub(crate) mod persons;
pub(crate) mod proof;
pub(crate) mod rejection;
pub(crate) mod respond;
pub(crate) mod router;
pub(crate) mod sample_persons;
pub(crate) mod settings;
pub(crate) mod shapes;
pub(crate) mod state;
pub(crate) mod token;
pub(crate) mod token_check;
pub(crate) mod token_endpoint;
pub(crate) mod token_exchange;
pub(crate) mod token_rejection;
