//! Checks the scopes for names that Meta has retired. A login that requests one ends on an error page of Instagram.
//!
//! Source: Meta, "Business Login for Instagram" (the names without `instagram_` ended on 27 January 2025) and "Instagram
//! Basic Display API" (ended on 4 December 2024).

use evertoken_core::document::ProviderName;
use evertoken_core::scopes::Scopes;
use evertoken_core::variables::{self, Variables};

use super::facebook;
use super::finding::Finding;

const SUBJECT: &str = "scopes";

/// Names that no longer work, and what replaces them.
const RETIRED: [(&str, &str); 7] = [
    ("business_basic", "instagram_business_basic"),
    ("business_content_publish", "instagram_business_content_publish"),
    ("business_manage_comments", "instagram_business_manage_comments"),
    ("business_manage_messages", "instagram_business_manage_messages"),
    // Of Basic Display.
    ("user_profile", "instagram_business_basic"),
    ("user_media", "instagram_business_basic"),
    // As Meta's review page spells it.
    ("instagram_business_content_publishing", "instagram_business_content_publish"),
];

/// The scope without which a token can neither be read nor refreshed.
const BASE: &str = "instagram_business_basic";

/// Checks what a login requests: the variable, or else the stack's `parameter`. Nothing if Instagram Login is not offered.
pub(super) fn check(variables: &Variables, parameter: Option<&str>) -> Option<Finding> {
    const VARIABLE: &str = "EVERTOKEN_SCOPES";
    if !facebook::offered(variables).includes(ProviderName::Instagram) {
        return None;
    }
    Some(match parameter.filter(|scopes| !scopes.is_empty()) {
        // The variables include those of the stack.
        Some(scopes) if variables.get(VARIABLE).is_none_or(|set| set == scopes) => {
            // The template accepts no other text.
            let scopes: Scopes = scopes.parse().unwrap_or_default();
            judge(&scopes, |scopes| format!("Deploy with the parameter Scopes={scopes}."))
        }
        // The configuration check reports a value that is no list.
        _ => judge(&variables::scopes(variables).unwrap_or_default(), |scopes| format!("export {VARIABLE}={scopes}")),
    })
}

fn judge(scopes: &Scopes, remedy: impl FnOnce(&Scopes) -> String) -> Finding {
    let retired: Vec<&str> = retired(scopes).collect();
    if !retired.is_empty() {
        let text = format!("Instagram rejects a login with {}: Meta has retired that name", retired.join(", "));
        return Finding::problem(SUBJECT, text, remedy(&current(scopes)));
    }
    if scopes.is_empty() || scopes.iter().any(|scope| scope == BASE) {
        return Finding::ok(SUBJECT, "no retired name");
    }
    let text = format!("{BASE} is missing, without which no token can be refreshed");
    Finding::problem(SUBJECT, text, remedy(&std::iter::once(BASE).chain(scopes.iter()).collect()))
}

/// The names among these that no longer work.
pub(super) fn retired(scopes: &Scopes) -> impl Iterator<Item = &str> {
    scopes.iter().filter(|scope| RETIRED.iter().any(|(old, _)| old == scope))
}

fn current(scopes: &Scopes) -> Scopes {
    let replacement = |scope| RETIRED.iter().find(|(old, _)| *old == scope).map_or(scope, |(_, new)| *new);
    std::iter::once(BASE).chain(scopes.iter().map(replacement)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::finding::Severity;
    use super::*;

    fn check_variable(scopes: &str) -> Finding {
        check(&[("EVERTOKEN_SCOPES".to_owned(), scopes.to_owned())].into_iter().collect(), None).unwrap()
    }

    #[test]
    fn names_the_current_scopes_in_place_of_retired_ones() {
        let finding = check_variable("business_basic,business_manage_comments,instagram_business_manage_insights");
        assert_eq!(finding.state, Severity::Problem);
        assert!(finding.text.contains("business_basic, business_manage_comments"), "{finding:?}");
        let expected = "export EVERTOKEN_SCOPES=instagram_business_basic,instagram_business_manage_comments,\
             instagram_business_manage_insights";
        assert_eq!(finding.remedy.as_deref(), Some(expected));
    }

    #[test]
    fn a_stacks_scopes_are_changed_by_its_parameter_unless_a_variable_is_set() {
        let remedy = |variable: &str| {
            let variables = Variables::default().or("EVERTOKEN_SCOPES", variable);
            check(&variables, Some("business_basic")).unwrap().remedy.unwrap()
        };
        // The variables include those of the stack.
        assert_eq!(remedy("business_basic"), "Deploy with the parameter Scopes=instagram_business_basic.");
        assert_eq!(remedy("user_media"), "export EVERTOKEN_SCOPES=instagram_business_basic");
    }

    #[test]
    fn requires_the_base_scope_and_accepts_everything_current() {
        let finding = check_variable("instagram_business_content_publish");
        assert!(finding.state == Severity::Problem && finding.text.contains("is missing"), "{finding:?}");
        for fine in ["", "instagram_business_basic", "instagram_business_basic,instagram_business_manage_insights", "?"]
        {
            assert_eq!(check_variable(fine).state, Severity::Ok, "{fine}");
        }
    }
}
