//! Phone numbers as people type them, in the one form in which they are kept.

use crate::Problem;

/// Digits with the country code and without marks, as the platform writes them: `84912345678`. A number that
/// begins with the trunk 0 is Vietnamese, and so is a mobile number that lost it in a spreadsheet: nine digits that begin
/// as mobile numbers do (features reference §2.2). Errors: `invalid_field` unless 8 to 15 digits are left (E.164).
pub fn normalise_phone(typed: &str) -> Result<String, Problem> {
    let wrong = || Problem::invalid("phone", "not_a_phone_number");
    if !typed.chars().all(|c| c.is_ascii_digit() || " +.-()".contains(c)) {
        return Err(wrong());
    }
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    let international = typed.trim_start().starts_with('+');
    let number = match digits.strip_prefix('0') {
        Some(_) if international => return Err(wrong()),
        Some(rest) if digits.starts_with("00") => rest[1..].to_owned(),
        Some(rest) => format!("84{rest}"),
        None if !international && digits.len() == 9 && digits.starts_with(['3', '5', '7', '8', '9']) => {
            format!("84{digits}")
        }
        None => digits,
    };
    if (8..=15).contains(&number.len()) { Ok(number) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_kept_in_one_form() {
        for (typed, kept) in [
            ("0912 345 678", Some("84912345678")),
            ("+84 (912) 345-678", Some("84912345678")),
            ("84912345678", Some("84912345678")),
            ("0084912345678", Some("84912345678")),
            ("912345678", Some("84912345678")),
            ("+912345678", Some("912345678")),
            ("212345678", Some("212345678")),
            ("02838221234", Some("842838221234")),
            ("+1 415 555 2671", Some("14155552671")),
            ("+0912345678", None),
            ("••• ••• 678", None),
            ("123", None),
            ("1234567890123456", None),
            ("0912345678 Lan", None),
        ] {
            assert_eq!(normalise_phone(typed).ok().as_deref(), kept, "{typed}");
        }
    }
}
