//! What a person has granted to the app.

use time::OffsetDateTime;

use crate::facebook::id::FacebookId;

/// The result of a person's last pass through the dialog. It applies to all tokens of the person.
#[derive(Clone, Default)]
pub(crate) struct Granted {
    pub(crate) scopes: Vec<String>,
    pub(crate) declined: Vec<String>,
    pub(crate) pages: Vec<FacebookId>,
    /// The last pass through the dialog, from which data access counts.
    pub(crate) at: Option<OffsetDateTime>,
}

impl Granted {
    /// Grants these permissions, and keeps the earlier ones.
    pub(crate) fn add_scopes(&mut self, scopes: &[String]) {
        self.declined.retain(|declined| !scopes.contains(declined));
        for scope in scopes {
            if !self.scopes.contains(scope) {
                self.scopes.push(scope.clone());
            }
        }
    }

    pub(crate) fn decline(&mut self, scopes: Vec<String>) {
        self.scopes.retain(|granted| !scopes.contains(granted));
        self.declined.retain(|declined| !scopes.contains(declined));
        self.declined.extend(scopes);
    }

    pub(crate) fn add_page(&mut self, page: FacebookId) {
        if !self.pages.contains(&page) {
            self.pages.push(page);
        }
    }
}
