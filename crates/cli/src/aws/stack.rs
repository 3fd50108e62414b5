//! What a deployed stack consists of, as CloudFormation tells it.

use crate::aws::aws_client::aws;
use evertoken_https::TlsError;
use std::collections::BTreeMap;
use std::path::PathBuf;

use aws_sdk_cloudformation::Client;
use evertoken_aws::AwsErrorCode;
use evertoken_core::variables::Variables;

/// What a stack is called unless somebody says otherwise: README's `sam deploy --guided` proposes it.
pub(crate) const DEFAULT_NAME: &str = "evertoken";

/// A resource that is a stack of its own.
const NESTED: &str = "AWS::CloudFormation::Stack";

/// A stack of `template.yaml`, its nested stacks' resources included.
#[derive(Clone, Debug)]
pub(crate) struct Stack {
    name: String,
    outputs: BTreeMap<String, String>,
    resources: Vec<Resource>,
}

/// One resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Resource {
    /// As the template calls it: `RefreshFunction`.
    pub(crate) logical_id: String,
    /// As `AWS::SQS::Queue`.
    pub(crate) kind: String,
    /// As AWS calls it: a function's name, a queue's URL, a secret's or a topic's ARN.
    pub(crate) physical_id: String,
}

/// Why a stack's parts are not known.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum StackError {
    /// No stack of this name in this region.
    #[error(
        "CloudFormation knows no stack {0} in this region; name yours with --stack NAME, its region with AWS_REGION"
    )]
    Missing(String),
    /// A stack of something else, or of another time.
    #[error("the stack {stack} has no {part}; is it one of Evertoken's, and deployed to the end?")]
    Lacks {
        /// The stack.
        stack: String,
        /// What it should have.
        part: String,
    },
    /// This machine has no root certificates.
    #[error(transparent)]
    TlsError(#[from] TlsError),
    /// CloudFormation refuses us or does not answer.
    #[error("CloudFormation did not tell what the stack {stack} consists of ({code})")]
    Unavailable {
        /// The stack.
        stack: String,
        /// AWS's own error code.
        code: String,
    },
}

impl Stack {
    /// Asks CloudFormation: `DescribeStacks`, then `ListStackResources` of it and of each nested stack.
    pub(crate) async fn read(name: &str) -> Result<Self, StackError> {
        let client = Client::new(&aws().await?.config());
        let unavailable = |error: AwsErrorCode| match error.code() {
            // What it says of a name that it does not know (AWS, `DescribeStacks`, "Errors").
            "ValidationError" => StackError::Missing(name.to_owned()),
            code => StackError::Unavailable { stack: name.to_owned(), code: code.to_owned() },
        };
        let described = client.describe_stacks().stack_name(name).send().await;
        let described = described.map_err(|error| unavailable(error.into()))?;
        let outputs = described
            .stacks()
            .iter()
            .flat_map(aws_sdk_cloudformation::types::Stack::outputs)
            .filter_map(|output| Some((output.output_key()?.to_owned(), output.output_value()?.to_owned())));
        let mut resources = list(&client, name).await.map_err(unavailable)?;
        let nested = resources.iter().filter(|resource| resource.kind == NESTED);
        for stack in nested.map(|stack| stack.physical_id.clone()).collect::<Vec<_>>() {
            resources.extend(list(&client, &stack).await.map_err(unavailable)?);
        }
        Ok(Self { name: name.to_owned(), outputs: outputs.collect(), resources })
    }

    /// The stack's name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// One of its outputs, as `RedirectUri`.
    pub(crate) fn output(&self, key: &str) -> Result<&str, StackError> {
        self.outputs.get(key).map(String::as_str).ok_or_else(|| self.lacks(key))
    }

    /// What AWS calls the resource that the template calls `logical_id`.
    pub(crate) fn physical_id(&self, logical_id: &str) -> Result<&str, StackError> {
        let found = self.resources.iter().find(|resource| resource.logical_id == logical_id);
        found.map(|resource| resource.physical_id.as_str()).ok_or_else(|| self.lacks(logical_id))
    }

    /// All resources of a kind, as `AWS::SQS::Queue`, those of nested stacks included.
    pub(crate) fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Resource> {
        self.resources.iter().filter(move |resource| resource.kind == kind)
    }

    /// The variables of a process, with what this stack's Lambdas are given where they are absent.
    pub(crate) fn fill(&self, variables: Variables) -> Result<Variables, StackError> {
        Ok(variables
            .or("EVERTOKEN_STACK", &self.name)
            .or("EVERTOKEN_VAULT_PREFIX", self.output("VaultPrefix")?)
            .or("EVERTOKEN_PUBLIC_URL", self.output("ConnectUrl")?.trim_end_matches('/'))
            .or("EVERTOKEN_APP_SECRET", self.physical_id("AppSecret")?)
            .or("EVERTOKEN_SIGNING_SECRET", self.physical_id("SigningSecret")?))
    }

    fn lacks(&self, part: &str) -> StackError {
        StackError::Lacks { stack: self.name.clone(), part: part.to_owned() }
    }
}

async fn list(client: &Client, stack: &str) -> Result<Vec<Resource>, AwsErrorCode> {
    let mut resources = Vec::new();
    let mut pages = client.list_stack_resources().stack_name(stack).into_paginator().items().send();
    while let Some(resource) = pages.next().await {
        let resource = resource.map_err(AwsErrorCode::from)?;
        // A resource that is still being made has no physical id yet.
        if let (Some(logical_id), Some(kind), Some(physical_id)) =
            (resource.logical_resource_id, resource.resource_type, resource.physical_resource_id)
        {
            resources.push(Resource { logical_id, kind, physical_id });
        }
    }
    Ok(resources)
}

/// Whether somebody has told the AWS SDK where to go. Where nobody has, it would look for instance metadata for seconds,
/// on a machine that need not have heard of AWS at all.
pub(crate) fn aws_is_set_up(variables: &Variables) -> bool {
    let named = ["AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_CONFIG_FILE"];
    let config = variables.get("HOME").map(|home| PathBuf::from(home).join(".aws/config"));
    named.iter().any(|name| variables.get(name).is_some()) || config.is_some_and(|config| config.exists())
}
