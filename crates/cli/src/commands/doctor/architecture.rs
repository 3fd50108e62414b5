//! Compares the architecture of the functions with that of the last build in this folder.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use aws_sdk_lambda::types::Architecture;
use evertoken_aws::{AwsErrorCode, SdkConfig};

use super::finding::Finding;
use super::unavailable::unavailable;
use crate::aws::stack::Stack;

const SUBJECT: &str = "architecture";

/// Where `sam build` puts the functions, relative to the folder with `template.yaml`.
const BUILT: &str = ".aws-sam/build";

const FUNCTIONS: [&str; 2] = ["CallbackFunction", "RefreshFunction"];

/// One finding per function that is built in the working directory and deployed.
pub(super) async fn check(config: &SdkConfig, stack: &Stack) -> Vec<Finding> {
    let client = aws_sdk_lambda::Client::new(config);
    let mut findings = Vec::new();
    for function in FUNCTIONS {
        let bootstrap = Path::new(BUILT).join(function).join("bootstrap");
        let (Some(built), Ok(name)) = (architecture_of(&bootstrap), stack.physical_id(function)) else { continue };
        let response = client.get_function_configuration().function_name(name).send().await;
        findings.push(match response.map_err(AwsErrorCode::from) {
            // Lambda's default is x86_64.
            Ok(response) => compare(function, response.architectures().first().unwrap_or(&Architecture::X8664), &built),
            Err(error) => unavailable(SUBJECT, &error, "lambda:GetFunctionConfiguration"),
        });
    }
    findings
}

fn compare(function: &str, deployed: &Architecture, built: &Architecture) -> Finding {
    if deployed == built {
        return Finding::ok(SUBJECT, format!("{function} is deployed and built for {built}"));
    }
    let text = format!(
        "{function} is deployed for {deployed}, but {BUILT} contains a build for {built}, which cannot run there"
    );
    let remedy = format!("Run `make architecture ARCHITECTURE={deployed}` and `sam build` before you deploy.");
    Finding::problem(SUBJECT, text, remedy)
}

/// The architecture in a program's ELF header, or `None` if there is no such program (System V ABI, "ELF Header":
/// `e_machine` at byte 18; little-endian).
fn architecture_of(program: &Path) -> Option<Architecture> {
    let mut header = [0; 20];
    File::open(program).ok()?.read_exact(&mut header).ok()?;
    match header {
        [0x7f, b'E', b'L', b'F', .., 0x3e, 0] => Some(Architecture::X8664),
        [0x7f, b'E', b'L', b'F', .., 0xb7, 0] => Some(Architecture::Arm64),
        _ => None,
    }
}
