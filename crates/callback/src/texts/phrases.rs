//! The text of all other pages, and the labels of the error page.

use time::Date;

#[derive(Debug)]
pub(crate) struct Phrases {
    /// The value of the HTML attribute `lang`.
    pub(crate) lang: &'static str,
    /// Stands for the operator's name where none is set.
    pub(crate) service: &'static str,
    /// A date, with the placeholders `{day}`, `{month}` and `{year}`.
    pub(crate) date: &'static str,
    pub(crate) months: [&'static str; 12],
    pub(crate) contact: &'static str,
    pub(crate) privacy: &'static str,
    pub(crate) home_title: &'static str,
    pub(crate) home_description: &'static str,
    pub(crate) home_connect: &'static str,
    pub(crate) home_requirement: &'static str,
    pub(crate) home_invite_only: &'static str,
    pub(crate) invite_title: &'static str,
    /// With the placeholder `{brand}`.
    pub(crate) invite_from_brand: &'static str,
    pub(crate) invite_from_person: &'static str,
    pub(crate) invite_purpose: &'static str,
    pub(crate) invite_purpose_facebook: &'static str,
    pub(crate) invite_note: &'static str,
    pub(crate) invite_permissions: &'static str,
    /// With a link to the page on Instagram where access ends.
    pub(crate) invite_end: &'static str,
    /// The same on Facebook.
    pub(crate) invite_end_facebook: &'static str,
    pub(crate) invite_password: &'static str,
    pub(crate) invite_password_facebook: &'static str,
    pub(crate) invite_password_either: &'static str,
    pub(crate) invite_continue: &'static str,
    pub(crate) invite_continue_facebook: &'static str,
    pub(crate) login_instagram: &'static str,
    pub(crate) login_instagram_hint: &'static str,
    pub(crate) login_facebook: &'static str,
    pub(crate) login_facebook_hint: &'static str,
    pub(crate) choose_title: &'static str,
    pub(crate) choose_one: &'static str,
    pub(crate) choose_many: &'static str,
    pub(crate) choose_accounts: &'static str,
    pub(crate) choose_page: &'static str,
    pub(crate) choose_connect: &'static str,
    /// The permissions that Instagram knows, by their scope.
    pub(crate) permissions: [(&'static str, &'static str); 13],
    /// A permission that is not listed, with the placeholder `{scope}`.
    pub(crate) other_permission: &'static str,
    pub(crate) connected_title: &'static str,
    /// With the placeholder `{username}`.
    pub(crate) connected_heading: &'static str,
    pub(crate) connected_next: &'static str,
    /// After a login through Facebook, which must be repeated.
    pub(crate) connected_next_facebook: &'static str,
    pub(crate) connected_others: &'static str,
    pub(crate) connected_until: &'static str,
    pub(crate) connected_close: &'static str,
    pub(crate) connected_name: &'static str,
    pub(crate) connected_location: &'static str,
    pub(crate) connected_command: &'static str,
    pub(crate) reveal_heading: &'static str,
    pub(crate) reveal_offer: &'static str,
    pub(crate) reveal_show: &'static str,
    pub(crate) reveal_title: &'static str,
    pub(crate) reveal_copy: &'static str,
    pub(crate) reveal_warning: &'static str,
    pub(crate) reveal_close: &'static str,
    pub(crate) deletion_title: &'static str,
    pub(crate) deletion_account: &'static str,
    pub(crate) deletion_nothing: &'static str,
    pub(crate) deletion_date: &'static str,
    pub(crate) deletion_next: &'static str,
    pub(crate) operator_heading: &'static str,
    pub(crate) error_restart: &'static str,
    pub(crate) error_contact: &'static str,
    pub(crate) error_reference: &'static str,
    pub(crate) error_log: &'static str,
}

impl Phrases {
    /// A permission in plain words.
    pub(crate) fn permission(&self, scope: &str) -> String {
        let known = self.permissions.iter().find(|(known, _)| *known == scope);
        known.map_or_else(|| self.other_permission.replace("{scope}", scope), |(_, words)| (*words).to_owned())
    }

    /// A date as people write it in this language.
    pub(crate) fn date(&self, date: Date) -> String {
        let month = usize::from(u8::from(date.month())).checked_sub(1).and_then(|month| self.months.get(month));
        let text = self.date.replace("{day}", &date.day().to_string());
        text.replace("{month}", month.unwrap_or(&"")).replace("{year}", &date.year().to_string())
    }
}
