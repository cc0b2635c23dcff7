//! Cells that a spreadsheet would take for a formula (CSV injection, as OWASP describes it), made harmless so that they
//! come back unchanged.
//!
//! A text that begins with `=`, `+`, `-`, `@`, tab, line feed, carriage return or a full-width form of these gets an
//! apostrophe in front, which spreadsheets take for "this is text". Left as they are: signed numbers (`-12.5`) and phone
//! numbers (`+84912345678`, `+84 912 345 678`), which have a sign and then only digits, spaces, dots and commas and so can
//! compute nothing. `+84-912-345-678` is guarded: a spreadsheet would subtract.
//!
//! So that reading can undo it, a text that already looks guarded (`'=x`) gets one more. What others wrote in front of a
//! sign, an apostrophe that meant text, goes away too.

use std::borrow::Cow;

/// What a spreadsheet takes for the beginning of a formula.
fn begins(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
}

fn is_number(text: &str) -> bool {
    text.strip_prefix(['+', '-']).is_some_and(|rest| {
        rest.starts_with(|c: char| c.is_ascii_digit())
            && rest.chars().all(|c| c.is_ascii_digit() || " .,".contains(c))
    })
}

/// The text as it may stand in a CSV file.
pub fn guard(text: &str) -> Cow<'_, str> {
    let bare = text.trim_start_matches('\'');
    let is_guarded = bare.len() < text.len() && begins(bare);
    if is_guarded || (begins(text) && !is_number(text)) {
        return Cow::Owned(format!("'{text}"));
    }
    Cow::Borrowed(text)
}

/// What [`guard`] was given.
pub fn unguard(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if begins(rest.trim_start_matches('\'')) => rest,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn formulas_are_guarded_and_numbers_are_not() {
        for (text, written) in [
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
            ("-2+3", "'-2+3"),
            ("-", "'-"),
            ("\t=1", "'\t=1"),
            ("\r=1", "'\r=1"),
            ("\n=1", "'\n=1"),
            ("＝1+1", "'＝1+1"),
            ("+84-912-345-678", "'+84-912-345-678"),
            ("'=1", "''=1"),
            ("''@", "'''@"),
            ("+84912345678", "+84912345678"),
            ("+84 912 345 678", "+84 912 345 678"),
            ("-12.5", "-12.5"),
            ("0912345678", "0912345678"),
            ("'tis", "'tis"),
            ("a=b", "a=b"),
            ("", ""),
        ] {
            assert_eq!(guard(text), written, "{text:?}");
            assert_eq!(unguard(written), text, "{text:?}");
        }
        assert_eq!(unguard("'+84912345678"), "+84912345678", "an apostrophe that meant text");
    }

    proptest! {
        #[test]
        fn what_was_guarded_comes_back_and_is_no_formula(text in "['=+@\t\r\n＝0-9 a-]{0,6}") {
            let written = guard(&text);
            prop_assert_eq!(unguard(&written), text.as_str());
            prop_assert!(!begins(&written) || is_number(&written));
        }
    }
}
