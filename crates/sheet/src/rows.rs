//! What both formats have in common: the header, the limits, and the rows that are told.

use std::ops::ControlFlow;

use crate::{Cells, Column, Fault, Mark, Options, Row, SheetError};

/// Takes rows one after the other and tells those that are wanted.
pub(crate) struct Rows<'a> {
    options: &'a Options,
    header: Option<Vec<String>>,
    /// Rows up to here were told before.
    from: Mark,
    taken: u64,
    each: &'a mut dyn FnMut(Row) -> ControlFlow<()>,
}

/// What becomes of a row.
pub(crate) enum Next {
    /// More, please.
    On,
    /// The header was taken; a reader that can goes to its mark now.
    Header,
    /// Enough.
    Stop(Mark),
}

impl<'a> Rows<'a> {
    pub(crate) fn new(
        options: &'a Options,
        from: Option<Mark>,
        each: &'a mut dyn FnMut(Row) -> ControlFlow<()>,
    ) -> Self {
        Self { options, header: None, from: from.unwrap_or_default(), taken: 0, each }
    }

    pub(crate) fn has_header(&self) -> bool {
        self.header.is_some()
    }

    /// How many cells a row has at least; 0 where nobody says.
    pub(crate) fn width(&self) -> usize {
        self.header.as_ref().map_or(0, Vec::len)
    }

    /// Those up to the mark are behind us.
    pub(crate) fn resume(&mut self) {
        self.taken = self.from.taken;
    }

    pub(crate) fn column(&self, index: usize) -> Column {
        Column::new(index, self.header.as_deref())
    }

    /// Take the row with this number; `byte` lies behind it.
    pub(crate) fn take(&mut self, number: u64, mut cells: Cells, byte: u64) -> Result<Next, SheetError> {
        // A spreadsheet shows no end of a row: what is blank at its end is not there.
        let width = cells.texts.iter().rposition(|text| !text.trim().is_empty()).map_or(0, |last| last + 1);
        if width == 0 {
            return Ok(Next::On);
        }
        let limits = &self.options.limits;
        if width > limits.columns {
            return Err(Fault::TooManyColumns { max: limits.columns }.at(number, None));
        }
        if self.options.header && self.header.is_none() {
            cells.texts.truncate(width);
            self.header = Some(checked(cells.texts, number, limits.cell_chars)?);
            return Ok(Next::Header);
        }
        self.taken += 1;
        if self.taken > limits.rows {
            return Err(Fault::TooManyRows { max: limits.rows }.at(number, None));
        }
        if number <= self.from.row {
            return Ok(Next::On);
        }
        let next = Mark { row: number, taken: self.taken, byte };
        let row = Row { number, cells: self.fit(number, width, cells), next };
        Ok(if (self.each)(row).is_break() { Next::Stop(next) } else { Next::On })
    }

    fn fit(&self, number: u64, width: usize, mut cells: Cells) -> Result<Cells, SheetError> {
        let max = self.options.limits.cell_chars;
        if let Some(index) = cells.texts.iter().position(|text| is_longer(text, max)) {
            return Err(Fault::CellTooLong { max }.at(number, Some(self.column(index))));
        }
        let Some(header) = &self.header else {
            cells.texts.truncate(width);
            return Ok(cells);
        };
        if width > header.len() || cells.texts.len() < header.len() {
            let found = if width > header.len() { width } else { cells.texts.len() };
            let column = self.column(found.min(header.len()));
            return Err(Fault::Ragged { expected: header.len(), found }.at(number, Some(column)));
        }
        cells.texts.truncate(header.len());
        Ok(cells)
    }

    /// No more rows; `read_all` says whether because there are none.
    pub(crate) fn end(self, read_all: bool) -> Result<Vec<String>, SheetError> {
        if read_all && self.taken == 0 {
            return Err(match self.header {
                Some(header) => Fault::HeaderOnly { header }.into(),
                None => Fault::Empty.into(),
            });
        }
        Ok(self.header.unwrap_or_default())
    }
}

/// Is it longer than so many characters? Long ones are not counted to their end.
pub(crate) fn is_longer(text: &str, max: usize) -> bool {
    text.len() > max && text.chars().nth(max).is_some()
}

fn checked(names: Vec<String>, row: u64, max: usize) -> Result<Vec<String>, SheetError> {
    let names: Vec<String> = names.iter().map(|name| name.trim().to_owned()).collect();
    for (index, name) in names.iter().enumerate() {
        let fault = if name.is_empty() {
            Fault::EmptyHeader
        } else if is_longer(name, max) {
            Fault::CellTooLong { max }
        } else if names[..index].iter().any(|other| other.to_lowercase() == name.to_lowercase()) {
            Fault::DuplicateHeader { name: name.clone() }
        } else {
            continue;
        };
        // A column is told by its letters while names are what is wrong.
        return Err(fault.at(row, Some(Column::new(index, None))));
    }
    Ok(names)
}
