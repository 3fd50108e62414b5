//! Percentages on the command line.

/// Parses `5`, `0.5` or `5%`.
pub(super) fn parse(text: &str) -> Result<f64, String> {
    let number = text.trim().trim_end_matches('%').trim_end().parse().ok();
    let percent = number.filter(|number| (0.0..=100.0).contains(number));
    percent.ok_or_else(|| format!("{text} is not in 0..=100"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_numbers_with_and_without_a_percent_sign() {
        assert_eq!([parse("0"), parse("2.5"), parse("100 %")], [Ok(0.0), Ok(2.5), Ok(100.0)]);
    }

    #[test]
    fn rejects_everything_outside_the_range() {
        for text in ["", "-1", "100.1", "NaN", "inf", "5%x"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
