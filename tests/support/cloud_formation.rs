//! Creates stacks in moto's CloudFormation.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::moto::Moto;
use crate::template::Template;
use crate::{venv, workspace};

/// Creates a stack, and returns the description of each resource that moto supports, by logical name.
pub fn create(moto: &Moto, name: &str, template: &Template, parameters: &[(&str, &str)]) -> Value {
    let parameters: serde_json::Map<_, _> =
        parameters.iter().map(|(key, value)| ((*key).into(), json!(value))).collect();
    let request = json!({"name": name, "template": template.0, "parameters": parameters});
    let mut script = Command::new(venv::python())
        .arg(workspace::root().join("tests/support/cloud_formation.py"))
        .arg(moto.endpoint())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    script.stdin.take().unwrap().write_all(request.to_string().as_bytes()).unwrap();
    let output = script.wait_with_output().unwrap();
    assert!(output.status.success(), "moto could not create the stack: see above");
    let stack: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(stack["status"], "CREATE_COMPLETE");
    stack["resources"].clone()
}
