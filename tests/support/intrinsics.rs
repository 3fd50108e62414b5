//! Evaluates CloudFormation's intrinsic functions.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// The values that intrinsic functions look up.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Values of parameters and pseudo parameters.
    pub parameters: BTreeMap<String, String>,
    /// Values of `Ref` (key `Name`) and `GetAtt` (key `Name.Attribute`) for resources. Without an entry, the value is the key.
    pub attributes: BTreeMap<String, String>,
    /// The template's `Conditions` section, not yet resolved.
    pub conditions: Value,
}

impl Scope {
    /// Resolves all functions in a value. `None` stands for `AWS::NoValue`.
    pub fn resolve(&self, value: &Value) -> Option<Value> {
        match value {
            Value::Object(object) => match object.iter().next() {
                Some((name, argument)) if object.len() == 1 && is_function(name) => self.call(name, argument),
                _ => {
                    let resolved = object.iter().filter_map(|(key, value)| Some((key.clone(), self.resolve(value)?)));
                    Some(Value::Object(resolved.collect()))
                }
            },
            Value::Array(items) => Some(items.iter().filter_map(|item| self.resolve(item)).collect()),
            plain => Some(plain.clone()),
        }
    }

    /// Whether a named condition is true.
    pub fn condition_is_true(&self, condition: &str) -> bool {
        let condition = &self.conditions[condition];
        assert!(!condition.is_null(), "the template has no such condition");
        self.is_true(condition)
    }

    /// Evaluates a condition function, such as `Fn::Equals` or `Fn::And`.
    pub fn is_true(&self, value: &Value) -> bool {
        self.resolve(value).and_then(|value| value.as_bool()).unwrap_or_else(|| panic!("expected a Boolean: {value}"))
    }

    fn call(&self, name: &str, argument: &Value) -> Option<Value> {
        let arguments =
            || argument.as_array().unwrap_or_else(|| panic!("{name} requires a list: {argument}")).as_slice();
        let result = match name {
            "Ref" if argument == "AWS::NoValue" => return None,
            "Ref" => json!(self.look_up(argument.as_str().unwrap())),
            "Fn::GetAtt" => json!(self.look_up(&match argument {
                Value::Array(path) => path.iter().map(|part| part.as_str().unwrap()).collect::<Vec<_>>().join("."),
                path => path.as_str().unwrap().to_owned(),
            })),
            "Fn::Sub" => self.substitute(argument),
            "Fn::Join" => json!(self.texts(&arguments()[1]).join(arguments()[0].as_str().unwrap())),
            "Fn::Split" => {
                json!(self.text(&arguments()[1]).split(arguments()[0].as_str().unwrap()).collect::<Vec<_>>())
            }
            "Fn::Select" => {
                let index: usize = self.text(&arguments()[0]).parse().unwrap();
                json!(self.texts(&arguments()[1])[index])
            }
            "Fn::If" => {
                let [condition, then, otherwise] = arguments() else {
                    panic!("Fn::If requires three arguments: {argument}")
                };
                return self.resolve(if self.condition_is_true(condition.as_str().unwrap()) {
                    then
                } else {
                    otherwise
                });
            }
            "Fn::Equals" => json!(self.text(&arguments()[0]) == self.text(&arguments()[1])),
            "Fn::Not" => json!(!self.is_true(&arguments()[0])),
            "Fn::And" => json!(arguments().iter().all(|argument| self.is_true(argument))),
            "Fn::Or" => json!(arguments().iter().any(|argument| self.is_true(argument))),
            "Condition" => json!(self.condition_is_true(argument.as_str().unwrap())),
            unknown => panic!("unsupported function: {unknown}"),
        };
        Some(result)
    }

    fn look_up(&self, name: &str) -> String {
        self.parameters.get(name).or_else(|| self.attributes.get(name)).cloned().unwrap_or_else(|| name.to_owned())
    }

    fn text(&self, value: &Value) -> String {
        match self.resolve(value) {
            Some(Value::String(text)) => text,
            Some(other) => other.to_string(),
            None => String::new(),
        }
    }

    fn texts(&self, value: &Value) -> Vec<String> {
        let list = self.resolve(value).unwrap();
        list.as_array().unwrap().iter().map(|item| self.text(item)).collect()
    }

    fn substitute(&self, argument: &Value) -> Value {
        let (template, own) = match argument {
            Value::Array(parts) => (parts[0].as_str().unwrap(), &parts[1]),
            template => (template.as_str().unwrap(), &Value::Null),
        };
        let mut pieces = template.split("${");
        let mut text = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let (name, rest) = piece.split_once('}').unwrap_or_else(|| panic!("unclosed ${{ in {template}"));
            text += &own.get(name).map_or_else(|| self.look_up(name), |value| self.text(value));
            text += rest;
        }
        json!(text)
    }
}

fn is_function(name: &str) -> bool {
    name == "Ref" || name == "Condition" || name.starts_with("Fn::")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resolves_functions_and_omits_no_value() {
        let scope = Scope {
            parameters: [("P".to_owned(), "shop".to_owned())].into(),
            attributes: [("Queue.Arn".to_owned(), "arn:queue".to_owned())].into(),
            conditions: json!({"Yes": {"Fn::Equals": [{"Ref": "P"}, "shop"]}, "No": {"Fn::Not": [{"Condition": "Yes"}]}}),
        };
        let value = json!({
            "ref": {"Ref": "P"},
            "if": {"Fn::If": ["No", "a", {"Fn::Sub": ["${P}-${Own}-${Queue.Arn}", {"Own": {"Ref": "P"}}]}]},
            "gone": {"Fn::If": ["No", "a", {"Ref": "AWS::NoValue"}]},
            "host": {"Fn::Select": [2, {"Fn::Split": ["/", "https://a.example/b"]}]},
            "list": [{"Fn::GetAtt": ["Queue", "Arn"]}, {"Ref": "AWS::NoValue"}, {"Fn::Join": ["-", ["a", {"Ref": "Other"}]]}],
        });
        let resolved = json!({
            "ref": "shop",
            "if": "shop-shop-arn:queue",
            "host": "a.example",
            "list": ["arn:queue", "a-Other"],
        });
        assert_eq!(scope.resolve(&value), Some(resolved));
    }
}
