//! Phone numbers as members type them and as they are shown to those who may not see them whole.

/// The last three digits behind a fixed number of dots, so that not even the length is told.
pub fn mask(phone: &str) -> String {
    let digits: Vec<char> = phone.chars().filter(char::is_ascii_digit).collect();
    let tail: String = digits[digits.len().saturating_sub(3)..].iter().collect();
    if digits.len() < 7 { "•••".to_owned() } else { format!("••• ••• {tail}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_tell_three_digits_at_most() {
        for (phone, masked) in
            [("84912345678", "••• ••• 678"), ("1234567", "••• ••• 567"), ("12345", "•••"), ("", "•••")]
        {
            assert_eq!(mask(phone), masked);
            assert!(
                loa_kernel::normalise_phone(&mask(phone)).is_err(),
                "a mask must not come back as a number"
            );
        }
    }
}
