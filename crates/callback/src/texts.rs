//! All words that people read, one file a language. A language lacks nothing, or it does not compile.

mod english;
mod german;
mod spanish;

use crate::language::Language;
use crate::topic::Topic;

/// A page's words about something that did not go well. `{scopes}`, `{username}` and `{expected}` stand for what is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Explanation {
    pub(crate) title: &'static str,
    /// One sentence: why.
    pub(crate) cause: &'static str,
    /// One sentence, or the steps: what the person in front of it can do.
    pub(crate) remedy: &'static str,
    /// What only the operator can do.
    pub(crate) operator: Option<&'static str>,
}

const fn explain(title: &'static str, cause: &'static str, remedy: &'static str) -> Explanation {
    Explanation { title, cause, remedy, operator: None }
}

impl Explanation {
    const fn operator(self, operator: &'static str) -> Self {
        Self { operator: Some(operator), ..self }
    }
}

/// The words of all other pages, and those that frame a problem's.
#[derive(Debug)]
pub(crate) struct Phrases {
    /// As the attribute `lang` has it.
    pub(crate) code: &'static str,
    pub(crate) home_title: &'static str,
    pub(crate) home_what: &'static str,
    pub(crate) home_connect: &'static str,
    pub(crate) home_professional: &'static str,
    pub(crate) home_invited: &'static str,
    pub(crate) note_title: &'static str,
    pub(crate) note_lead: &'static str,
    pub(crate) note_next: &'static str,
    pub(crate) note_continue: &'static str,
    pub(crate) connected_title: &'static str,
    /// With `{username}`.
    pub(crate) connected_heading: &'static str,
    pub(crate) connected_done: &'static str,
    pub(crate) connected_account: &'static str,
    pub(crate) connected_until: &'static str,
    pub(crate) connected_location: &'static str,
    pub(crate) connected_command: &'static str,
    pub(crate) deletion_title: &'static str,
    pub(crate) deletion_account: &'static str,
    pub(crate) deletion_nothing: &'static str,
    pub(crate) deletion_when: &'static str,
    pub(crate) deletion_left: &'static str,
    pub(crate) problem_start: &'static str,
    pub(crate) problem_operator: &'static str,
    pub(crate) problem_reference: &'static str,
}

/// A language's phrases.
pub(crate) fn phrases(language: Language) -> &'static Phrases {
    match language {
        Language::English => &english::PHRASES,
        Language::German => &german::PHRASES,
        Language::Spanish => &spanish::PHRASES,
    }
}

/// A page's words.
pub(crate) fn explanation(language: Language, topic: Topic) -> Explanation {
    match language {
        Language::English => english::explanation(topic),
        Language::German => german::explanation(topic),
        Language::Spanish => spanish::explanation(topic),
    }
}

/// Puts in what a text leaves open.
pub(crate) fn fill(text: &str, values: &[(&'static str, String)]) -> String {
    values.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LANGUAGES: [Language; 3] = [Language::English, Language::German, Language::Spanish];

    fn blanks(explanation: Explanation) -> Vec<&'static str> {
        let all = format!("{} {}", explanation.cause, explanation.remedy);
        ["{scopes}", "{username}", "{expected}"].into_iter().filter(|blank| all.contains(blank)).collect()
    }

    #[test]
    fn every_page_has_words_of_its_own_in_every_language_and_leaves_the_same_open() {
        for language in LANGUAGES {
            let mut titles = std::collections::HashSet::new();
            for topic in Topic::ALL {
                let said = explanation(language, *topic);
                assert!(!said.cause.is_empty() && !said.remedy.is_empty(), "{language:?} {topic:?}");
                assert!(titles.insert(said.title), "{language:?}: two pages are called {:?}", said.title);
                let english = explanation(Language::English, *topic);
                assert_eq!(blanks(said), blanks(english), "{language:?} {topic:?}");
                assert_eq!(said.operator.is_some(), english.operator.is_some(), "{language:?} {topic:?}");
                for link in ["https://www.instagram.com/accounts/manage_access/", "https://www.instagram.com/"] {
                    assert_eq!(said.remedy.contains(link), english.remedy.contains(link), "{language:?} {topic:?}");
                }
            }
        }
    }
}
