//! Matrix products on panels, register-blocked.
//!
//! A matrix `[rows, columns]` is kept as panels of [`PANEL`] columns: `[panel][row][PANEL]`, the last
//! one padded. So every operand streams contiguously, a register block writes whole vectors, and the
//! forward pass, both backward products and their odd edges share one inner loop. Each element is
//! summed in index order whatever the blocking, so a row's bits do not depend on its neighbours.

#![expect(
    unsafe_code,
    reason = "the inner loop indexes through raw pointers; lengths are asserted at entry"
)]

use crate::isa::Kernel;
use crate::lanes::Lanes;

/// Columns of one panel.
pub(crate) const PANEL: usize = 32;

/// Returns how many panels hold `columns`.
pub(crate) const fn panels(columns: usize) -> usize {
    columns.div_ceil(PANEL)
}

/// Returns how many values a matrix takes in panels.
pub(crate) const fn panelled(rows: usize, columns: usize) -> usize {
    panels(columns) * rows * PANEL
}

/// `c[rows, columns] = a[rows, depth] · b[depth, columns] + bias`.
///
/// `a`, `b` and `c` are panelled; `bias` is padded to whole panels. Padding columns of `b` and
/// `bias` must be zero, then those of `c` become zero up to a vector's width.
pub(crate) struct Multiply<'a> {
    pub(crate) a: &'a [f32],
    pub(crate) b: &'a [f32],
    pub(crate) bias: &'a [f32],
    pub(crate) c: &'a mut [f32],
    pub(crate) rows: usize,
    pub(crate) depth: usize,
    pub(crate) columns: usize,
}

impl Kernel for Multiply<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        assert!(
            self.a.len() >= panelled(self.rows, self.depth),
            "a holds rows × depth"
        );
        assert!(
            self.b.len() >= panelled(self.depth, self.columns),
            "b holds depth × columns"
        );
        assert!(
            self.c.len() >= panelled(self.rows, self.columns),
            "c holds rows × columns"
        );
        assert!(
            self.bias.len() >= panels(self.columns) * PANEL,
            "bias holds whole panels"
        );
        for panel in 0..panels(self.columns) {
            let live = (self.columns - panel * PANEL).min(PANEL);
            // SAFETY: the assertions above; every block stays within `rows` and this panel.
            unsafe {
                let operands = Operands::<false> {
                    a: self.a.as_ptr(),
                    a_panel: self.rows * PANEL,
                    b: self.b.as_ptr().add(panel * self.depth * PANEL),
                    depth: self.depth,
                    bias: self.bias.as_ptr().add(panel * PANEL),
                };
                let c = self.c.as_mut_ptr().add(panel * self.rows * PANEL);
                fill::<L, false>(operands, c, self.rows, live);
            }
        }
    }
}

/// `c[outputs, columns] += aᵀ · b` with `a[rows, outputs]` and `b[rows, columns]`: a weight gradient.
///
/// All three are panelled (`c` with `outputs` rows in a panel).
pub(crate) struct AddOuter<'a> {
    pub(crate) a: &'a [f32],
    pub(crate) b: &'a [f32],
    pub(crate) c: &'a mut [f32],
    pub(crate) rows: usize,
    pub(crate) outputs: usize,
    pub(crate) columns: usize,
}

impl Kernel for AddOuter<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        assert!(
            self.a.len() >= panelled(self.rows, self.outputs),
            "a holds rows × outputs"
        );
        assert!(
            self.b.len() >= panelled(self.rows, self.columns),
            "b holds rows × columns"
        );
        assert!(
            self.c.len() >= panelled(self.outputs, self.columns),
            "c holds outputs × columns"
        );
        for panel in 0..panels(self.columns) {
            let live = (self.columns - panel * PANEL).min(PANEL);
            for block in 0..panels(self.outputs) {
                let outputs = (self.outputs - block * PANEL).min(PANEL);
                // SAFETY: the assertions above; a block covers one panel of `a` and of `b`.
                unsafe {
                    let operands = Operands::<true> {
                        a: self.a.as_ptr().add(block * self.rows * PANEL),
                        a_panel: 0,
                        b: self.b.as_ptr().add(panel * self.rows * PANEL),
                        depth: self.rows,
                        bias: std::ptr::null(),
                    };
                    let first = (panel * self.outputs + block * PANEL) * PANEL;
                    let c = self.c.as_mut_ptr().add(first);
                    fill::<L, true>(operands, c, outputs, live);
                }
            }
        }
    }
}

/// What one panel of the result is made of. `OUTER` reads `a` transposed and adds to `c`.
#[derive(Clone, Copy)]
struct Operands<const OUTER: bool> {
    a: *const f32,
    /// Distance between panels of `a`.
    a_panel: usize,
    b: *const f32,
    depth: usize,
    bias: *const f32,
}

