//! The cursors of a list (Meta, "Paginated Results").

use serde::Deserialize;
use serde::de::IgnoredAny;

/// `next` is a link that contains the token. Only its presence is read: it is absent on the last page.
#[derive(Deserialize)]
pub(crate) struct Paging {
    cursors: Option<Cursors>,
    next: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Cursors {
    after: Option<String>,
}

impl Paging {
    /// The cursor of the next page, if there is one.
    pub(crate) fn after(self) -> Option<String> {
        self.next?;
        self.cursors?.after
    }
}
