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

/// A word of a text: where it stands (bytes) and how it is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoldedWord {
    /// Its place in the text.
    pub range: std::ops::Range<usize>,
    /// [`fold_vi`] of it; never empty.
    pub folded: String,
}

/// The words of a text in order: runs of letters and digits; a symbol such as 🌸 is a word by itself, punctuation is
/// none.
pub fn words_vi(text: &str) -> Vec<FoldedWord> {
    let mut words = Vec::new();
    let mut begun: Option<usize> = None;
    let mut push = |range: std::ops::Range<usize>| {
        let folded = fold_vi(&text[range.clone()]);
        if !folded.is_empty() {
            words.push(FoldedWord { range, folded });
        }
    };
    for (at, c) in text.char_indices() {
        if c.is_alphanumeric() || (is_combining_mark(c) && !is_invisible(c)) {
            begun.get_or_insert(at);
            continue;
        }
        if let Some(from) = begun.take() {
            push(from..at);
        }
        if is_symbol(c) {
            push(at..at + c.len_utf8());
        }
    }
    if let Some(from) = begun {
        push(from..text.len());
    }
    words
}

/// Arrows, signs and pictures.
fn is_symbol(c: char) -> bool {
    c >= '\u{2190}' && !c.is_whitespace() && !is_invisible(c) && !('\u{3000}'..='\u{303F}').contains(&c)
}

/// Joins and varies pictures without being one.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200D}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}')
}

/// At most `max` characters (not bytes) of `text`, cut at a character border, with "…" when cut.
pub fn clip(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        None => text.to_owned(),
        Some(_) => text.chars().take(max.saturating_sub(1)).chain(['…']).collect(),
    }
}

/// What was typed as one line: no line breaks, single blanks, none at the ends, and no NUL character, which PostgreSQL does
/// not store.
pub fn one_line(typed: &str) -> String {
    typed.replace('\0', "").split_whitespace().collect::<Vec<_>>().join(" ")
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
    fn words_are_found_where_they_stand() {
        for (text, folded) in [
            ("Chào shop, đặt 2 áo!", "chao shop dat 2 ao"),
            ("  (Hà)-Nội/HN ", "ha noi hn"),
            ("Tru\u{031B}o\u{031B}ng ĐH-123", "truong dh 123"),
            ("Hoa🌸❤️", "hoa 🌸 ❤"),
            ("100%_", "100"),
            ("…!? ", ""),
            ("\u{0301}", ""),
        ] {
            let words = words_vi(text);
            let list: Vec<&str> = words.iter().map(|w| w.folded.as_str()).collect();
            assert_eq!(list.join(" "), folded, "{text}");
            for word in words {
                assert_eq!(fold_vi(&text[word.range]), word.folded);
            }
        }
    }

    #[test]
    fn clipping_counts_characters() {
        assert_eq!(clip("Đặng", 4), "Đặng");
        assert_eq!(clip("Đặng Ân", 5), "Đặng…");
    }
}
