//! Builds the expressions of a conditional change.

use std::collections::HashMap;

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, Delete, TransactWriteItem, Update};

use super::key::Key;

/// A change of one item. Attributes are always written as placeholders such as `#used`, because many of their names are
/// reserved words (AWS, DynamoDB, "Reserved words").
#[derive(Clone, Debug)]
pub(super) struct Change {
    key: Key,
    set: Vec<String>,
    remove: Vec<String>,
    add: Vec<String>,
    delete: Vec<String>,
    deletes_item: bool,
    condition: Option<String>,
    names: HashMap<String, String>,
    values: HashMap<String, AttributeValue>,
}

impl Change {
    /// No change yet of the item with this key.
    pub(super) fn of(key: Key) -> Self {
        Self {
            key,
            set: Vec::new(),
            remove: Vec::new(),
            add: Vec::new(),
            delete: Vec::new(),
            deletes_item: false,
            condition: None,
            names: HashMap::new(),
            values: HashMap::new(),
        }
    }

    /// The deletion of the item with this key.
    pub(super) fn deletion_of(key: Key) -> Self {
        Self { deletes_item: true, ..Self::of(key) }
    }

    pub(super) fn set(mut self, attribute: &str, value: AttributeValue) -> Self {
        self.use_attribute(attribute, Some(value));
        self.set.push(format!("#{attribute} = :{attribute}"));
        self
    }

    /// Sets an attribute that the item does not have.
    pub(super) fn set_if_absent(mut self, attribute: &str, value: AttributeValue) -> Self {
        self.use_attribute(attribute, Some(value));
        self.set.push(format!("#{attribute} = if_not_exists(#{attribute}, :{attribute})"));
        self
    }

    pub(super) fn remove(mut self, attribute: &str) -> Self {
        self.use_attribute(attribute, None);
        self.remove.push(format!("#{attribute}"));
        self
    }

    /// Adds to a number or to a set. An absent number counts as zero.
    pub(super) fn add(mut self, attribute: &str, value: AttributeValue) -> Self {
        self.use_attribute(attribute, Some(value));
        self.add.push(format!("#{attribute} :{attribute}"));
        self
    }

    /// Deletes elements from a set.
    pub(super) fn delete(mut self, attribute: &str, elements: AttributeValue) -> Self {
        self.use_attribute(attribute, Some(elements));
        self.delete.push(format!("#{attribute} :{attribute}"));
        self
    }

    /// Changes the item only under a condition, in addition to those before. The condition names attributes as `#used`, and
    /// its own values as `:read`.
    pub(super) fn only_if<const N: usize>(mut self, condition: &str, values: [(&str, AttributeValue); N]) -> Self {
        for attribute in condition.split('#').skip(1) {
            let end = attribute.find(|c: char| !c.is_ascii_lowercase() && c != '_').unwrap_or(attribute.len());
            self.use_attribute(attribute.get(..end).unwrap_or_default(), None);
        }
        self.values.extend(values.into_iter().map(|(name, value)| (name.to_owned(), value)));
        self.condition = Some(match self.condition {
            None => condition.to_owned(),
            Some(before) => format!("({before}) AND ({condition})"),
        });
        self
    }

    fn use_attribute(&mut self, attribute: &str, value: Option<AttributeValue>) {
        self.names.insert(format!("#{attribute}"), attribute.to_owned());
        self.values.extend(value.map(|value| (format!(":{attribute}"), value)));
    }

    fn expression(&self) -> String {
        let clauses = [("SET", &self.set), ("REMOVE", &self.remove), ("ADD", &self.add), ("DELETE", &self.delete)];
        let used = clauses.into_iter().filter(|(_, parts)| !parts.is_empty());
        used.map(|(word, parts)| format!("{word} {}", parts.join(", "))).collect::<Vec<_>>().join(" ")
    }

    /// The change as a request of its own.
    pub(super) fn apply_to(self, update: UpdateItemFluentBuilder) -> UpdateItemFluentBuilder {
        let expression = self.expression();
        let (key, value) = self.key.attribute();
        update
            .key(key, value)
            .update_expression(expression)
            .set_condition_expression(self.condition)
            .set_expression_attribute_names(not_empty(self.names))
            .set_expression_attribute_values(not_empty(self.values))
    }

    /// The change as a part of a transaction.
    pub(super) fn in_transaction(self, table: &str) -> Result<TransactWriteItem, BuildError> {
        let expression = self.expression();
        let (key, value) = self.key.attribute();
        let (names, values) = (not_empty(self.names), not_empty(self.values));
        let item = TransactWriteItem::builder();
        Ok(if self.deletes_item {
            let delete = Delete::builder().table_name(table).key(key, value).set_condition_expression(self.condition);
            let delete = delete.set_expression_attribute_names(names).set_expression_attribute_values(values);
            item.delete(delete.build()?)
        } else {
            let update = Update::builder().table_name(table).key(key, value).set_condition_expression(self.condition);
            let update = update.set_expression_attribute_names(names).set_expression_attribute_values(values);
            item.update(update.update_expression(expression).build()?)
        }
        .build())
    }
}

/// DynamoDB rejects empty maps of placeholders.
fn not_empty<T>(map: HashMap<String, T>) -> Option<HashMap<String, T>> {
    Some(map).filter(|map| !map.is_empty())
}

#[cfg(test)]
mod tests {
    use evertoken_core::account::AccountName;

    use super::super::item::{number, text};
    use super::*;

    fn key() -> Key {
        Key::place(&"shop-de".parse::<AccountName>().unwrap())
    }

    #[test]
    fn each_attribute_has_a_placeholder() {
        let change = Change::of(key())
            .set("pack", text("main-00001"))
            .set_if_absent("purge_after", number(1))
            .remove("removed_until")
            .add("used", number(1))
            .add("ids", text("1"))
            .delete("removed", text("a"))
            .only_if("attribute_not_exists(#pack) OR #uses = :read", [(":read", text("u"))])
            .only_if("#used < :size", [(":size", number(128))]);
        assert_eq!(
            change.expression(),
            "SET #pack = :pack, #purge_after = if_not_exists(#purge_after, :purge_after) REMOVE #removed_until \
             ADD #used :used, #ids :ids DELETE #removed :removed"
        );
        let condition = "(attribute_not_exists(#pack) OR #uses = :read) AND (#used < :size)";
        assert_eq!(change.condition.as_deref(), Some(condition));
        let mut names: Vec<_> =
            change.names.iter().map(|(placeholder, name)| format!("{placeholder}={name}")).collect();
        names.sort_unstable();
        assert_eq!(
            names,
            [
                "#ids=ids",
                "#pack=pack",
                "#purge_after=purge_after",
                "#removed=removed",
                "#removed_until=removed_until",
                "#used=used",
                "#uses=uses"
            ]
        );
        let mut values: Vec<_> = change.values.keys().map(String::as_str).collect();
        values.sort_unstable();
        assert_eq!(values, [":ids", ":pack", ":purge_after", ":read", ":removed", ":size", ":used"]);
    }
}