impl<const OUTER: bool> Operands<OUTER> {
    /// Distance in `a` between neighbouring rows of the result.
    const ROW: usize = if OUTER { 1 } else { PANEL };
    /// Distance in `a` between neighbouring summands.
    const STEP: usize = if OUTER { PANEL } else { 1 };

    /// Moves to result row `row`.
    #[inline(always)]
    unsafe fn at_row(self, row: usize) -> Self {
        // SAFETY: the caller keeps `row` within the result.
        Self {
            a: unsafe { self.a.add(row * Self::ROW) },
            ..self
        }
    }

    /// Moves to result column `column` of the panel.
    #[inline(always)]
    unsafe fn at_column(self, column: usize) -> Self {
        // `wrapping_add`, because an outer product has no bias.
        // SAFETY: the caller keeps `column` within the panel.
        Self {
            b: unsafe { self.b.add(column) },
            bias: self.bias.wrapping_add(column),
            ..self
        }
    }
}

/// Computes `rows` rows of one panel whose first `live` columns count.
#[inline(always)]
unsafe fn fill<L: Lanes, const OUTER: bool>(
    operands: Operands<OUTER>,
    c: *mut f32,
    rows: usize,
    live: usize,
) {
    let vectors = live.div_ceil(L::WIDTH);
    let mut done = 0;
    // SAFETY: `vectors * WIDTH <= PANEL`, because the width divides a panel; rows stay below `rows`.
    unsafe {
        while done < vectors {
            let operands = operands.at_column(done * L::WIDTH);
            let c = c.add(done * L::WIDTH);
            if vectors - done >= 2 {
                strip::<L, 2, OUTER>(operands, c, rows);
                done += 2;
            } else {
                strip::<L, 1, OUTER>(operands, c, rows);
                done += 1;
            }
        }
    }
}

/// Computes a strip of `rows × VECTORS` vectors by the largest blocks that fit.
#[inline(always)]
unsafe fn strip<L: Lanes, const VECTORS: usize, const OUTER: bool>(
    operands: Operands<OUTER>,
    c: *mut f32,
    rows: usize,
) {
    let mut row = 0;
    macro_rules! blocks {
        ($height:literal) => {
            while rows - row >= $height {
                // SAFETY: `row + $height <= rows`.
                unsafe {
                    block::<L, $height, VECTORS, OUTER>(operands.at_row(row), c.add(row * PANEL));
                }
                row += $height;
            }
        };
    }
    if L::ROWS == 12 {
        blocks!(12);
        blocks!(8);
    } else {
        blocks!(6);
    }
    blocks!(4);
    blocks!(2);
    blocks!(1);
}

/// Computes `HEIGHT × VECTORS` vectors of the result in registers.
#[inline(always)]
unsafe fn block<L: Lanes, const HEIGHT: usize, const VECTORS: usize, const OUTER: bool>(
    operands: Operands<OUTER>,
    c: *mut f32,
) {
    // SAFETY: the callers keep the block within the three matrices.
    unsafe {
        let mut sums = [[L::splat(0.0); VECTORS]; HEIGHT];
        for (row, sums) in sums.iter_mut().enumerate() {
            for (vector, sum) in sums.iter_mut().enumerate() {
                *sum = if OUTER {
                    L::load(c.add(row * PANEL + vector * L::WIDTH))
                } else {
                    L::load(operands.bias.add(vector * L::WIDTH))
                };
            }
        }
        let mut a_panel = operands.a;
        let mut b = operands.b;
        let mut left = operands.depth;
        while left > 0 {
            let steps = if OUTER { left } else { left.min(PANEL) };
            let mut a = a_panel;
            for _ in 0..steps {
                let mut columns = [L::splat(0.0); VECTORS];
                for (vector, column) in columns.iter_mut().enumerate() {
                    *column = L::load(b.add(vector * L::WIDTH));
                }
                for (row, sums) in sums.iter_mut().enumerate() {
                    let factor = L::splat(*a.add(row * Operands::<OUTER>::ROW));
                    for (sum, column) in sums.iter_mut().zip(columns) {
                        *sum = sum.plus_product(factor, column);
                    }
                }
                a = a.add(Operands::<OUTER>::STEP);
                b = b.add(PANEL);
            }
            a_panel = a_panel.wrapping_add(operands.a_panel);
            left -= steps;
        }
        for (row, sums) in sums.iter().enumerate() {
            for (vector, sum) in sums.iter().enumerate() {
                sum.store(c.add(row * PANEL + vector * L::WIDTH));
            }
        }
    }
}
