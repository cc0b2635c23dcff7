//! What is wrong with an uploaded spreadsheet, as a problem.

use loa_kernel::Problem;
use loa_sheet::{Fault, SheetError};

/// `invalid_field` (`file`) with the reason of [`loa_sheet::Fault`], its row and its column.
pub(crate) fn problem(error: SheetError) -> Problem {
    let mut problem = Problem::invalid("file", error.fault.code());
    if let Some(row) = error.row {
        problem = problem.param("row", row);
    }
    if let Some(column) = error.column {
        problem = problem.param("column", column.name);
    }
    match error.fault {
        Fault::TooLarge { max } | Fault::TooManyRows { max } => problem.param("max", max),
        Fault::TooManyColumns { max } | Fault::CellTooLong { max } => problem.param("max", max),
        Fault::DuplicateHeader { name } => problem.param("name", name),
        Fault::Broken { detail } | Fault::Io { detail } => problem.detail(detail),
        _ => problem,
    }
}
