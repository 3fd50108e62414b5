//! `evertoken doctor`: checks everything that the service needs.

mod accounts;
mod alarms;
mod app;
mod architecture;
mod aws_credentials;
mod configuration;
mod facebook;
mod feeds;
pub(crate) mod finding;
mod folder;
mod packs;
mod pages;
mod queues;
pub(crate) mod renewal;
mod report;
mod sandbox;
mod schedule;
mod scopes;
mod settings;
mod signing;
mod unavailable;

use clap::Args;
use evertoken_aws::Aws;
use evertoken_core::clock::{Clock, SystemClock};

use crate::aws::stack::Stack;
use crate::aws::stack_error::StackError;
use crate::context::Context;
use crate::credentials::app_store::AppStore;
use crate::error::{CliError, Result};
use crate::exit_status::ExitStatus;
use crate::terminal::output;
use crate::vault::any_vault::AnyVault;
use crate::vault::local_folder;
use crate::vault::location::VaultLocation;
use crate::vault::vault_option::VaultOption;
use finding::{Finding, Group, Severity};
use report::Detail;

pub(crate) const HELP: &str = "\
Each warning and each problem is followed by what to do about it. Checks that passed are collapsed.
No token is refreshed or printed.

Examples:
  evertoken doctor                   # check the stack called evertoken
  evertoken doctor --stack shop
  evertoken doctor --local vault     # check a file vault and the service that uses it
  evertoken doctor --verbose
  evertoken --json doctor

Exit status 3 means that there is a problem.";

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Also show each check that passed.
    #[arg(long, short)]
    verbose: bool,
    #[command(flatten)]
    pub(crate) vault: VaultLocation,
}

pub(crate) async fn doctor(options: Options, context: &Context) -> Result<ExitStatus> {
    let findings = if options.vault.local.is_some() {
        check_local(&options.vault, context).await
    } else {
        check_aws(&options.vault, context).await
    };
    if context.is_json() {
        output::json(&findings)?;
    } else {
        output::vault_origin(&context.vault_option);
        let detail = if options.verbose { Detail::All } else { Detail::Collapsed };
        report::print(&findings, detail)?;
        output::note(&report::summary(&findings, detail));
        // To compare, although no check failed.
        let redirect_uri = findings.iter().find(|finding| finding.subject == facebook::REDIRECT_URI);
        if let Some(finding) = redirect_uri.filter(|_| detail == Detail::Collapsed) {
            output::note(&format!("{}.", finding.text));
        }
    }
    Ok(ExitStatus::healthy_if(findings.iter().all(|finding| finding.state != Severity::Problem)))
}

async fn check_local(location: &VaultLocation, context: &Context) -> Vec<Finding> {
    let (context, broken) = &settings::of_service(location, context);
    let mut findings = configuration::check(&context.variables, &context.vault_option);
    findings.extend(broken.clone());
    if let Some(dir) = &location.local {
        findings.extend(sandbox::check(dir, context));
        findings.extend(folder::check(dir));
        if !sandbox::is_stopped(context) {
            findings.extend(app::check_local(context, dir).await);
        }
        findings.push(signing::check_local(&context.variables, dir));
    }
    findings.extend(scopes::check(&context.variables, None));
    findings.extend(facebook::check_settings(&context.variables));
    if !sandbox::is_stopped(context) {
        findings.extend(pages::check_local(&context.variables).await);
    }
    findings.extend(check_vault(location, context).await);
    let feeds = feeds::check_local(location, context).await;
    findings.extend(feeds.into_iter().map(|finding| finding.in_group(Group::Feeds)));
    findings
}

