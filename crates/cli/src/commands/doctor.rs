//! `evertoken doctor`: everything that the service needs, looked at one by one.

mod access;
mod accounts;
mod alarms;
mod app;
mod configuration;
mod finding;
mod folder;
mod pages;
mod queues;
mod schedule;
mod signing;

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use evertoken_core::clock::Clock;
use evertoken_core::clock::SystemClock;
use evertoken_core::variables::Variables;

use crate::aws::aws_client::aws;
use crate::aws::stack::{Stack, StackError};
use crate::credentials::app_store::AppStore;
use crate::terminal::output;
use crate::vault::location::{AnyVault, VaultLocation, with_vault};
use finding::{Finding, State};

pub(crate) const HELP: &str = "\
Each line is a thing that was looked at: ok, warning or problem, with what to do. Exit code 3 if there is a problem.
No token is renewed and none is shown.

Examples:
  evertoken doctor                   the stack called evertoken
  evertoken doctor --stack shop
  evertoken doctor --local vault     a vault of files, and the service over it
  evertoken --json doctor";

/// What it is asked for.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    pub(crate) place: VaultLocation,
}

/// Looks at all of it; exit 3 if something is unwell.
pub(crate) async fn doctor(options: Options, variables: &Variables, json: bool) -> Result<ExitCode> {
    let findings = if options.place.local.is_some() {
        on_one_machine(&options.place, variables).await
    } else {
        in_aws(&options.place, variables).await
    };
    if json {
        output::data(&serde_json::to_string_pretty(&findings)?)?;
    } else {
        for finding in &findings {
            for line in finding.lines() {
                output::data(&line)?;
            }
        }
        output::say(&finding::summary(&findings));
    }
    let unwell = findings.iter().any(|finding| finding.state == State::Problem);
    Ok(if unwell { ExitCode::from(3) } else { ExitCode::SUCCESS })
}

async fn on_one_machine(place: &VaultLocation, variables: &Variables) -> Vec<Finding> {
    let mut findings = configuration::check(variables);
    if let Some(dir) = &place.local {
        findings.extend(folder::check(dir));
        findings.extend(app::check_local(place, variables, dir).await);
        findings.push(signing::check_local(variables, dir));
    }
    findings.extend(pages::check_local(variables).await);
    findings.extend(of_vault(place, variables).await);
    findings
}

async fn in_aws(place: &VaultLocation, variables: &Variables) -> Vec<Finding> {
    let aws = match aws().await {
        Ok(aws) => aws,
        Err(error) => return vec![Finding::problem("TLS", error.to_string(), ROOTS)],
    };
    let stack = Stack::read(place.stack_name()).await;
    let access = access::check(&stack);
    if access.state == State::Problem {
        // Each further look would wait for the same answer.
        return vec![access];
    }
    let (mut findings, variables) = match &stack {
        Ok(stack) => match stack.fill(variables.clone()) {
            Ok(variables) => (vec![Finding::ok("stack", format!("{} is deployed", place.stack_name()))], variables),
            Err(error) => (vec![of_stack(&error)], variables.clone()),
        },
        // Where the variables say it all, a stack need not be there.
        Err(StackError::Missing(name))
            if place.named_stack().is_none() || variables.get("EVERTOKEN_VAULT_PREFIX").is_some() =>
        {
            let text =
                format!("CloudFormation knows no stack {name}, so schedule, queues and alarms were not looked at");
            (vec![Finding::warning("stack", text, "Name yours with --stack NAME.")], variables.clone())
        }
        Err(error) => (vec![of_stack(error)], variables.clone()),
    };
    findings.insert(0, access);
    findings.extend(configuration::check(&variables));
    findings.extend(configuration::check_aws(&variables));
    match AppStore::of(place, &variables).await {
        Ok(store) => findings.extend(app::check(&store, &variables).await),
        Err(error) => findings.push(Finding::problem("app secret", format!("{error:#}"), configuration::NAME_IT)),
    }
    findings.push(signing::check_secret(&aws, &variables).await);
    findings.extend(pages::check(&variables, stack.as_ref().ok()).await);
    if let Ok(stack) = &stack {
        let config = aws.config();
        findings.push(schedule::check_enabled(&config, stack).await);
        findings.push(schedule::check_last_run(&config, stack, SystemClock.now()).await);
        findings.extend(queues::check(&config, stack).await);
        findings.extend(alarms::check(&config, stack).await);
    }
    findings.extend(of_vault(place, &variables).await);
    findings
}

/// What helps where nobody can be trusted.
const ROOTS: &str = "Install the machine's root certificates (the package ca-certificates).";

fn of_stack(error: &StackError) -> Finding {
    let remedy = match error {
        StackError::Missing(_) => {
            "Deploy it with `sam deploy`, or name yours with --stack NAME and its region with AWS_REGION."
        }
        StackError::Tls(_) => ROOTS,
        StackError::Lacks { .. } => "Deploy the template of this version: `sam build && sam deploy`.",
        StackError::Unavailable { .. } => {
            "Check the AWS credentials (AWS_PROFILE), the region, and the permissions cloudformation:DescribeStacks and \
             cloudformation:ListStackResources."
        }
    };
    Finding::problem("stack", error.to_string(), remedy)
}

async fn of_vault(place: &VaultLocation, variables: &Variables) -> Vec<Finding> {
    let vault = match AnyVault::open(place, variables).await {
        Ok(vault) => vault,
        Err(error) => return vec![Finding::problem("vault", format!("{error:#}"), configuration::NAME_IT)],
    };
    with_vault!(&vault, vault => accounts::check(vault, variables, SystemClock.now()).await)
}
