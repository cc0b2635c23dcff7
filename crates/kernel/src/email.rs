//! E-mail addresses as people type them, in the one form in which they are kept.

use crate::Problem;

/// The longest address that mail servers carry, in characters.
const MAX_CHARS: usize = 254;

/// Trimmed and in small letters, nothing else rewritten (features reference §2.2). Whether it is somebody's, only a letter to
/// it would show. Errors: `invalid_field` unless it looks like an address.
pub fn normalise_email(typed: &str) -> Result<String, Problem> {
    let text = typed.trim();
    let fits = text.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty()
            && !host.contains('@')
            && host.contains('.')
            && !host.starts_with('.')
            && !host.ends_with('.')
    });
    let strange = text.chars().any(|c| c.is_whitespace() || c.is_control() || "<>,;\"".contains(c));
    if !fits || strange || text.chars().count() > MAX_CHARS {
        return Err(Problem::invalid("email", "not_an_email"));
    }
    Ok(text.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_kept_in_one_form() {
        let long = format!("{}@example.vn", "a".repeat(MAX_CHARS));
        for (typed, kept) in [
            (" An@Example.vn ", Some("an@example.vn")),
            ("an+shop@mail.example.vn", Some("an+shop@mail.example.vn")),
            ("an", None),
            ("an@", None),
            ("@example.vn", None),
            ("an@example", None),
            ("an@a@b.vn", None),
            ("an nguyen@example.vn", None),
            ("An <an@example.vn>", None),
            ("an@.vn", None),
            (&long, None),
        ] {
            assert_eq!(normalise_email(typed).ok().as_deref(), kept, "{typed}");
        }
    }
}