async fn check_aws(location: &VaultLocation, context: &Context) -> Vec<Finding> {
    let aws = match context.aws().await {
        Ok(aws) => aws,
        Err(error) => return vec![aws_credentials::not_connected(error.clone(), &context.vault_option)],
    };
    let stack = Stack::read(context, location.stack_name()).await;
    let credentials = aws_credentials::check(&stack, &context.vault_option);
    if credentials.state == Severity::Problem {
        // Every other check would fail for the same reason, after the same wait.
        return vec![credentials];
    }
    let mut findings = vec![credentials];
    let context = &match &stack {
        Ok(stack) => match stack.fill(context.variables.clone()) {
            Ok(variables) => {
                findings.push(Finding::ok("stack", format!("{} is deployed", location.stack_name())));
                context.with_variables(variables)
            }
            Err(error) => {
                findings.push(stack_problem(&error, &context.vault_option));
                context.clone()
            }
        },
        Err(error) => {
            findings.push(missing_stack(error, location, context));
            context.clone()
        }
    };
    findings.extend(configuration::check(&context.variables, &context.vault_option));
    findings.extend(configuration::check_aws(&context.variables, &context.vault_option));
    match AppStore::at(location, context).await {
        Ok(store) => findings.extend(app::check(&store, context).await),
        Err(CliError::Variable(error)) => findings.push(configuration::of(error, &context.vault_option)),
        Err(error) => findings.push(Finding::failure("app secret", &error, &context.vault_option)),
    }
    findings.extend(packs::check(aws, context).await);
    findings.push(signing::check_secret(aws, context).await);
    findings.extend(scopes::check(&context.variables, stack.as_ref().ok().map(|stack| stack.parameter("Scopes"))));
    findings.extend(facebook::check_settings(&context.variables));
    findings.extend(pages::check_stack(&context.variables, stack.as_ref().ok()).await);
    if let Ok(stack) = &stack {
        let renewal = check_stack(aws, stack, &context.vault_option).await;
        findings.extend(renewal.into_iter().map(|finding| finding.in_group(Group::Renewal)));
        let feeds = feeds::check_stack(stack, context).await;
        findings.extend(feeds.into_iter().map(|finding| finding.in_group(Group::Feeds)));
    }
    findings.extend(check_vault(location, context).await);
    findings
}

async fn check_stack(aws: &Aws, stack: &Stack, vault_option: &VaultOption) -> Vec<Finding> {
    let config = aws.config();
    let mut findings = schedule::check(&config, stack, vault_option, SystemClock.now()).await;
    findings.extend(architecture::check(&config, stack).await);
    findings.extend(queues::check(&config, stack).await);
    findings.extend(alarms::check(&config, stack).await);
    findings
}

/// A stack is optional if the variables contain everything.
fn missing_stack(error: &StackError, location: &VaultLocation, context: &Context) -> Finding {
    let is_optional = location.named_stack().is_none() || context.variables.get("EVERTOKEN_VAULT_PREFIX").is_some();
    match error {
        StackError::NotFound(name) if is_optional => {
            let text = format!("there is no stack {name}, so the schedule, the queues and the alarms were not checked");
            Finding::warning("stack", text, "Select your stack with --stack NAME.")
        }
        error => stack_problem(error, &context.vault_option),
    }
}

fn stack_problem(error: &StackError, vault: &VaultOption) -> Finding {
    let remedy = match error {
        StackError::Aws(error) => return aws_credentials::not_connected(error.clone(), vault),
        StackError::NotFound(_) => {
            "Deploy it with `sam deploy`, or select your stack with --stack NAME and its region with AWS_REGION."
        }
        StackError::Incomplete { .. } => "Deploy the template of this version: `sam build && sam deploy`.",
        StackError::Unavailable { .. } => {
            "Check the AWS credentials (AWS_PROFILE), the region, and the permissions cloudformation:DescribeStacks and \
             cloudformation:ListStackResources."
        }
    };
    Finding::problem("stack", error.to_string(), remedy)
}

async fn check_vault(location: &VaultLocation, context: &Context) -> Vec<Finding> {
    let vault = match &location.local {
        // Without the warnings: other checks report the same.
        Some(dir) => local_folder::existing(dir).map(AnyVault::First),
        None => location.open(context).await,
    };
    let now = context.clock.now();
    match vault {
        Ok(vault) => {
            let findings = accounts::check(&vault, context, now).await;
            let is_empty = !findings.iter().any(|finding| finding.subject.starts_with("account "));
            let renewal = location.local.as_ref();
            let renewal = renewal.map(|dir| renewal::check_local(dir, is_empty, &context.vault_option, now));
            let renewal = renewal.map(|finding| finding.in_group(Group::Renewal));
            findings.into_iter().map(|finding| finding.in_group(Group::Accounts)).chain(renewal).collect()
        }
        Err(error) => vec![Finding::failure("vault", &error, &context.vault_option)],
    }
}
