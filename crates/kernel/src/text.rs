//! Vietnamese text for searching and sorting.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Lower case without diacritics, so that "nguyen" finds "Nguyễn" and "d" finds "đ".
/// Runs of white space become one blank; ends are trimmed. Meant for comparing, never for showing.
pub fn fold_vi(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.nfd().filter(|c| !is_combining_mark(*c)) {
        match c {
            'đ' | 'Đ' => out.push('d'),
            c if c.is_whitespace() => {
                if !out.is_empty() && !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            c => out.extend(c.to_lowercase()),
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// At most `max` characters (not bytes) of `text`, cut at a character border, with "…" when cut.
pub fn clip(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        None => text.to_owned(),
        Some(_) => text.chars().take(max.saturating_sub(1)).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_finds_vietnamese_names() {
        for (text, folded) in [
            ("Nguyễn Thị Hồng Đào", "nguyen thi hong dao"),
            ("  ĐẶNG   Văn\tÂn ", "dang van an"),
            ("Phở 24", "pho 24"),
            ("Huy\u{1EC1}n", "huyen"),
            ("Tru\u{031B}o\u{031B}ng", "truong"),
            ("", ""),
        ] {
            assert_eq!(fold_vi(text), folded);
        }
    }

    #[test]
    fn clipping_counts_characters() {
        assert_eq!(clip("Đặng", 4), "Đặng");
        assert_eq!(clip("Đặng Ân", 5), "Đặng…");
    }
}
