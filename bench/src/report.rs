//! The table.

use hdrhistogram::Histogram;

/// One measured number.
pub struct Row {
    /// What was measured, and where.
    pub what: String,
    /// The number with its unit.
    pub result: String,
    /// The floor beside it, with its unit; empty when there is none.
    pub floor: String,
    /// Result to floor, in words; empty when there is no floor.
    pub ratio: String,
    /// The goal, in words.
    pub goal: String,
    /// Was the goal met? `None` when there is none.
    pub met: Option<bool>,
}

impl Row {
    /// How long answers took, against a goal for nearly all of them, without a floor. Also said at once, because whoever
    /// waits for an hour wants to see how far it is.
    pub fn answers(what: String, took: &Histogram<u64>, goal_ms: u64) -> Self {
        let (p50, p95) = (took.value_at_quantile(0.5), took.value_at_quantile(0.95));
        let row = Self {
            what,
            result: format!("p50 {} / p95 {}", ms(p50), ms(p95)),
            floor: String::new(),
            ratio: String::new(),
            goal: format!("p95 under {goal_ms} ms"),
            met: Some(p95 < goal_ms * 1_000),
        };
        #[expect(clippy::print_stderr, reason = "the table comes at the end")]
        {
            eprintln!("{}: {}", row.what, row.result);
        }
        row
    }
}

/// All rows as a Markdown table.
pub fn table(rows: &[Row]) -> String {
    let mut out = String::from("| What | Result | Floor | Ratio | Goal | Met |\n|---|---|---|---|---|---|\n");
    for r in rows {
        let met = match r.met {
            Some(true) => "yes",
            Some(false) => "**no**",
            None => "",
        };
        out += &format!("| {} | {} | {} | {} | {} | {met} |\n", r.what, r.result, r.floor, r.ratio, r.goal);
    }
    out
}

/// 12345.6 as "12,346".
pub fn thousands(n: f64) -> String {
    let digits = format!("{n:.0}");
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// Microseconds as milliseconds with one digit.
pub fn ms(us: u64) -> String {
    format!("{:.1} ms", us as f64 / 1000.0)
}
