//! Numbers with a noun.

/// For example `1 account` and `2 healthy accounts`. What follows `that` stays as it is: `2 checks that passed`.
pub(crate) fn counted(number: usize, noun: &str) -> String {
    let (word, rest) = match noun.split_once(" that ") {
        Some((word, rest)) => (word, format!(" that {rest}")),
        None => (noun, String::new()),
    };
    format!("{number} {word}{}{rest}", if number == 1 { "" } else { "s" })
}

/// The noun for this number, for example `day` or `days`.
pub(crate) fn noun(number: impl Into<i64>, one: &str) -> String {
    if number.into() == 1 { one.to_owned() } else { format!("{one}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_has_no_plural() {
        assert_eq!(counted(0, "account"), "0 accounts");
        assert_eq!(counted(1, "healthy account"), "1 healthy account");
        assert_eq!(counted(2, "check that passed"), "2 checks that passed");
        assert_eq!([noun(1, "day"), noun(0, "day"), noun(-1, "day")], ["day", "days", "days"]);
    }
}
