//! What a file is, by its bytes. What the sender says about it is not believed.

/// A type of file that Loa keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Media {
    /// JPEG picture.
    Jpeg,
    /// PNG picture.
    Png,
    /// GIF, moving or not.
    Gif,
    /// PDF document.
    Pdf,
    /// Word document, before 2007.
    Doc,
    /// Word document.
    Docx,
    /// Table as text.
    Csv,
}

impl Media {
    /// Every type.
    pub const ALL: &'static [Self] =
        &[Self::Jpeg, Self::Png, Self::Gif, Self::Pdf, Self::Doc, Self::Docx, Self::Csv];

    /// The media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::Pdf => "application/pdf",
            Self::Doc => "application/msword",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Csv => "text/csv",
        }
    }

    /// May a page show it inside itself? Only pictures, which cannot carry a program.
    pub fn is_inline(media_type: &str) -> bool {
        [Self::Jpeg, Self::Png, Self::Gif].iter().any(|m| m.media_type() == media_type)
    }

    /// What these bytes are; `None` for everything else. The name decides only between kinds of plain text.
    pub fn sniff(bytes: &[u8], name: &str) -> Option<Self> {
        // An OLE container and a ZIP are many things; the part that makes them Word documents is looked for.
        const OLE: &[u8] = &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
        const WORD_STREAM: &[u8] = b"W\0o\0r\0d\0D\0o\0c\0u\0m\0e\0n\0t\0";
        if bytes.starts_with(&[0xFF, 0xD8, 0xFF]) {
            return Some(Self::Jpeg);
        }
        if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
            return Some(Self::Png);
        }
        if bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a") {
            return Some(Self::Gif);
        }
        if bytes.starts_with(b"%PDF-") {
            return Some(Self::Pdf);
        }
        if bytes.starts_with(OLE) {
            return contains(bytes, WORD_STREAM).then_some(Self::Doc);
        }
        if bytes.starts_with(b"PK\x03\x04") {
            return contains(bytes, b"word/document.xml").then_some(Self::Docx);
        }
        let is_csv = name.to_ascii_lowercase().ends_with(".csv");
        let is_text = !bytes.is_empty() && !bytes.iter().any(|b| matches!(b, 0..=8 | 14..=31 | 127));
        // A page that calls itself a table is still a page.
        let is_markup = bytes.trim_ascii_start().starts_with(b"<");
        (is_csv && is_text && !is_markup).then_some(Self::Csv)
    }

    /// Width and height in pixels, of pictures whose header can be read.
    pub fn pixels(self, bytes: &[u8]) -> Option<(u32, u32)> {
        match self {
            Self::Png => {
                let at = |i: usize| Some(u32::from_be_bytes(bytes.get(i..i + 4)?.try_into().ok()?));
                Some((at(16)?, at(20)?))
            }
            Self::Gif => {
                let at = |i: usize| Some(u16::from_le_bytes(bytes.get(i..i + 2)?.try_into().ok()?).into());
                Some((at(6)?, at(8)?))
            }
            Self::Jpeg => jpeg_pixels(bytes),
            _ => None,
        }
    }
}

/// Walk the segments of a JPEG to its frame header.
fn jpeg_pixels(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut at = 2;
    loop {
        if *bytes.get(at)? != 0xFF {
            return None;
        }
        let marker = *bytes.get(at + 1)?;
        match marker {
            0xFF => at += 1, // filling
            0x01 | 0xD0..=0xD8 => at += 2,
            // Frame headers; C4, C8 and CC are tables.
            0xC0..=0xCF if !matches!(marker, 0xC4 | 0xC8 | 0xCC) => {
                let number =
                    |i: usize| Some(u16::from_be_bytes(bytes.get(i..i + 2)?.try_into().ok()?).into());
                return Some((number(at + 7)?, number(at + 5)?));
            }
            _ => at += 2 + usize::from(u16::from_be_bytes(bytes.get(at + 2..at + 4)?.try_into().ok()?)),
        }
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        bytes.extend(width.to_be_bytes());
        bytes.extend(height.to_be_bytes());
        bytes
    }

    #[test]
    fn bytes_decide() {
        let ole = |tail: &[u8]| [&[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1][..], tail].concat();
        for (bytes, name, media) in [
            (vec![0xFF, 0xD8, 0xFF, 0xE0], "a.exe", Some(Media::Jpeg)),
            (png(1, 1), "a", Some(Media::Png)),
            (b"GIF89a\x02\0\x03\0".to_vec(), "a.png", Some(Media::Gif)),
            (b"%PDF-1.7".to_vec(), "a.html", Some(Media::Pdf)),
            (ole(b"..W\0o\0r\0d\0D\0o\0c\0u\0m\0e\0n\0t\0"), "a.doc", Some(Media::Doc)),
            (ole(b"Workbook"), "a.doc", None),
            (b"PK\x03\x04...word/document.xml".to_vec(), "a.docx", Some(Media::Docx)),
            (b"PK\x03\x04...xl/workbook.xml".to_vec(), "a.docx", None),
            ("tên,số\nLan,1\n".as_bytes().to_vec(), "A.CSV", Some(Media::Csv)),
            (b"a,b".to_vec(), "a.txt", None),
            (b"<html><script>".to_vec(), "a.csv", None),
            (b"<svg onload=alert(1)>".to_vec(), "a.svg", None),
            (b"\x7fELF".to_vec(), "a.csv", None),
            (Vec::new(), "a.csv", None),
        ] {
            assert_eq!(Media::sniff(&bytes, name), media, "{name}: {bytes:?}");
        }
    }

    #[test]
    fn pictures_tell_their_size() {
        let jpeg = [
            &[0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 1, 2][..],
            &[0xFF, 0xC4, 0, 3, 9],
            &[0xFF, 0xC2, 0, 11, 8, 0x02, 0x58, 0x03, 0x20],
        ]
        .concat();
        assert_eq!(Media::Png.pixels(&png(640, 480)), Some((640, 480)));
        assert_eq!(Media::Gif.pixels(b"GIF89a\x02\0\x03\0"), Some((2, 3)));
        assert_eq!(Media::Jpeg.pixels(&jpeg), Some((800, 600)));
        for cut in 0..jpeg.len() {
            assert_eq!(Media::Jpeg.pixels(&jpeg[..cut]), None);
        }
    }

    #[test]
    fn nothing_but_pictures_is_shown_inside_a_page() {
        for media in Media::ALL {
            assert_eq!(Media::is_inline(media.media_type()), media.media_type().starts_with("image/"));
        }
        assert!(!Media::is_inline("image/svg+xml"));
    }
}
