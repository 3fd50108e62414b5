//! Evaluates CloudFormation's intrinsic functions.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// The values that intrinsic functions look up.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Parameters and pseudo parameters by name.
    pub parameters: BTreeMap<String, String>,
    /// The results of `Ref` (key `Name`) and `GetAtt` (key `Name.Attribute`). A missing key evaluates to itself.
    pub attributes: BTreeMap<String, String>,
    /// The template's conditions, unevaluated.
    pub conditions: Value,
    /// The template's mappings.
    pub mappings: Value,
}

impl Scope {
    /// Evaluates all functions in a value. Returns `None` if the result is `AWS::NoValue`.
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

    /// Evaluates one of the template's conditions.
    pub fn holds(&self, condition: &str) -> bool {
        let condition = &self.conditions[condition];
        assert!(!condition.is_null(), "the template does not define this condition");
        self.truth(condition)
    }

    /// Evaluates a condition function to a boolean.
    pub fn truth(&self, value: &Value) -> bool {
        self.resolve(value).and_then(|value| value.as_bool()).unwrap_or_else(|| panic!("not a boolean: {value}"))
    }

    fn call(&self, name: &str, argument: &Value) -> Option<Value> {
        let arguments = || argument.as_array().unwrap_or_else(|| panic!("{name} needs a list: {argument}")).as_slice();
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
                    panic!("Fn::If needs three arguments: {argument}")
                };
                return self.resolve(if self.holds(condition.as_str().unwrap()) { then } else { otherwise });
            }
            "Fn::FindInMap" => {
                let keys: Vec<String> = arguments().iter().map(|key| self.text(key)).collect();
                let found = keys.iter().fold(&self.mappings, |map, key| &map[key]);
                assert!(!found.is_null(), "the template has no mapping {keys:?}");
                found.clone()
            }
            "Fn::Equals" => json!(self.text(&arguments()[0]) == self.text(&arguments()[1])),
            "Fn::Not" => json!(!self.truth(&arguments()[0])),
            "Fn::And" => json!(arguments().iter().all(|argument| self.truth(argument))),
            "Fn::Or" => json!(arguments().iter().any(|argument| self.truth(argument))),
            "Condition" => json!(self.holds(argument.as_str().unwrap())),
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
    fn functions_are_evaluated_and_no_value_is_omitted() {
        let scope = Scope {
            parameters: [("P".to_owned(), "shop".to_owned())].into(),
            attributes: [("Queue.Arn".to_owned(), "arn:queue".to_owned())].into(),
            mappings: json!({"Interval": {"shop": {"Seconds": 60}}}),
            conditions: json!({"Yes": {"Fn::Equals": [{"Ref": "P"}, "shop"]}, "No": {"Fn::Not": [{"Condition": "Yes"}]}}),
        };
        let value = json!({
            "ref": {"Ref": "P"},
            "if": {"Fn::If": ["No", "a", {"Fn::Sub": ["${P}-${Own}-${Queue.Arn}", {"Own": {"Ref": "P"}}]}]},
            "gone": {"Fn::If": ["No", "a", {"Ref": "AWS::NoValue"}]},
            "seconds": {"Fn::FindInMap": ["Interval", {"Ref": "P"}, "Seconds"]},
            "host": {"Fn::Select": [2, {"Fn::Split": ["/", "https://a.example/b"]}]},
            "list": [{"Fn::GetAtt": ["Queue", "Arn"]}, {"Ref": "AWS::NoValue"}, {"Fn::Join": ["-", ["a", {"Ref": "Other"}]]}],
        });
        let resolved = json!({
            "ref": "shop",
            "if": "shop-shop-arn:queue",
            "seconds": 60,
            "host": "a.example",
            "list": ["arn:queue", "a-Other"],
        });
        assert_eq!(scope.resolve(&value), Some(resolved));
    }
}
