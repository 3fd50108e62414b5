//! A template with parameters: what CloudFormation would make, or why it would not begin.

use std::collections::BTreeMap;

use regex_lite::Regex;
use serde_json::Value;

use crate::intrinsics::Scope;
use crate::moto::REGION;
use crate::template::Template;

/// The AWS account that moto is.
pub const ACCOUNT: &str = "123456789012";

/// The stack's name.
pub const NAME: &str = "end-to-end";

/// Its id.
pub const STACK_ID: &str = "arn:aws:cloudformation:us-east-1:123456789012:stack/end-to-end/0a1b2c3d";

/// A template whose parameters have been accepted.
#[derive(Clone, Debug)]
pub struct Stack {
    template: Template,
    scope: Scope,
}

impl Stack {
    /// A stack with these parameters, the others by default. What is refused, is so in CloudFormation's way: the
    /// parameter's name and its words, or a rule's.
    pub fn new(template: &Template, given: &[(&str, &str)]) -> Result<Self, String> {
        let pseudo = [
            ("AWS::AccountId", ACCOUNT),
            ("AWS::NotificationARNs", ""),
            ("AWS::Partition", "aws"),
            ("AWS::Region", REGION),
            ("AWS::StackId", STACK_ID),
            ("AWS::StackName", NAME),
            ("AWS::URLSuffix", "amazonaws.com"),
        ];
        let text = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let mut parameters: BTreeMap<String, String> = pseudo.iter().map(text).collect();
        for (name, _) in given {
            assert!(template.0["Parameters"][name].is_object(), "the template has no parameter {name}");
        }
        for (name, definition) in template.section("Parameters") {
            let given = given.iter().rev().find(|(given, _)| *given == name).map(|(_, value)| (*value).to_owned());
            let value = given.or_else(|| default(definition)).ok_or_else(|| format!("{name} must have a value"))?;
            check(definition, &value).map_err(|words| format!("{name} {words}"))?;
            parameters.insert(name.to_owned(), value);
        }
        let conditions = template.0["Conditions"].clone();
        let scope = Scope { parameters, attributes: BTreeMap::new(), conditions };
        for (_, rule) in template.section("Rules") {
            if rule.get("RuleCondition").is_none_or(|condition| scope.is_true(condition)) {
                for assertion in rule["Assertions"].as_array().unwrap() {
                    let words = assertion["AssertDescription"].as_str().unwrap();
                    if !scope.is_true(&assertion["Assert"]) {
                        return Err(words.to_owned());
                    }
                }
            }
        }
        Ok(Self { template: template.clone(), scope })
    }

    /// The same, with what `Ref` or `GetAtt` of a resource gives.
    #[must_use]
    pub fn with(mut self, attribute: &str, value: &str) -> Self {
        self.scope.attributes.insert(attribute.to_owned(), value.to_owned());
        self
    }

    /// Another template with the same parameters.
    #[must_use]
    pub fn of(&self, template: &Template) -> Self {
        Self { template: template.clone(), ..self.clone() }
    }

    /// A parameter's value; empty where the template has none of that name.
    pub fn parameter(&self, name: &str) -> &str {
        self.scope.parameters.get(name).map_or("", String::as_str)
    }

    /// All resources that would be made, resolved.
    pub fn resources(&self) -> BTreeMap<String, Value> {
        let made = self.template.section("Resources").filter(|(_, resource)| self.is_made(resource));
        made.map(|(name, resource)| (name.to_owned(), self.scope.resolve(&without_condition(resource)).unwrap()))
            .collect()
    }

    /// One resource's properties.
    pub fn properties(&self, resource: &str) -> Value {
        let resources = self.resources();
        resources.get(resource).unwrap_or_else(|| panic!("no resource {resource}"))["Properties"].clone()
    }

    /// The outputs' values.
    pub fn outputs(&self) -> BTreeMap<String, String> {
        let made = self.template.section("Outputs").filter(|(_, output)| self.is_made(output));
        let text = |output: &Value| self.scope.resolve(&output["Value"]).unwrap().as_str().unwrap().to_owned();
        made.map(|(name, output)| (name.to_owned(), text(output))).collect()
    }

    fn is_made(&self, definition: &Value) -> bool {
        definition["Condition"].as_str().is_none_or(|condition| self.scope.condition_is_true(condition))
    }
}

/// Beside other keys, `Condition` is an attribute and no function.
fn without_condition(resource: &Value) -> Value {
    let mut resource = resource.clone();
    resource.as_object_mut().unwrap().remove("Condition");
    resource
}

fn default(definition: &Value) -> Option<String> {
    match &definition["Default"] {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        number => Some(number.to_string()),
    }
}

fn check(definition: &Value, value: &str) -> Result<(), String> {
    let words = || definition["ConstraintDescription"].as_str().unwrap_or("is not allowed").to_owned();
    if let Some(pattern) = definition["AllowedPattern"].as_str() {
        // All of it must match.
        let pattern = Regex::new(&format!("^(?:{pattern})$")).unwrap();
        if !pattern.is_match(value) {
            return Err(words());
        }
    }
    if let Some(allowed) = definition["AllowedValues"].as_array() {
        let texts: Vec<String> =
            allowed.iter().map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned)).collect();
        if !texts.iter().any(|allowed| allowed == value) {
            return Err(format!("must be one of {}", texts.join(", ")));
        }
    }
    if definition["Type"] == "Number" {
        let number: f64 = value.parse().map_err(|_| "must be a number".to_owned())?;
        let (least, most) = (definition["MinValue"].as_f64(), definition["MaxValue"].as_f64());
        if least.is_some_and(|least| number < least) || most.is_some_and(|most| number > most) {
            return Err(words());
        }
    }
    Ok(())
}
