//! Evaluates a template with parameters, as CloudFormation does before it creates the resources.

use std::collections::BTreeMap;

use fancy_regex::Regex;
use serde_json::Value;

use crate::intrinsics::Scope;
use crate::moto::REGION;
use crate::template::Template;

/// The AWS account ID that moto uses.
pub const ACCOUNT: &str = "123456789012";

/// The name of the stack.
pub const NAME: &str = "end-to-end";

/// The ARN of the stack.
pub const STACK_ID: &str = "arn:aws:cloudformation:us-east-1:123456789012:stack/end-to-end/0a1b2c3d";

/// A template with valid parameters.
#[derive(Clone, Debug)]
pub struct Stack {
    template: Template,
    scope: Scope,
}

impl Stack {
    /// Creates a stack with these parameters, and defaults for the others.
    ///
    /// Returns an error with the text that CloudFormation shows if it rejects the parameters: the parameter's name and
    /// constraint description, or a rule's assertion description.
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
            assert!(template.0["Parameters"][name].is_object(), "the template does not have a parameter {name}");
        }
        for (name, definition) in template.section("Parameters") {
            let given = given.iter().rev().find(|(given, _)| *given == name).map(|(_, value)| (*value).to_owned());
            let value = given.or_else(|| default(definition)).ok_or_else(|| format!("{name} must have a value"))?;
            check(definition, &value).map_err(|reason| format!("{name} {reason}"))?;
            parameters.insert(name.to_owned(), value);
        }
        let conditions = template.0["Conditions"].clone();
        let mappings = template.0["Mappings"].clone();
        let scope = Scope { parameters, attributes: BTreeMap::new(), conditions, mappings };
        for (_, rule) in template.section("Rules") {
            if rule.get("RuleCondition").is_none_or(|condition| scope.truth(condition)) {
                for assertion in rule["Assertions"].as_array().unwrap() {
                    let description = assertion["AssertDescription"].as_str().unwrap();
                    if !scope.truth(&assertion["Assert"]) {
                        return Err(description.to_owned());
                    }
                }
            }
        }
        Ok(Self { template: template.clone(), scope })
    }

    /// Sets the result of `Ref` or `GetAtt` for a resource.
    #[must_use]
    pub fn with(mut self, attribute: &str, value: &str) -> Self {
        self.scope.attributes.insert(attribute.to_owned(), value.to_owned());
        self
    }

    /// Sets the attributes that a function requires to be ARNs.
    #[must_use]
    pub fn with_arns(self) -> Self {
        self.with("SchedulerRole.Arn", "arn:aws:iam::123456789012:role/scheduler")
            .with("DeadLetterQueue.Arn", "arn:aws:sqs:us-east-1:123456789012:dead-letters")
    }

    /// Returns a stack of another template with the same parameters.
    #[must_use]
    pub fn of(&self, template: &Template) -> Self {
        Self { template: template.clone(), ..self.clone() }
    }

    /// Returns the nested stack of this template, with the parameters that this stack's resource passes to it.
    #[must_use]
    pub fn nested(&self, resource: &str, template: &Template) -> Self {
        let given = self.properties(resource)["Parameters"].clone();
        let given: Vec<(&str, &str)> =
            given.as_object().unwrap().iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap())).collect();
        Self::new(template, &given).unwrap()
    }

    /// Returns a parameter's value, or an empty string if the template does not have this parameter.
    pub fn parameter(&self, name: &str) -> &str {
        self.scope.parameters.get(name).map_or("", String::as_str)
    }

    /// Returns all resources that CloudFormation would create, with their functions evaluated.
    pub fn resources(&self) -> BTreeMap<String, Value> {
        let created = self.template.section("Resources").filter(|(_, resource)| self.is_created(resource));
        created
            .map(|(name, resource)| (name.to_owned(), self.scope.resolve(&without_condition(resource)).unwrap()))
            .collect()
    }

    /// Returns a resource's properties.
    pub fn properties(&self, resource: &str) -> Value {
        let resources = self.resources();
        resources.get(resource).unwrap_or_else(|| panic!("there is no resource {resource}"))["Properties"].clone()
    }

    /// Returns the stack's outputs.
    pub fn outputs(&self) -> BTreeMap<String, String> {
        let created = self.template.section("Outputs").filter(|(_, output)| self.is_created(output));
        let text = |output: &Value| self.scope.resolve(&output["Value"]).unwrap().as_str().unwrap().to_owned();
        created.map(|(name, output)| (name.to_owned(), text(output))).collect()
    }

    fn is_created(&self, definition: &Value) -> bool {
        definition["Condition"].as_str().is_none_or(|condition| self.scope.holds(condition))
    }
}

/// Next to other keys, `Condition` is a resource attribute rather than a function.
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
    let description = || definition["ConstraintDescription"].as_str().unwrap_or("is not allowed").to_owned();
    if let Some(pattern) = definition["AllowedPattern"].as_str() {
        // CloudFormation matches the pattern against the whole value.
        let pattern = Regex::new(&format!("^(?:{pattern})$")).unwrap();
        if !pattern.is_match(value).unwrap() {
            return Err(description());
        }
    }
    let longest = definition["MaxLength"].as_u64().map_or(usize::MAX, |longest| usize::try_from(longest).unwrap());
    if value.len() > longest {
        return Err(description());
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
        let (min, max) = (definition["MinValue"].as_f64(), definition["MaxValue"].as_f64());
        if min.is_some_and(|min| number < min) || max.is_some_and(|max| number > max) {
            return Err(description());
        }
    }
    Ok(())
}
