//! The scalers against formulas and bounds written out by hand.

use super::*;
use domain::StreamRng;
use rstest::rstest;

fn matrix(columns: &[Vec<f32>], warmup: usize) -> Matrix {
    let rows = columns[0].len();
    Matrix {
        rows,
        cols: columns.len(),
        data: (0..rows)
            .flat_map(|t| columns.iter().map(move |column| column[t]))
            .collect(),
        warmup,
        names: (0..columns.len())
            .map(|index| format!("c{index}"))
            .collect(),
        bounded: vec![false; columns.len()],
    }
}

fn skewed(rows: usize) -> Vec<f32> {
    let mut rng = StreamRng::seeded(3);
    (0..rows).map(|_| rng.normal().exp() as f32).collect()
}

fn of(kind: ScalerKind) -> ScalerSpec {
    ScalerSpec {
        kind,
        ..ScalerSpec::default()
    }
}

#[rstest]
#[case(ScalerKind::Standard, 1e-6, 0.999, 1.001)]
#[case(ScalerKind::RankNormal, 0.02, 0.97, 1.03)]
#[case(ScalerKind::RankUniform, 0.01, 0.55, 0.60)]
fn a_skewed_column_is_centred_and_sized(
    #[case] kind: ScalerKind,
    #[case] mean_at_most: f64,
    #[case] deviation_from: f64,
    #[case] deviation_to: f64,
) {
    let mut m = matrix(&[skewed(20_000)], 0);
    let spec = ScalerSpec {
        clip: 1e3,
        ..of(kind)
    };
    Scaler::fit(&m, 0..20_000, &spec)
        .unwrap()
        .apply(&mut m)
        .unwrap();
    let (mean, deviation) = moments(&m.data);
    assert!(mean.abs() <= mean_at_most, "{mean}");
    assert!(
        (deviation_from..=deviation_to).contains(&deviation),
        "{deviation}"
    );
}

#[rstest]
#[case(ScalerKind::None)]
#[case(ScalerKind::Standard)]
#[case(ScalerKind::Robust)]
#[case(ScalerKind::RankNormal)]
fn nothing_leaves_the_clip(#[case] kind: ScalerKind) {
    let mut m = matrix(&[skewed(20_000)], 0);
    let scaler = Scaler::fit(
        &m,
        0..10_000,
        &ScalerSpec {
            clip: 1.5,
            ..of(kind)
        },
    )
    .unwrap();
    scaler.apply(&mut m).unwrap();
    assert!(m.data.iter().all(|x| x.abs() <= 1.5) && m.data.contains(&1.5));
}

#[test]
fn robust_is_median_and_interquartile_range() {
    let values: Vec<f32> = (0..101).map(|x| x as f32).collect();
    let m = matrix(&[values], 0);
    let scaler = Scaler::fit(&m, 0..101, &of(ScalerKind::Robust)).unwrap();
    let ColumnScale::Affine { shift, factor } = scaler.columns()[0] else {
        panic!()
    };
    assert!((shift - 50.0).abs() < 1e-12 && (factor - NORMAL_IQR / 50.0).abs() < 1e-12);
}

#[rstest]
#[case(ScalerKind::Standard)]
#[case(ScalerKind::Robust)]
#[case(ScalerKind::RankNormal)]
#[case(ScalerKind::RankUniform)]
fn a_constant_column_becomes_zero(#[case] kind: ScalerKind) {
    let mut m = matrix(&[vec![0.3; 50]], 0);
    Scaler::fit(&m, 0..50, &of(kind))
        .unwrap()
        .apply(&mut m)
        .unwrap();
    assert!(m.data.iter().all(|x| x.abs() < 1e-6), "{:?}", m.data[0]);
}

#[test]
fn a_sparse_column_falls_back_to_its_deviation() {
    let values: Vec<f32> = (0..400)
        .map(|t| if t % 40 == 0 { 100.0 } else { 0.0 })
        .collect();
    let mut m = matrix(&[values], 0);
    Scaler::fit(&m, 0..400, &of(ScalerKind::Robust))
        .unwrap()
        .apply(&mut m)
        .unwrap();
    assert!(m.data[0] > 1.0 && m.data[0] <= 5.0, "{}", m.data[0]);
}

#[test]
fn a_rank_interpolates_and_ties_meet_in_the_middle() {
    assert!((rank(&[0.0, 1.0, 2.0], 0.5) - 0.25).abs() < 1e-12);
    assert!((rank(&[0.0, 1.0, 1.0, 1.0, 2.0], 1.0) - 0.5).abs() < 1e-12);
    assert!(rank(&[0.0, 1.0], -1.0).abs() < 1e-12 && (rank(&[0.0, 1.0], 9.0) - 1.0).abs() < 1e-12);
}

#[test]
fn rows_outside_the_training_window_do_not_matter() {
    let mut column = skewed(300);
    let before = Scaler::fit(
        &matrix(&[column.clone()], 10),
        10..200,
        &of(ScalerKind::Standard),
    );
    column[200..].fill(1e9);
    column[..10].fill(-1e9);
    let after = Scaler::fit(&matrix(&[column], 10), 10..200, &of(ScalerKind::Standard));
    assert_eq!(before, after);
}

#[test]
fn bounded_columns_keep_their_scale() {
    let mut m = matrix(&[vec![0.1, 0.2, 0.3], vec![7.0, 8.0, 9.0]], 0);
    m.bounded[0] = true;
    Scaler::fit(&m, 0..3, &ScalerSpec::default())
        .unwrap()
        .apply(&mut m)
        .unwrap();
    assert_eq!(m.column(0).collect::<Vec<_>>(), [0.1, 0.2, 0.3]);
    assert!(m.column(1).sum::<f32>().abs() < 1e-6);
}

#[test]
fn a_frozen_scaler_survives_saving_bit_for_bit() {
    for kind in [
        ScalerKind::Standard,
        ScalerKind::Robust,
        ScalerKind::RankNormal,
    ] {
        let m = matrix(&[skewed(500)], 0);
        let scaler = Scaler::fit(&m, 0..400, &of(kind)).unwrap();
        let text = serde_json::to_string(&scaler).unwrap();
        assert_eq!(serde_json::from_str::<Scaler>(&text).unwrap(), scaler);
    }
}

#[rstest]
#[case(5..50, 10, 100)]
#[case(10..101, 10, 100)]
#[case(20..21, 10, 100)]
fn unusable_ranges_are_refused(
    #[case] train: Range<usize>,
    #[case] warmup: usize,
    #[case] rows: usize,
) {
    let m = matrix(&[skewed(rows)], warmup);
    let error = Scaler::fit(&m, train, &ScalerSpec::default()).unwrap_err();
    assert!(matches!(error, FeatureError::FitRange { .. }), "{error}");
}

#[test]
fn another_matrix_is_refused_by_name() {
    let m = matrix(&[skewed(50)], 0);
    let scaler = Scaler::fit(&m, 0..50, &ScalerSpec::default()).unwrap();
    let mut other = matrix(&[skewed(50), skewed(50)], 0);
    let message = scaler.apply(&mut other).unwrap_err().to_string();
    assert!(
        message.contains("column 1 is `c1`, the scaler has `(none)`"),
        "{message}"
    );
}

#[test]
fn clip_out_of_range_is_refused() {
    let m = matrix(&[skewed(50)], 0);
    let spec = ScalerSpec {
        clip: 0.0,
        ..ScalerSpec::default()
    };
    assert!(matches!(
        Scaler::fit(&m, 0..50, &spec),
        Err(FeatureError::ScalerSpec { key: "clip", .. })
    ));
}
