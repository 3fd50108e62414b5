//! The parameter `fields` of a list of posts, such as `id,caption,children{id,media_type}`.

use crate::graph_rejection::GraphRejection;

/// The fields of a post (Meta, reference page "IG Media"). Instagram has some more, about insights and advertisements.
const POST_FIELDS: [&str; 17] = [
    "id",
    "alt_text",
    "caption",
    "children",
    "comments_count",
    "is_comment_enabled",
    "is_shared_to_feed",
    "like_count",
    "media_product_type",
    "media_type",
    "media_url",
    "owner",
    "permalink",
    "shortcode",
    "thumbnail_url",
    "timestamp",
    "username",
];

/// A requested field.
pub(crate) struct Field<'a> {
    pub(crate) name: &'a str,
    /// The fields of its objects.
    pub(crate) nested: Vec<Field<'a>>,
}

/// Parses and checks the fields. One field that cannot be read makes Instagram reject the whole request.
pub(crate) fn parse<'a>(text: &'a str, refused: &[String]) -> Result<Vec<Field<'a>>, GraphRejection> {
    let fields = split(text).ok_or(GraphRejection::InvalidFields)?;
    let nested = fields.iter().flat_map(|field| &field.nested);
    for field in fields.iter().chain(nested) {
        let is_known = POST_FIELDS.contains(&field.name) && (field.nested.is_empty() || field.name == "children");
        if !is_known || refused.iter().any(|refused| refused == field.name) {
            return Err(GraphRejection::UnknownField(field.name.to_owned()));
        }
    }
    Ok(fields)
}

/// Splits at the commas outside of braces. `None` if braces do not match, or are nested.
pub(crate) fn split(text: &str) -> Option<Vec<Field<'_>>> {
    let mut fields = Vec::new();
    let mut rest = text;
    loop {
        let end = rest.find([',', '{', '}']).unwrap_or(rest.len());
        let (name, after) = rest.split_at_checked(end)?;
        let (nested, after) = match after.strip_prefix('{') {
            Some(braced) => {
                let (inner, after) = braced.split_once('}')?;
                let plain = !inner.contains('{');
                let names = inner.split(',').map(|name| Field { name, nested: Vec::new() });
                (plain.then(|| names.collect())?, after)
            }
            None => (Vec::new(), after),
        };
        fields.push(Field { name, nested });
        if after.is_empty() {
            return Some(fields);
        }
        rest = after.strip_prefix(',')?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Option<Vec<String>> {
        let describe = |field: &Field<'_>| {
            let nested: Vec<_> = field.nested.iter().map(|field| field.name).collect();
            if nested.is_empty() { field.name.to_owned() } else { format!("{}<{}>", field.name, nested.join("|")) }
        };
        Some(split(text)?.iter().map(describe).collect())
    }

    #[test]
    fn splits_nested_fields_and_rejects_unmatched_braces() {
        let rows: [(&str, Option<&[&str]>); 9] = [
            ("id", Some(&["id"])),
            ("id,caption", Some(&["id", "caption"])),
            ("id,children{id,media_url},caption", Some(&["id", "children<id|media_url>", "caption"])),
            ("id,", Some(&["id", ""])),
            ("children{id", None),
            ("children}id{", None),
            ("children{id}caption", None),
            ("children{children{id}}", None),
            ("}", None),
        ];
        for (text, expected) in rows {
            let expected = expected.map(|names| names.iter().map(|name| (*name).to_owned()).collect());
            assert_eq!(names(text), expected, "{text}");
        }
    }
}
