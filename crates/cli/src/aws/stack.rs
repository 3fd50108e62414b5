//! A deployed stack: its outputs and resources.

use std::collections::BTreeMap;
use std::path::PathBuf;

use aws_sdk_cloudformation::Client;
use evertoken_aws::{AwsErrorCode, secret_names};
use evertoken_core::variables::Variables;

use super::stack_error::StackError;
use crate::context::Context;

/// The name that `sam deploy --guided` proposes in README.
pub(crate) const DEFAULT_NAME: &str = "evertoken";

/// The type of a nested stack.
const NESTED: &str = "AWS::CloudFormation::Stack";

/// A stack of `template.yaml`, with the resources of its nested stacks.
#[derive(Clone, Debug)]
pub(crate) struct Stack {
    name: String,
    parameters: BTreeMap<String, String>,
    outputs: BTreeMap<String, String>,
    resources: Vec<Resource>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Resource {
    /// The name in the template, for example `RefreshFunction`.
    pub(crate) logical_id: String,
    /// For example `AWS::SQS::Queue`.
    pub(crate) kind: String,
    /// The name of a function, the URL of a queue, the ARN of a secret or topic.
    pub(crate) physical_id: String,
}

impl Stack {
    /// Calls `DescribeStacks`, then `ListStackResources` for the stack and for each nested stack.
    pub(crate) async fn read(context: &Context, name: &str) -> Result<Self, StackError> {
        let client = Client::new(&context.aws().await?.config());
        let unavailable = |code: AwsErrorCode| match code.code() {
            // What CloudFormation answers for an unknown name (AWS, `DescribeStacks`, "Errors").
            "ValidationError" => StackError::NotFound(name.to_owned()),
            _ => StackError::Unavailable { stack: name.to_owned(), code },
        };
        let described = client.describe_stacks().stack_name(name).send().await;
        let described = described.map_err(|error| unavailable(error.into()))?;
        let parameters = described
            .stacks()
            .iter()
            .flat_map(aws_sdk_cloudformation::types::Stack::parameters)
            .filter_map(|each| Some((each.parameter_key()?.to_owned(), each.parameter_value()?.to_owned())));
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
        Ok(Self { name: name.to_owned(), parameters: parameters.collect(), outputs: outputs.collect(), resources })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The value of an output, for example `RedirectUri`.
    pub(crate) fn output(&self, key: &str) -> Result<&str, StackError> {
        self.outputs.get(key).map(String::as_str).ok_or_else(|| self.lacks(key))
    }

    /// The physical ID of the resource with this name in the template.
    pub(crate) fn physical_id(&self, logical_id: &str) -> Result<&str, StackError> {
        let found = self.resources.iter().find(|resource| resource.logical_id == logical_id);
        found.map(|resource| resource.physical_id.as_str()).ok_or_else(|| self.lacks(logical_id))
    }

    /// All resources of a type, for example `AWS::SQS::Queue`.
    pub(crate) fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Resource> {
        self.resources.iter().filter(move |resource| resource.kind == kind)
    }

    /// The value of a parameter, for example `KmsKeyArn`. Empty if the stack's template does not have it.
    pub(crate) fn parameter(&self, name: &str) -> &str {
        self.parameters.get(name).map_or("", String::as_str)
    }

    /// Adds the variables of the stack's Lambdas where they are not set.
    pub(crate) fn fill(&self, variables: Variables) -> Result<Variables, StackError> {
        let prefix = self.output("VaultPrefix")?;
        // A variable of an earlier version counts as set.
        let (app, signing) = (secret_names::app_variable(&variables), secret_names::signing_variable(&variables));
        Ok(variables
            .or("EVERTOKEN_STACK", &self.name)
            .or("EVERTOKEN_VAULT_PREFIX", prefix)
            .or("EVERTOKEN_KMS_KEY", self.parameter("KmsKeyArn"))
            .or("EVERTOKEN_ACCOUNT_TAGS", self.parameter("AccountTags"))
            .or("EVERTOKEN_LAYOUT", self.parameter("Layout"))
            .or("EVERTOKEN_INDEX_TABLE", self.physical_id("Index").unwrap_or_default())
            .or("EVERTOKEN_PACK_SIZE", self.parameter("PackSize"))
            .or("EVERTOKEN_PUBLIC_URL", self.output("ConnectUrl")?.trim_end_matches('/'))
            .or("EVERTOKEN_SCOPES", self.parameter("Scopes"))
            .or("EVERTOKEN_PROVIDER", self.parameter("Provider"))
            .or("EVERTOKEN_FACEBOOK_SCOPES", self.parameter("FacebookScopes"))
            .or("EVERTOKEN_FACEBOOK_CONFIG_ID", self.parameter("FacebookConfigId"))
            .or("EVERTOKEN_RETURN_URLS", self.parameter("ReturnUrls"))
            .or("EVERTOKEN_BRAND_NAME", self.parameter("BrandName"))
            .or("EVERTOKEN_BRAND_LOGO", self.parameter("BrandLogo"))
            .or("EVERTOKEN_BRAND_COLOR", self.parameter("BrandColor"))
            .or("EVERTOKEN_CONTACT_URL", self.parameter("ContactUrl"))
            .or("EVERTOKEN_PRIVACY_URL", self.parameter("PrivacyUrl"))
            .or(app, &format!("{prefix}/app"))
            .or(signing, self.physical_id("SigningSecret")?))
    }

    fn lacks(&self, part: &str) -> StackError {
        StackError::Incomplete { stack: self.name.clone(), part: part.to_owned() }
    }
}

async fn list(client: &Client, stack: &str) -> Result<Vec<Resource>, AwsErrorCode> {
    let mut resources = Vec::new();
    let mut pages = client.list_stack_resources().stack_name(stack).into_paginator().items().send();
    while let Some(resource) = pages.next().await {
        let resource = resource.map_err(AwsErrorCode::from)?;
        // A resource that CloudFormation is still creating has no physical ID.
        if let (Some(logical_id), Some(kind), Some(physical_id)) =
            (resource.logical_resource_id, resource.resource_type, resource.physical_resource_id)
        {
            resources.push(Resource { logical_id, kind, physical_id });
        }
    }
    Ok(resources)
}

/// Whether the AWS SDK is configured. If it is not, it looks for instance metadata for several seconds, on a machine that
/// may have nothing to do with AWS.
pub(crate) fn aws_is_configured(variables: &Variables) -> bool {
    let named = ["AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_CONFIG_FILE"];
    let config = variables.get("HOME").map(|home| PathBuf::from(home).join(".aws/config"));
    named.iter().any(|name| variables.get(name).is_some()) || config.is_some_and(|config| config.exists())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each variable, and the parameter, output or resource whose value it has.
    const SOURCES: [(&str, &str); 20] = [
        ("EVERTOKEN_STACK", "shop"),
        ("EVERTOKEN_VAULT_PREFIX", "value of VaultPrefix"),
        ("EVERTOKEN_KMS_KEY", "value of KmsKeyArn"),
        ("EVERTOKEN_ACCOUNT_TAGS", "value of AccountTags"),
        ("EVERTOKEN_LAYOUT", "value of Layout"),
        ("EVERTOKEN_INDEX_TABLE", "value of Index"),
        ("EVERTOKEN_PACK_SIZE", "value of PackSize"),
        ("EVERTOKEN_PUBLIC_URL", "value of ConnectUrl"),
        ("EVERTOKEN_SCOPES", "value of Scopes"),
        ("EVERTOKEN_PROVIDER", "value of Provider"),
        ("EVERTOKEN_FACEBOOK_SCOPES", "value of FacebookScopes"),
        ("EVERTOKEN_FACEBOOK_CONFIG_ID", "value of FacebookConfigId"),
        ("EVERTOKEN_RETURN_URLS", "value of ReturnUrls"),
        ("EVERTOKEN_BRAND_NAME", "value of BrandName"),
        ("EVERTOKEN_BRAND_LOGO", "value of BrandLogo"),
        ("EVERTOKEN_BRAND_COLOR", "value of BrandColor"),
        ("EVERTOKEN_CONTACT_URL", "value of ContactUrl"),
        ("EVERTOKEN_PRIVACY_URL", "value of PrivacyUrl"),
        ("EVERTOKEN_APP_SECRET_NAME", "value of VaultPrefix/app"),
        ("EVERTOKEN_SIGNING_SECRET_NAME", "value of SigningSecret"),
    ];

    fn stack() -> Stack {
        let value = |name: &str| (name.to_owned(), format!("value of {name}"));
        let parameters = [
            "KmsKeyArn",
            "AccountTags",
            "Layout",
            "PackSize",
            "Scopes",
            "Provider",
            "FacebookScopes",
            "FacebookConfigId",
            "ReturnUrls",
            "BrandName",
            "BrandLogo",
            "BrandColor",
            "ContactUrl",
            "PrivacyUrl",
        ];
        let outputs = [value("VaultPrefix"), ("ConnectUrl".to_owned(), "value of ConnectUrl/".to_owned())];
        let resources = ["Index", "SigningSecret"].map(value).map(|(logical_id, physical_id)| Resource {
            logical_id,
            kind: "AWS::SecretsManager::Secret".to_owned(),
            physical_id,
        });
        let parameters = parameters.map(value).into();
        Stack { name: "shop".to_owned(), parameters, outputs: outputs.into(), resources: resources.into() }
    }

    #[test]
    fn each_variable_has_the_value_of_its_own_part_of_the_stack_unless_it_is_set() {
        let filled = stack().fill(Variables::default()).unwrap();
        assert_eq!(SOURCES.map(|(name, _)| (name, filled.get(name).unwrap_or_default())), SOURCES);
        let set: Variables = SOURCES.iter().map(|(name, _)| ((*name).to_owned(), format!("own {name}"))).collect();
        let filled = stack().fill(set).unwrap();
        for (name, _) in SOURCES {
            assert_eq!(filled.get(name), Some(format!("own {name}").as_str()));
        }
    }
}
