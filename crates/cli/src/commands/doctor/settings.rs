//! The settings of a service with a file vault.

use super::finding::Finding;
use crate::context::Context;
use crate::vault::location::VaultLocation;
use crate::vault::service_settings::ServiceSettings;

/// The context with the settings, or a finding about a file that cannot be used.
pub(super) fn of_service(location: &VaultLocation, context: &Context) -> (Context, Option<Finding>) {
    // A sandbox has its own.
    let Some(dir) = location.local.as_deref().filter(|_| context.sandbox.is_none()) else {
        return (context.clone(), None);
    };
    match ServiceSettings::read(dir) {
        Ok(settings) => (context.with_variables(settings.fill(context.variables.clone())), None),
        Err(error) => (context.clone(), Some(Finding::failure("settings", &error, &location.option()))),
    }
}
