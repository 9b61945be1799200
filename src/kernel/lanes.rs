//! One vector register of `f32`, in three kinds: AVX-512, AVX2 and plain arrays.

#![expect(
    unsafe_code,
    reason = "vector loads and stores go through raw pointers"
)]

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{
    __m256, __m512, _CMP_GT_OQ, _mm256_and_ps, _mm256_cmp_ps, _mm256_div_ps, _mm256_fmadd_ps,
    _mm256_fnmadd_ps, _mm256_loadu_ps, _mm256_max_ps, _mm256_min_ps, _mm256_mul_ps, _mm256_set1_ps,
    _mm256_setzero_ps, _mm256_storeu_ps, _mm512_cmp_ps_mask, _mm512_fmadd_ps, _mm512_fnmadd_ps,
    _mm512_loadu_ps, _mm512_maskz_mov_ps, _mm512_max_ps, _mm512_min_ps, _mm512_mul_ps,
    _mm512_rcp14_ps, _mm512_set1_ps, _mm512_setzero_ps, _mm512_storeu_ps,
};

/// A vector register.
///
/// # Safety
/// The methods may only run where the kind's instruction set was detected, and only inside functions
/// that [`crate::isa::Isa::run`] calls; pointers must be valid for [`Lanes::WIDTH`] values.
pub(crate) trait Lanes: Copy {
    /// Values in one register.
    const WIDTH: usize;
    /// Rows of the largest register block: as many as leave registers for the operands.
    const ROWS: usize;
    /// Whether `a * b + c` rounds once.
    const FUSED: bool;

    /// Loads `WIDTH` values.
    unsafe fn load(from: *const f32) -> Self;
    /// Repeats one value.
    unsafe fn splat(value: f32) -> Self;
    /// Stores `WIDTH` values.
    unsafe fn store(self, to: *mut f32);
    /// Returns `a * b + self`.
    unsafe fn plus_product(self, a: Self, b: Self) -> Self;
    /// Returns `self - a * b`.
    unsafe fn minus_product(self, a: Self, b: Self) -> Self;
    /// Returns `self` where `sign` is positive and 0 elsewhere.
    unsafe fn where_positive(self, sign: Self) -> Self;
    /// Returns `self * b`.
    unsafe fn times(self, b: Self) -> Self;
    /// Returns `self / b` within two units in the last place, for `b` far from overflow.
    unsafe fn over(self, b: Self) -> Self;
    /// Returns the values within `low..=high`; NaN stays NaN.
    unsafe fn within(self, low: Self, high: Self) -> Self;

    /// Returns `a * b + c`, rounded as the vectors do it.
    #[inline(always)]
    fn fma(a: f32, b: f32, c: f32) -> f32 {
        if Self::FUSED {
            a.mul_add(b, c)
        } else {
            a * b + c
        }
    }
}

#[cfg(target_arch = "x86_64")]
impl Lanes for __m512 {
    const WIDTH: usize = 16;
    const ROWS: usize = 12;
    const FUSED: bool = true;

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the trait's contract.
        unsafe { _mm512_loadu_ps(from) }
    }

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        // SAFETY: the trait's contract.
        unsafe { _mm512_set1_ps(value) }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: the trait's contract.
        unsafe { _mm512_storeu_ps(to, self) }
    }

    #[inline(always)]
    unsafe fn plus_product(self, a: Self, b: Self) -> Self {
        // SAFETY: the trait's contract.
        unsafe { _mm512_fmadd_ps(a, b, self) }
    }

    #[inline(always)]
    unsafe fn minus_product(self, a: Self, b: Self) -> Self {
        // SAFETY: the trait's contract.
        unsafe { _mm512_fnmadd_ps(a, b, self) }
    }

    #[inline(always)]
    unsafe fn where_positive(self, sign: Self) -> Self {
        // SAFETY: the trait's contract.
        unsafe {
            let positive = _mm512_cmp_ps_mask::<_CMP_GT_OQ>(sign, _mm512_setzero_ps());
            _mm512_maskz_mov_ps(positive, self)
        }
    }

    #[inline(always)]
    unsafe fn times(self, b: Self) -> Self {
        // SAFETY: the trait's contract.
        unsafe { _mm512_mul_ps(self, b) }
    }

    #[inline(always)]
    unsafe fn over(self, b: Self) -> Self {
        // A division takes as long as 17 multiplications; one Newton step on the 14-bit reciprocal
        // gives the same to 2^-23.
        // SAFETY: the trait's contract.
        unsafe {
            let guess = _mm512_rcp14_ps(b);
            let correction = _mm512_fnmadd_ps(b, guess, _mm512_set1_ps(2.0));
            _mm512_mul_ps(self, _mm512_mul_ps(guess, correction))
        }
    }

    #[inline(always)]
    unsafe fn within(self, low: Self, high: Self) -> Self {
        // Minimum and maximum return their second operand if one is NaN.
        // SAFETY: the trait's contract.
        unsafe { _mm512_min_ps(high, _mm512_max_ps(low, self)) }
    }
}

