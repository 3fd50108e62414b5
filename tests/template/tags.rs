//! The tag that every resource has.

use evertoken_tests::stack::Stack;
use serde_json::json;

/// Asserts that all resources are tagged with the stack's name, except those of these types.
pub(crate) fn assert_tagged(stack: &Stack, untagged: &[&str]) {
    for (name, resource) in stack.resources() {
        let tags = &resource["Properties"]["Tags"];
        let listed = tags.as_array().is_some_and(|tags| {
            tags.iter().any(|tag| *tag == json!({"Key": "evertoken:stack", "Value": "end-to-end"}))
        });
        let mapped = tags["evertoken:stack"] == "end-to-end";
        assert!(listed || mapped || untagged.contains(&resource["Type"].as_str().unwrap()), "{name} has no tag");
    }
}
