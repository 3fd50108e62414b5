//! The parameter `fields` of a node, such as `id,name,instagram_business_account{id,username}`.

use crate::facebook::rejection::FacebookRejection;
use crate::graph_request::GraphRequest;
use crate::media_fields::{Field, split};

/// A kind of node, and the fields that the sandbox knows of it.
pub(crate) struct Node {
    /// The type in messages.
    pub(crate) name: &'static str,
    fields: &'static [&'static str],
}

/// Meta, reference page "User".
pub(crate) const USER: Node = Node { name: "User", fields: &["id", "name"] };

/// Meta, reference page "Page". `tasks` is a field of the lists, which the sandbox also has on the page itself.
pub(crate) const PAGE: Node =
    Node { name: "Page", fields: &["id", "name", "access_token", "category", "tasks", LINKED_ACCOUNT] };

/// Meta, reference page "Business".
pub(crate) const BUSINESS: Node = Node { name: "Business", fields: &["id", "name"] };

/// Meta, reference page "IG User". It has no `account_type`.
pub(crate) const ACCOUNT: Node = Node {
    name: "IGUser",
    fields: &[
        "id",
        "ig_id",
        "username",
        "name",
        "profile_picture_url",
        "followers_count",
        "follows_count",
        "media_count",
        "biography",
        "website",
    ],
};

/// The field of a page that names its professional account.
pub(crate) const LINKED_ACCOUNT: &str = "instagram_business_account";

/// Parses and checks the requested fields. One unknown field makes Facebook reject the whole request.
pub(crate) fn requested<'a>(
    request: &'a GraphRequest,
    default: &'a str,
    node: &Node,
) -> Result<Vec<Field<'a>>, FacebookRejection> {
    let fields = split(request.params.get("fields").unwrap_or(default)).ok_or(FacebookRejection::InvalidFields)?;
    for field in &fields {
        check(field, node)?;
    }
    Ok(fields)
}

fn check(field: &Field<'_>, node: &Node) -> Result<(), FacebookRejection> {
    let is_linked_account = field.name == LINKED_ACCOUNT;
    if !node.fields.contains(&field.name) || !(field.nested.is_empty() || is_linked_account) {
        return Err(FacebookRejection::UnknownField { field: field.name.to_owned(), node: node.name });
    }
    field.nested.iter().try_for_each(|nested| check(nested, &ACCOUNT))
}
