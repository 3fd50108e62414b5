//! Turns posts into the items of a feed, with the pictures that could be copied.

use super::copy_pictures::{Copy, Gallery, picture_link};
use crate::feed::{Child, Feed, Item};
use crate::picture::Picture;
use crate::selection::Selected;

/// The items of a feed, and what they lack.
#[derive(Debug, Default)]
pub(super) struct Items {
    /// All items in their order.
    pub(super) all: Vec<Item>,
    /// Whether a picture is missing that the next run can download.
    pub(super) pending: bool,
    /// Number of posts that are missing, or lack a picture that could not be used.
    pub(super) left_out: usize,
}

impl Items {
    /// Builds the items. A picture that cannot be downloaded now is taken from the feed as it was published `before`.
    pub(super) fn new(selected: &[Selected<'_>], gallery: &Gallery, before: Option<&Feed>) -> Self {
        let mut this = Self::default();
        for selected in selected {
            let known = before.and_then(|feed| feed.items.iter().find(|item| item.id == selected.post.id));
            let item = this.item(*selected, gallery, known);
            this.all.extend(item);
        }
        this
    }

    /// A post with its pictures. `None` if it waits for its picture.
    fn item(&mut self, selected: Selected<'_>, gallery: &Gallery, before: Option<&Item>) -> Option<Item> {
        let post = selected.post;
        let mut children = Vec::new();
        for child in &post.children {
            let known = before.and_then(|item| item.children.iter().find(|known| known.id == child.id));
            let copy = picture_link(&child.kind, &child.files).map(|link| gallery.copy(link));
            let picture = self.picture(copy.as_ref(), known.and_then(|child| child.picture.as_ref()));
            children.push(Child::new(child, picture));
        }
        let copy = picture_link(&post.kind, &post.files).map(|link| gallery.copy(link));
        let picture = self.picture(copy.as_ref(), before.and_then(|item| item.picture.as_ref()));
        let picture = picture.or_else(|| children.iter().find_map(|child| child.picture.clone()));
        match (&picture, copy) {
            (None, Some(Copy::Later)) => {
                self.left_out += 1;
                return None;
            }
            (None, Some(Copy::Unusable)) => self.left_out += 1,
            _ => {}
        }
        Some(Item::new(selected, picture, children))
    }

    fn picture(&mut self, copy: Option<&Copy>, before: Option<&Picture>) -> Option<Picture> {
        match copy? {
            Copy::Usable(picture) => Some(picture.clone()),
            Copy::Unusable => None,
            Copy::Later => {
                self.pending = true;
                before.cloned()
            }
        }
    }
}
