//! The size of a moving picture: the platform wants it with the send (platform reference §3.3).

/// Width and height in pixels from the header of a GIF; `None` when it is no GIF or has no size.
pub(super) fn size(bytes: &[u8]) -> Option<(i64, i64)> {
    if !(bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a")) {
        return None;
    }
    let side = |at: usize| Some(i64::from(u16::from_le_bytes([*bytes.get(at)?, *bytes.get(at + 1)?])));
    let (width, height) = (side(6)?, side(8)?);
    (width > 0 && height > 0).then_some((width, height))
}

#[cfg(test)]
mod tests {
    #[test]
    fn header() {
        for (bytes, want) in [
            (&b"GIF89a\x2c\x01\xc8\x00..."[..], Some((300, 200))),
            (b"GIF87a\x01\x00\x01\x00", Some((1, 1))),
            (b"GIF89a\x00\x00\x01\x00", None),
            (b"GIF89a\x01", None),
            (b"\x89PNG\r\n", None),
            (b"", None),
        ] {
            assert_eq!(super::size(bytes), want, "{bytes:?}");
        }
    }
}
