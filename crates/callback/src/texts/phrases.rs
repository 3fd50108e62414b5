//! The text of all other pages, and the labels of the error page.

#[derive(Debug)]
pub(crate) struct Phrases {
    /// The value of the HTML attribute `lang`.
    pub(crate) lang: &'static str,
    pub(crate) home_title: &'static str,
    pub(crate) home_description: &'static str,
    pub(crate) home_connect: &'static str,
    pub(crate) home_requirement: &'static str,
    pub(crate) home_invite_only: &'static str,
    pub(crate) note_title: &'static str,
    pub(crate) note_from: &'static str,
    pub(crate) note_next: &'static str,
    pub(crate) note_continue: &'static str,
    pub(crate) connected_title: &'static str,
    /// With the placeholder `{username}`.
    pub(crate) connected_heading: &'static str,
    pub(crate) connected_next: &'static str,
    pub(crate) connected_name: &'static str,
    pub(crate) connected_until: &'static str,
    pub(crate) connected_location: &'static str,
    pub(crate) connected_command: &'static str,
    pub(crate) deletion_title: &'static str,
    pub(crate) deletion_account: &'static str,
    pub(crate) deletion_nothing: &'static str,
    pub(crate) deletion_date: &'static str,
    pub(crate) deletion_next: &'static str,
    pub(crate) operator_heading: &'static str,
    pub(crate) error_restart: &'static str,
    pub(crate) error_reference: &'static str,
}
