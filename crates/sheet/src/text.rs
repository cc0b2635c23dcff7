//! Bytes of a text file as UTF-8.
//!
//! UTF-8 with or without a byte order mark goes through as it is and is checked where a cell is known, so that an error has
//! a place. UTF-16 (only with its mark) is turned into UTF-8; what is broken in it becomes a byte that is in no UTF-8, and
//! so an error with a place as well.

use std::io::{self, Read, Seek, SeekFrom};

/// In no UTF-8 text.
const BROKEN: u8 = 0xFF;
/// Read at once.
const PIECE: usize = 64 * 1024;

/// How the text of a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// UTF-8 after so many bytes of mark.
    Utf8 { mark: u64 },
    /// UTF-16 after its mark.
    Utf16 { big_endian: bool },
}

impl Encoding {
    pub(crate) fn of(source: &mut (impl Read + Seek)) -> io::Result<Self> {
        source.rewind()?;
        let mut beginning = [0; 3];
        let got = fill(source, &mut beginning)?;
        Ok(match &beginning[..got] {
            [0xEF, 0xBB, 0xBF] => Self::Utf8 { mark: 3 },
            [0xFF, 0xFE, ..] => Self::Utf16 { big_endian: false },
            [0xFE, 0xFF, ..] => Self::Utf16 { big_endian: true },
            _ => Self::Utf8 { mark: 0 },
        })
    }
}

/// As many bytes as there are, up to the length of `into`.
pub(crate) fn fill(source: &mut impl Read, into: &mut [u8]) -> io::Result<usize> {
    let mut got = 0;
    while got < into.len() {
        match source.read(&mut into[got..]) {
            Ok(0) => break,
            Ok(n) => got += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(got)
}

/// A text as UTF-8, with one line end more than it has, so that its last row ends like all others.
pub(crate) struct Text<'a, S> {
    source: &'a mut S,
    encoding: Encoding,
    /// Decoded and not yet given.
    ready: Vec<u8>,
    given: usize,
    /// Given since it began.
    told: u64,
    /// Half a unit, or the first half of a pair.
    rest: Vec<u8>,
    line_end: u8,
    /// The line end was added.
    ended: bool,
    /// Quotation marks at the end, line ends behind them not counted.
    quotes: usize,
    after_line: bool,
}

impl<'a, S: Read + Seek> Text<'a, S> {
    /// From so many bytes of UTF-8 on.
    pub(crate) fn at(source: &'a mut S, encoding: Encoding, byte: u64, line_end: u8) -> io::Result<Self> {
        let start = match encoding {
            Encoding::Utf8 { mark } => mark + byte,
            Encoding::Utf16 { .. } => 2,
        };
        source.seek(SeekFrom::Start(start))?;
        let mut text = Self {
            source,
            encoding,
            ready: Vec::new(),
            given: 0,
            told: 0,
            rest: Vec::new(),
            line_end,
            ended: false,
            quotes: 0,
            after_line: false,
        };
        if let Encoding::Utf16 { .. } = encoding {
            io::copy(&mut (&mut text).take(byte), &mut io::sink())?;
            text.told = 0;
        }
        Ok(text)
    }

    /// How many bytes the text has from where it began; `None` while there are more.
    pub(crate) fn length(&self) -> Option<u64> {
        (self.ended && self.given == self.ready.len()).then_some(self.told)
    }

    /// Does the text end with a quotation mark that closes a cell?
    pub(crate) fn ends_quoted(&self) -> bool {
        self.quotes % 2 == 1
    }

    fn more(&mut self) -> io::Result<()> {
        self.ready.resize(PIECE, 0);
        self.given = 0;
        let got = fill(self.source, &mut self.ready)?;
        self.ready.truncate(got);
        if let Encoding::Utf16 { big_endian } = self.encoding {
            let mut raw = std::mem::take(&mut self.rest);
            raw.append(&mut self.ready);
            self.decode(&raw, big_endian, got == 0);
        }
        self.watch();
        if got == 0 && !self.ended {
            self.ended = true;
            self.ready.push(self.line_end);
        }
        Ok(())
    }

    fn decode(&mut self, raw: &[u8], big_endian: bool, is_last: bool) {
        let unit = |pair: &[u8]| match big_endian {
            true => u16::from_be_bytes([pair[0], pair[1]]),
            false => u16::from_le_bytes([pair[0], pair[1]]),
        };
        let mut whole = raw.len() / 2 * 2;
        let opens = |unit: u16| (0xD800..0xDC00).contains(&unit);
        if !is_last && whole >= 2 && opens(unit(&raw[whole - 2..whole])) {
            whole -= 2;
        }
        let units = raw[..whole].chunks_exact(2).map(unit);
        let mut letter = [0; 4];
        for decoded in char::decode_utf16(units) {
            match decoded {
                Ok(c) => self.ready.extend_from_slice(c.encode_utf8(&mut letter).as_bytes()),
                Err(_) => self.ready.push(BROKEN),
            }
        }
        self.rest = raw[whole..].to_vec();
        if is_last && !self.rest.is_empty() {
            self.rest.clear();
            self.ready.push(BROKEN);
        }
    }

    fn watch(&mut self) {
        let is_tail = |b: &u8| matches!(b, b'"' | b'\r' | b'\n');
        let from = self.ready.iter().rposition(|b| !is_tail(b)).map_or(0, |last| {
            (self.quotes, self.after_line) = (0, false);
            last + 1
        });
        for b in &self.ready[from..] {
            if *b != b'"' {
                self.after_line = true;
            } else if std::mem::take(&mut self.after_line) {
                self.quotes = 1;
            } else {
                self.quotes += 1;
            }
        }
    }
}

impl<S: Read + Seek> Read for Text<'_, S> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.given == self.ready.len() {
            if self.ended {
                return Ok(0);
            }
            self.more()?;
            // A piece of UTF-16 may be less than one letter.
            while self.ready.is_empty() && !self.ended {
                self.more()?;
            }
        }
        let n = into.len().min(self.ready.len() - self.given);
        into[..n].copy_from_slice(&self.ready[self.given..self.given + n]);
        self.given += n;
        self.told += n as u64;
        Ok(n)
    }
}