#[cfg(target_arch = "x86_64")]
impl Lanes for __m256 {
    const WIDTH: usize = 8;
    const ROWS: usize = 6;
    const FUSED: bool = true;

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the trait's contract.
        unsafe { _mm256_loadu_ps(from) }
    }

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        // SAFETY: the trait's contract.
        unsafe { _mm256_set1_ps(value) }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: the trait's contract.
        unsafe { _mm256_storeu_ps(to, self) }
    }

    #[inline(always)]
    unsafe fn plus_product(self, a: Self, b: Self) -> Self {
        // SAFETY: the trait's contract.
        unsafe { _mm256_fmadd_ps(a, b, self) }
    }

    #[inline(always)]
    unsafe fn minus_product(self, a: Self, b: Self) -> Self {
        // SAFETY: the trait's contract.
        unsafe { _mm256_fnmadd_ps(a, b, self) }
    }

    #[inline(always)]
    unsafe fn where_positive(self, sign: Self) -> Self {
        // SAFETY: the trait's contract.
        unsafe {
            let positive = _mm256_cmp_ps::<_CMP_GT_OQ>(sign, _mm256_setzero_ps());
            _mm256_and_ps(positive, self)
        }
    }

    #[inline(always)]
    unsafe fn times(self, b: Self) -> Self {
        // SAFETY: the trait's contract.
        unsafe { _mm256_mul_ps(self, b) }
    }

    #[inline(always)]
    unsafe fn over(self, b: Self) -> Self {
        // SAFETY: the trait's contract.
        unsafe { _mm256_div_ps(self, b) }
    }

    #[inline(always)]
    unsafe fn within(self, low: Self, high: Self) -> Self {
        // Minimum and maximum return their second operand if one is NaN.
        // SAFETY: the trait's contract.
        unsafe { _mm256_min_ps(high, _mm256_max_ps(low, self)) }
    }
}

/// Four values in an array: one SSE or NEON register after compilation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quad([f32; 4]);

impl Lanes for Quad {
    const WIDTH: usize = 4;
    const ROWS: usize = 6;
    const FUSED: bool = false;

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller vouches for four readable values; no alignment is assumed.
        Self(unsafe { from.cast::<[f32; 4]>().read_unaligned() })
    }

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        Self([value; 4])
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller vouches for four writable values; no alignment is assumed.
        unsafe { to.cast::<[f32; 4]>().write_unaligned(self.0) }
    }

    #[inline(always)]
    unsafe fn plus_product(self, a: Self, b: Self) -> Self {
        Self(std::array::from_fn(|lane| {
            a.0[lane] * b.0[lane] + self.0[lane]
        }))
    }

    #[inline(always)]
    unsafe fn minus_product(self, a: Self, b: Self) -> Self {
        Self(std::array::from_fn(|lane| {
            self.0[lane] - a.0[lane] * b.0[lane]
        }))
    }

    #[inline(always)]
    unsafe fn where_positive(self, sign: Self) -> Self {
        let keep = |lane: usize| {
            if sign.0[lane] > 0.0 {
                self.0[lane]
            } else {
                0.0
            }
        };
        Self(std::array::from_fn(keep))
    }

    #[inline(always)]
    unsafe fn times(self, b: Self) -> Self {
        Self(std::array::from_fn(|lane| self.0[lane] * b.0[lane]))
    }

    #[inline(always)]
    unsafe fn over(self, b: Self) -> Self {
        Self(std::array::from_fn(|lane| self.0[lane] / b.0[lane]))
    }

    #[inline(always)]
    unsafe fn within(self, low: Self, high: Self) -> Self {
        Self(std::array::from_fn(|lane| {
            self.0[lane].clamp(low.0[lane], high.0[lane])
        }))
    }
}
