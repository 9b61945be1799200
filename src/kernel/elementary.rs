//! `tanh`, `exp` and `ln` in `f32` without branches, so that loops over them vectorise.

#![expect(
    unsafe_code,
    reason = "tanh loads and stores vectors through raw pointers"
)]

use crate::isa::Kernel;
use crate::lanes::Lanes;

/// Cephes' `expf` without its branches; relative error below 3e-7 on `[-87, 88]`, clamped outside.
#[inline(always)]
pub(crate) fn exp<L: Lanes>(x: f32) -> f32 {
    // Adding 1.5 · 2^23 leaves the nearest integer in the low bits.
    const ROUND: f32 = 12_582_912.0;
    let x = x.clamp(-87.0, 88.0);
    let shifted = L::fma(x, std::f32::consts::LOG2_E, ROUND);
    let n = shifted - ROUND;
    let r = L::fma(n, -0.693_359_4, x);
    let r = L::fma(n, 2.121_944_4e-4, r);
    let p = L::fma(r, 1.987_569_2e-4, 1.398_199_9e-3);
    let p = L::fma(r, p, 8.333_452e-3);
    let p = L::fma(r, p, 4.166_579_6e-2);
    let p = L::fma(r, p, 0.166_666_65);
    let p = L::fma(r, p, 0.5);
    let p = L::fma(r * r, p, r) + 1.0;
    let exponent = shifted
        .to_bits()
        .wrapping_sub(ROUND.to_bits())
        .wrapping_add(127)
        << 23;
    p * f32::from_bits(exponent)
}

/// Cephes' `logf` without its branches, for positive normal `x`; relative error below 3e-7.
#[inline(always)]
pub(crate) fn ln<L: Lanes>(x: f32) -> f32 {
    // Splits x into m · 2^e with m in [√½, √2).
    const SQRT_HALF: u32 = 0x3f35_04f3;
    let bits = x.to_bits().wrapping_sub(SQRT_HALF);
    let e = ((bits as i32) >> 23) as f32;
    let m = f32::from_bits((bits & 0x007f_ffff).wrapping_add(SQRT_HALF)) - 1.0;
    let s = m * m;
    let p = L::fma(m, 7.037_683_6e-2, -0.115_146_1);
    let p = L::fma(m, p, 0.116_769_99);
    let p = L::fma(m, p, -0.124_201_41);
    let p = L::fma(m, p, 0.142_493_23);
    let p = L::fma(m, p, -0.166_680_57);
    let p = L::fma(m, p, 0.200_007_15);
    let p = L::fma(m, p, -0.249_999_93);
    let p = L::fma(m, p, 0.333_333_3);
    let tail = L::fma(e, -2.121_944_4e-4, m * s * p);
    let tail = L::fma(s, -0.5, tail);
    L::fma(e, 0.693_359_4, m + tail)
}

/// Replaces every value by its hyperbolic tangent; the length is a multiple of 16.
///
/// Rational minimax approximation of degree 13/6 (Eigen's `ptanh`); absolute error below 5e-7. Most of
/// the learner's time outside matrix products is spent here, hence vectors by hand.
pub(crate) struct Tanh<'a>(pub(crate) &'a mut [f32]);

impl Kernel for Tanh<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        /// Coefficients of `x^13, x^11, …, x`.
        const ODD: [f32; 7] = [
            -2.760_768_5e-16,
            2.000_188e-13,
            -8.604_672e-11,
            5.122_297e-8,
            1.485_722_4e-5,
            6.372_619e-4,
            4.893_525e-3,
        ];
        /// Coefficients of `x^6, x^4, x^2, 1`.
        const EVEN: [f32; 4] = [
            1.198_258_4e-6,
            1.185_347_1e-4,
            2.268_434_6e-3,
            4.893_525_3e-3,
        ];
        /// Beyond this the result rounds to ±1.
        const BOUND: f32 = 7.905_311;
        assert!(self.0.len().is_multiple_of(L::WIDTH), "whole vectors");
        for values in self.0.chunks_exact_mut(L::WIDTH) {
            // SAFETY: the slice holds one vector.
            unsafe {
                let x = L::load(values.as_ptr()).within(L::splat(-BOUND), L::splat(BOUND));
                let square = x.times(x);
                let horner = |from: &[f32]| {
                    let highest = L::splat(from[0]);
                    from[1..].iter().fold(highest, |sum, coefficient| {
                        L::splat(*coefficient).plus_product(sum, square)
                    })
                };
                x.times(horner(&ODD))
                    .over(horner(&EVEN))
                    .store(values.as_mut_ptr());
            }
        }
    }
}

/// Replaces every negative value by zero.
pub(crate) struct Relu<'a>(pub(crate) &'a mut [f32]);

impl Kernel for Relu<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        for value in self.0 {
            // Written so that NaN stays NaN and a diverged network is noticed.
            *value = if *value < 0.0 { 0.0 } else { *value };
        }
    }
}
