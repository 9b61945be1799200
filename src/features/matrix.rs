//! The numbers an agent observes, one row a bar.

/// Features of one instrument, `[rows, cols]` f32, row-major.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    /// Number of rows; row `t` belongs to bar `t` and is known at its close.
    pub rows: usize,
    /// Number of columns.
    pub cols: usize,
    /// `rows * cols` values, all finite. A column is 0 in the rows before its own first value.
    pub data: Vec<f32>,
    /// First row at which every column has a value; earlier rows are not to be used.
    pub warmup: usize,
    /// Name of each column.
    pub names: Vec<String>,
    /// Whether each column is limited by construction.
    pub bounded: Vec<bool>,
}

impl Matrix {
    /// Returns row `t`. `t` lies within `0..rows`.
    #[must_use]
    pub fn row(&self, t: usize) -> &[f32] {
        &self.data[t * self.cols..(t + 1) * self.cols]
    }

    /// Iterates over one column from row 0.
    pub fn column(&self, column: usize) -> impl Iterator<Item = f32> + '_ {
        self.data
            .iter()
            .skip(column)
            .step_by(self.cols.max(1))
            .copied()
    }
}
