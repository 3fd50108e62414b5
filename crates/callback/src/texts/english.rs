//! English.

pub(super) mod errors;

use super::phrases::Phrases;

pub(super) const PHRASES: Phrases = Phrases {
    lang: "en",
    home_title: "Keep your Instagram account connected",
    home_description: "Connect your Instagram account once. This service renews the connection before it expires.",
    home_connect: "Connect an account",
    home_requirement: "You need a professional account (Business or Creator).",
    home_invite_only: "To connect an account, you need an invite link. Ask the operator of this service for one.",
    note_title: "Connect your Instagram account",
    note_from: "A message from the person who invited you:",
    note_next: "Next, Instagram asks for your permission. You can withdraw it on Instagram at any time.",
    note_continue: "Continue to Instagram",
    connected_title: "Account connected",
    connected_heading: "@{username} is connected",
    connected_next: "You are all set. The connection is renewed automatically, well before it expires.",
    connected_name: "Account name",
    connected_until: "Current access expires on",
    connected_location: "Stored in",
    connected_command: "To read the token, run:",
    deletion_title: "Data deletion complete",
    deletion_account: "All data stored about your Instagram account has been permanently deleted: the access token, the account IDs, the username and the connection date.",
    deletion_nothing: "No data about your Instagram account was stored when the request arrived.",
    deletion_date: "Request date (UTC)",
    deletion_next: "You do not need to do anything else.",
    operator_heading: "For the operator of this service",
    error_restart: "Start again",
    error_reference: "Reference (also in the log):",
};
